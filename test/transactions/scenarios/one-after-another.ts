import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** Many transactions of one producer, empty ones, and one that is left open. */
export function oneAfterAnother(site: TransactionSite): void {
  describe('one after another', () => {
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
