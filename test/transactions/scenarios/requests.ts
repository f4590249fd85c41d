import { addOffsetsToTxn, addPartitionsToTxn, endTxn, produce, txnOffsetCommit } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { TransactionSite } from '../transaction-site.ts'

/** Which requests make a transaction, and how its epoch goes on. */
export function requests(site: TransactionSite): void {
  const isV2 = site.transactionVersion === 2

  describe('what is asked of brokers', () => {
    test(isV2 ? 'v2 adds partitions without a request' : 'v1 adds partitions and groups first', async () => {
      const [input, output] = [await site.newTopic(), await site.newTopic()]
      const versions = new Map<number, number>()
      const producer = site.watchedProducer(({ apiKey, apiVersion }) => versions.set(apiKey, apiVersion))
      await producer.transaction(async (tx) => {
        await tx.send({ topic: output, value: 'one' })
        await tx.sendOffsets([{ topic: input, partition: 0, offset: 1 }], { groupId: `g-${output}` })
      })
      expect(versions.has(addPartitionsToTxn.apiKey)).toBe(!isV2)
      expect(versions.has(addOffsetsToTxn.apiKey)).toBe(!isV2)
      const spoken = [produce, txnOffsetCommit, endTxn].map(({ apiKey }) => versions.get(apiKey))
      expect(spoken).toEqual(isV2 ? [13, 5, 5] : [11, 4, 4])
    })

    test(isV2 ? 'v2 gets a new epoch with every end' : 'v1 keeps its epoch', async () => {
      const topic = await site.newTopic()
      const transactionalId = `id-${topic}`
      const producer = site.newProducer({ transactionalId })
      for (let n = 0; n < 3; n++) await producer.transaction(async (tx) => tx.send({ topic, value: `${n}` }))
      const { producerEpoch } = await site.witness.transaction(transactionalId)
      expect(producerEpoch).toBe(isV2 ? 3 : 0)
    })
  })
}
