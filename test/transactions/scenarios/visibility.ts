import { describe, expect, test } from 'vitest'
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

    test('transactions one after another alternate between commit and abort', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.initTransactions()
      for (let n = 0; n < 20; n++) {
        await using tx = producer.beginTransaction()
        await tx.send({ topic, value: `${n}` })
        if (n % 2 === 0) await tx.commit()
      }
      const even = Array.from({ length: 10 }, (_, index) => `${index * 2}`)
      expect(await committedOnceDone(site, topic)).toEqual(even)
      expect(await site.witness.values(topic, 'read_uncommitted')).toHaveLength(20)
    })

    test('an empty transaction may be committed or aborted, and changes nothing', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.transaction(() => {})
      await expect(producer.transaction(() => Promise.reject(new Error('empty')))).rejects.toThrow('empty')
      await producer.transaction(async (tx) => tx.send({ topic, value: 'after' }))
      expect(await committedOnceDone(site, topic)).toEqual(['after'])
    })

    test('a closed producer aborts what it left open', async () => {
      const topic = await site.newTopic()
      const producer = site.newProducer()
      await producer.initTransactions()
      await producer.beginTransaction().send({ topic, value: 'left open' })
      await producer.close()
      expect(await committedOnceDone(site, topic)).toEqual([])
    })
  })
}

/** What committed readers see once no transaction is open. The markers of the last one are written after its answer. */
export async function committedOnceDone(site: TransactionSite, topic: string): Promise<string[]> {
  await expect.poll(async () => hasOpenTransaction(site, topic), { timeout: 20_000, interval: 20 }).toBe(false)
  return site.witness.values(topic, 'read_committed')
}

async function hasOpenTransaction(site: TransactionSite, topic: string): Promise<boolean> {
  const ends = await site.witness.endsOf(topic)
  return ends.some(({ lastStableOffset, highWatermark }) => lastStableOffset < highWatermark)
}
