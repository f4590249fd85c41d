import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** Who sees what of a transaction's records, before and after its end. */
export function visibility(site: TransactionSite): void {
  describe('visibility', () => {
    test('records are seen together at the commit, and not before', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.transaction(async (tx) => {
        await tx.send({ topic, value: 'one' })
        await tx.send({ topic, value: 'two' })
        expect(await site.witness.values(topic, 'read_committed')).toEqual([])
        expect(await site.witness.values(topic, 'read_uncommitted')).toEqual(['one', 'two'])
      })
      expect(await committedOnceDone(site, topic)).toEqual(['one', 'two'])
    })

    test('records of an aborted transaction are seen by uncommitted readers only, and the next one goes on', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      const why = new Error('changed my mind')
      const aborted = producer.transaction(async (tx) => {
        await tx.send({ topic, value: 'aborted' })
        throw why
      })
      await expect(aborted).rejects.toBe(why)
      const answer = await producer.transaction(async (tx) => {
        await tx.send({ topic, value: 'committed' })
        return 42
      })
      expect(answer).toBe(42)
      expect(await committedOnceDone(site, topic)).toEqual(['committed'])
      expect(await site.witness.values(topic, 'read_uncommitted')).toEqual(['aborted', 'committed'])
    })

    test('several topics and partitions are committed or aborted as one', async () => {
      const topics = [await site.newTopic(2), await site.newTopic(2), await site.newTopic(2)]
      const producer = site.newProducer()
      await producer.initTransactions()
      for (const end of ['abort', 'commit'] as const) {
        const tx = producer.beginTransaction()
        const records = topics.flatMap((topic) => [0, 1].map((partition) => ({ topic, partition, value: end })))
        await tx.sendAll(records)
        await tx[end]()
      }
      for (const topic of topics) expect(await committedOnceDone(site, topic)).toEqual(['commit', 'commit'])
    })

    test('what commit does not wait for by itself it waits for: sends without await, lingering batches', async () => {
      const topic = await site.newTopic(3)
      const producer = site.newProducer({ lingerMs: 600_000 })
      await producer.transaction((tx) => {
        for (let index = 0; index < 300; index++) tx.produce({ topic, partition: index % 3, value: `${index}` })
      })
      expect(await committedOnceDone(site, topic)).toHaveLength(300)
    })
  })
}
