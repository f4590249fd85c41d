import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** The transaction after it must be done within this time too, on a machine that is busy. */
const TRANSACTION_TIMEOUT_MS = 3_000

/**
 * The broker aborts a transaction that takes longer than transactionTimeoutMs. With transactions v2 its producer can go
 * on after that; before v2 it cannot be told from one that was fenced, as Java's producer cannot.
 */
export function brokerTimeout(site: TransactionSite): void {
  const mayGoOn = site.transactionVersion === 2

  describe('a transaction that its broker has aborted for its age', () => {
    test('is not committed, whatever its producer believes', async () => {
      const { topic, transactionalId } = await timedOutTransaction()
      const producer = site.newProducer({ transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS })
      await producer.initTransactions()
      const open = producer.beginTransaction()
      await open.send({ topic, value: 'too late' })
      await untilAborted(transactionalId)
      await expect(open.commit()).rejects.toMatchObject({ outcome: 'never', fatal: !mayGoOn })
      await goesOn(producer, topic)
    })

    test('takes no more records', async () => {
      const { topic, transactionalId } = await timedOutTransaction()
      const producer = site.newProducer({ transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS })
      const late = producer.transaction(async (tx) => {
        await tx.send({ topic, value: 'too late' })
        await untilAborted(transactionalId)
        await tx.send({ topic, value: 'much too late' })
      })
      await expect(late).rejects.toMatchObject({ fatal: !mayGoOn })
      await goesOn(producer, topic)
    })

    test('can be aborted', async () => {
      const { topic, transactionalId } = await timedOutTransaction()
      const producer = site.newProducer({ transactionalId, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS })
      await producer.initTransactions()
      const open = producer.beginTransaction()
      await open.send({ topic, value: 'too late' })
      await untilAborted(transactionalId)
      if (mayGoOn) await open.abort()
      else await expect(open.abort()).rejects.toMatchObject({ code: 'PRODUCER_FENCED', fatal: true })
      await goesOn(producer, topic)
    })
  })

  async function timedOutTransaction(): Promise<{ topic: string; transactionalId: string }> {
    return { topic: await site.newTopic(), transactionalId: `id-${randomUUID()}` }
  }

  async function untilAborted(transactionalId: string): Promise<void> {
    const state = async (): Promise<string> => (await site.witness.transaction(transactionalId)).state
    await expect.poll(state, { timeout: 30_000, interval: 50 }).toBe('CompleteAbort')
  }

  /** The same producer where it may, a new one where it may not. */
  async function goesOn(producer: ReturnType<TransactionSite['newProducer']>, topic: string): Promise<void> {
    const next = mayGoOn ? producer : site.newProducer()
    await next.transaction(async (tx) => tx.send({ topic, value: 'next' }))
    expect(await committedOnceDone(site, topic)).toEqual(['next'])
    expect(await site.witness.values(topic, 'read_uncommitted')).toEqual(['too late', 'next'])
  }
}
