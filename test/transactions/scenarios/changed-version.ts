import { endTxn } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { SentRequest } from '../../real-kafka/watched-network.ts'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** An operator changes transaction.version while producers run. */
export function changedVersion(site: TransactionSite): void {
  describe('a cluster that goes to v2 and back', () => {
    test('keeps its producers, who learn of it within metadataMaxAgeMs', async () => {
      const topic = await site.newTopic()
      let endVersion: number | undefined
      const onRequest = ({ apiKey, apiVersion }: SentRequest): void => {
        if (apiKey === endTxn.apiKey) endVersion = apiVersion
      }
      const producer = site.watchedProducer(onRequest, { metadataMaxAgeMs: 300 })
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
        await expect.poll(endVersionOfNext, { timeout: 20_000, interval: 200 }).toBe(5)
      } finally {
        await site.witness.setTransactionVersion(1)
      }
      await expect.poll(endVersionOfNext, { timeout: 20_000, interval: 200 }).toBe(4)
      expect(await committedOnceDone(site, topic)).toEqual(values)
    })
  })
}
