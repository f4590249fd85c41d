import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { committedOnceDone } from '../committed-once-done.ts'
import type { TransactionSite } from '../transaction-site.ts'

/** Offsets are there when the markers are written, a little after the commit's answer. */
const WAIT = { timeout: 20_000, interval: 20 }

/** Consumer offsets that are committed with a transaction, or not. */
export function offsets(site: TransactionSite): void {
  describe('offsets', () => {
    test('are committed with the transaction, and not with an aborted one', async () => {
      const [input, output] = [await site.newTopic(2), await site.newTopic()]
      const groupId = `g-${randomUUID()}`
      const producer = site.newProducer()
      await producer.initTransactions()

      const first = producer.beginTransaction()
      await first.send({ topic: output, value: 'first' })
      await first.sendOffsets([{ topic: input, partition: 0, offset: 5 }], { groupId })
      await first.sendOffsets([{ topic: input, partition: 1, offset: 7n }], { groupId })
      await first.commit()
      const expected = [
        { topic: input, partition: 0, offset: 5 },
        { topic: input, partition: 1, offset: 7 },
      ]
      await expect.poll(() => site.witness.committedOffsets(groupId), WAIT).toEqual(expected)

      const second = producer.beginTransaction()
      await second.sendOffsets([{ topic: input, partition: 0, offset: '6' }], { groupId })
      await second.abort()
      await producer.transaction(async (tx) => tx.send({ topic: output, value: 'third' }))
      expect(await committedOnceDone(site, output)).toEqual(['first', 'third'])
      expect(await site.witness.committedOffsets(groupId)).toEqual(expected)
    })

    test('alone make a transaction', async () => {
      const input = await site.newTopic()
      const groupId = `g-${randomUUID()}`
      const producer = site.newProducer()
      await producer.transaction(async (tx) => tx.sendOffsets([{ topic: input, partition: 0, offset: 3 }], { groupId }))
      await expect
        .poll(() => site.witness.committedOffsets(groupId), WAIT)
        .toEqual([{ topic: input, partition: 0, offset: 3 }])
    })

    refusals(site)
  })
}

function refusals(site: TransactionSite): void {
  describe('that are refused', () => {
    test('of a member that the group does not know need an abort, and then the next transaction goes on', async () => {
      const [input, output] = [await site.newTopic(), await site.newTopic()]
      const groupId = `g-${randomUUID()}`
      const offset = { topic: input, partition: 0, offset: 1 }
      const producer = site.newProducer()
      const refused = producer.transaction(async (tx) => {
        await tx.send({ topic: output, value: 'refused' })
        await tx.sendOffsets([offset], { groupId, generationId: 5, memberId: 'nobody' })
      })
      // Java's producer says CommitFailed to either of the broker's two codes for it.
      const code = oneOf('ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID')
      await expect(refused).rejects.toMatchObject({ code, requiresAbort: true, fatal: false })
      await producer.transaction(async (tx) => {
        await tx.send({ topic: output, value: 'next' })
        await tx.sendOffsets([offset], { groupId })
      })
      expect(await committedOnceDone(site, output)).toEqual(['next'])
      await expect.poll(() => site.witness.committedOffsets(groupId), WAIT).toEqual([offset])
    })

    test('of a topic that is not there are asked for until maxBlockMs is over, and then an abort leads on', async () => {
      const output = await site.newTopic()
      const producer = site.newProducer({ maxBlockMs: 1_500 })
      const offset = { topic: 'not-there', partition: 0, offset: 1 }
      const refused = producer.transaction(async (tx) => {
        await tx.send({ topic: output, value: 'refused' })
        await tx.sendOffsets([offset], { groupId: `g-${randomUUID()}` })
      })
      await expect(refused).rejects.toMatchObject({ code: 'TRANSACTION_TIMEOUT', fatal: false })
      await producer.transaction(async (tx) => tx.send({ topic: output, value: 'next' }))
      expect(await committedOnceDone(site, output)).toEqual(['next'])
    })
  })
}

function oneOf(...codes: readonly string[]): unknown {
  return expect.stringMatching(new RegExp(`^(${codes.join('|')})$`, 'u'))
}
