import { Producer } from '@linger/producer'
import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

const INVALID_CALL = { code: 'INVALID_TRANSACTION_CALL', outcome: 'never', fatal: false }

/** Calls at the wrong time are refused, and what they were made beside goes on. */
export function wrongOrder(site: TransactionSite): void {
  describe('a call at the wrong time', () => {
    test('before initTransactions, or before begin, is refused', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(INVALID_CALL))
      await producer.initTransactions()
      const outside = [
        producer.send({ topic, value: 'outside' }),
        producer.sendOffsetsToTransaction([{ topic, partition: 0, offset: 1 }], { groupId: 'g' }),
        producer.commitTransaction(),
        producer.abortTransaction(),
      ]
      for (const call of outside) await expect(call).rejects.toMatchObject(INVALID_CALL)

      await producer.transaction(async (tx) => tx.send({ topic, value: 'inside' }))
      expect(await committedOnceDone(site, topic)).toEqual(['inside'])
    })

    test('while another transaction is under way is refused, and that one goes on', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.transaction(async (tx) => {
        await tx.send({ topic, value: 'one' })
        await expect(producer.transaction(() => {})).rejects.toMatchObject(INVALID_CALL)
        expect(() => producer.beginTransaction()).toThrow(expect.objectContaining(INVALID_CALL))
        await expect(producer.send({ topic, value: 'beside' })).rejects.toMatchObject(INVALID_CALL)
        await tx.send({ topic, value: 'two' })
      })
      expect(await committedOnceDone(site, topic)).toEqual(['one', 'two'])
    })

    test('after the end of its transaction is refused', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.initTransactions()
      const ended = producer.beginTransaction()
      await ended.commit()
      const open = producer.beginTransaction()
      await open.send({ topic, value: 'open' })
      await expect(ended.send({ topic, value: 'ended' })).rejects.toMatchObject(INVALID_CALL)
      await expect(ended.commit()).rejects.toMatchObject(INVALID_CALL)
      await open.commit()
      await expect(open.commit()).rejects.toMatchObject(INVALID_CALL)
      expect(await committedOnceDone(site, topic)).toEqual(['open'])
    })

    test('of a producer without a transactionalId is refused', async () => {
      await using producer = new Producer({ bootstrapServers: site.bootstrapServers })
      await expect(producer.initTransactions()).rejects.toMatchObject(INVALID_CALL)
      await expect(producer.transaction(() => {})).rejects.toMatchObject(INVALID_CALL)
    })
  })
}
