import { randomUUID } from 'node:crypto'
import { KafkaError, type Producer, type Transaction } from '@linger/producer'
import { describe, expect, onTestFinished, test } from 'vitest'
import { JavaProducer } from '../java-producer.ts'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

const FENCED = { fatal: true, code: 'PRODUCER_FENCED' }

/** What becomes of a producer when another one takes its transactional id. */
export function fencing(site: TransactionSite): void {
  describe('a producer whose transactionalId was taken', () => {
    const firstCalls: Record<string, (old: Transaction, topic: string) => Promise<unknown>> = {
      'send to a new partition': async (old, topic) => old.send({ topic, partition: 1, value: 'late' }),
      'send to the same partition': async (old, topic) => old.send({ topic, partition: 0, value: 'late' }),
      sendOffsets: async (old, topic) => old.sendOffsets([{ topic, partition: 0, offset: 1 }], { groupId: 'g' }),
      commit: async (old) => old.commit(),
      abort: async (old) => old.abort(),
    }

    test.each(Object.entries(firstCalls))('%s: it fails, and everything after it is fatal', async (_, firstCall) => {
      const topic = await site.newTopic(2)
      const transactionalId = `id-${randomUUID()}`
      const [old, taker] = [site.newProducer({ transactionalId }), site.newProducer({ transactionalId })]
      await old.initTransactions()
      const open = old.beginTransaction()
      await open.send({ topic, partition: 0, value: 'old' })

      await taker.initTransactions()
      const failure: unknown = await firstCall(open, topic).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (!(failure instanceof KafkaError)) throw new Error('it did not fail', { cause: failure })
      // A leader only says that the epoch is an old one; the coordinator, whom the abort asks, knows that it was taken.
      if (!failure.fatal) await expect(open.abort()).rejects.toMatchObject(FENCED)
      for (const call of laterCalls(old, topic)) await expect(call()).rejects.toMatchObject({ fatal: true })

      await taker.transaction(async (tx) => tx.send({ topic, partition: 0, value: 'taker' }))
      expect(await committedOnceDone(site, topic)).toEqual(['taker'])
    })

    test('between two transactions: the next one fails, fatal, and the old records stay committed', async () => {
      const topic = await site.newTopic()
      const transactionalId = `id-${randomUUID()}`
      const [old, taker] = [site.newProducer({ transactionalId }), site.newProducer({ transactionalId })]
      await old.transaction(async (tx) => tx.send({ topic, value: 'old' }))
      await taker.transaction(async (tx) => tx.send({ topic, value: 'taker' }))
      const late = old.transaction(async (tx) => tx.send({ topic, value: 'late' }))
      await expect(late).rejects.toMatchObject(FENCED)
      await taker.transaction(async (tx) => tx.send({ topic, value: 'taker again' }))
      expect(await committedOnceDone(site, topic)).toEqual(['old', 'taker', 'taker again'])
    })

    test('by Java’s producer, and the other way round', async () => {
      const topic = await site.newTopic()
      const transactionalId = `id-${randomUUID()}`
      const ours = site.newProducer({ transactionalId })
      await ours.initTransactions()
      const open = ours.beginTransaction()
      await open.send({ topic, value: 'ours, never committed' })

      const java = await JavaProducer.start(site.bootstrapServers)
      onTestFinished(async () => java.stop())
      await java.renew(transactionalId, 60_000)
      for (const command of ['init', 'begin', `send ${topic} 0 java`, 'commit']) await java.tell(command)
      await expect(open.commit()).rejects.toMatchObject(FENCED)

      const again = site.newProducer({ transactionalId })
      await again.transaction(async (tx) => tx.send({ topic, value: 'ours again' }))
      await java.tell('begin')
      await expect(java.tell(`send ${topic} 0 late`)).rejects.toThrow(/(ProducerFenced|InvalidProducerEpoch)Exception/u)
      await expect(java.tell('abort')).rejects.toThrow('ProducerFencedException')
      expect(await committedOnceDone(site, topic)).toEqual(['java', 'ours again'])
    })
  })
}

function laterCalls(old: Producer, topic: string): (() => Promise<unknown>)[] {
  return [
    async () => old.send({ topic, partition: 0, value: 'later' }),
    async () => old.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1 }], { groupId: 'g' }),
    async () => old.commitTransaction(),
    async () => old.abortTransaction(),
    async () => old.beginTransaction(),
    async () => old.transaction(async (tx) => tx.send({ topic, partition: 0, value: 'later' })),
    async () => old.initTransactions(),
  ]
}
