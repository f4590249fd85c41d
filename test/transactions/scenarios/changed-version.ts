import { endTxn } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { TransactionSite } from '../transaction-site.ts'
import { committedOnceDone } from './visibility.ts'

/** An operator changes transaction.version while producers run. */
export function changedVersion(site: TransactionSite): void {
  describe('a cluster that goes to v2 and back', () => {
    test('keeps its producers, who take up the new version with a new connection', async () => {
      const topic = await site.newTopic()
      let endVersion: number | undefined
      const producer = site.watchedProducer(({ apiKey, apiVersion }) => {
        if (apiKey === endTxn.apiKey) endVersion = apiVersion
      })
      const values: string[] = []
      const endVersionOfNext = async (): Promise<number | undefined> => {
        const value = `${values.length}`
        await producer.transaction(async (tx) => tx.send({ topic, value }))
        values.push(value)
        return endVersion
      }

      expect(await endVersionOfNext()).toBe(4)
      try {
        await site.witness.setTransactionVersion(2)
        await expect.poll(endVersionOfNext, { timeout: 60_000, interval: 200 }).toBe(5)
      } finally {
        await site.witness.setTransactionVersion(1)
      }
      await expect.poll(endVersionOfNext, { timeout: 60_000, interval: 200 }).toBe(4)
      expect(await committedOnceDone(site, topic)).toEqual(values)
    })
  })
}
