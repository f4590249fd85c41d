import { codecFor, encodeRequestFrame, NOT_IDEMPOTENT, produce, RecordBatchWriter } from '@linger/protocol'
import { expect, test } from 'vitest'
import { SelfDescribingRecords } from '../../delivery-checker/self-describing-records.ts'
import { AnsweredRequests } from './answered-requests.ts'
import { FirstAttempts } from './first-attempts.ts'

const records = new SelfDescribingRecords({ runId: 7, producer: 3, topics: [{ name: 't', partitionCount: 1 }] })

test('a record was first sent in the first batch that had it, whatever it is sent in again', () => {
  let nowMs = 0
  const attempts = new FirstAttempts(() => nowMs, 7)
  const requests = new AnsweredRequests({
    nowMs: () => nowMs,
    onRequest: (...of) => attempts.onRequest(...of),
    onAnswer: () => {},
    onClosed: () => {},
  })
  const send = (...numbers: readonly number[]): void => {
    const writer = new RecordBatchWriter(Buffer.alloc(10_000))
    for (const n of numbers) {
      const { key, value } = records.record(n)
      writer.tryAppend(0, key, value, [])
    }
    const batch = Buffer.concat(writer.seal(NOT_IDEMPOTENT))
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: batch }] }]
    const body = { transactionalId: null, acks: -1, timeoutMs: 1, topicData }
    requests.onWrite({ id: 1, owner: 0 }, Buffer.from(encodeRequestFrame(codecFor(produce, 9), 1, 'test', body)))
  }
  nowMs = 10
  send(0, 1)
  nowMs = 500
  send(1)
  send(2)
  expect([0, 1, 2, 3].map((n) => attempts.atMsOf({ producer: 3, n }))).toEqual([10, 10, 500, undefined])
})
