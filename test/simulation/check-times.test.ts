import { expect, test } from 'vitest'
import { KafkaError } from '@linger/producer'
import { wrongTimes } from './check-times.ts'
import { loneStream } from './lone-stream.ts'
import type { Stream } from './record-stream.ts'

const DUE_MS = 100
const TTL_MS = 50

test.each([
  // what, on the wire at, settled at, with which code, frozen for, what is wrong
  ['sent in time', 150, 900, 'TIMED_OUT', 0, []],
  ['sent before its time', 90, 900, 'TIMED_OUT', 0, ['late 0 was sent 10 ms before its time']],
  ['sent after its time', 180, 900, 'TIMED_OUT', 0, ['late 0 was sent 80 ms after its time, not 50']],
  ['sent late by as much as its process was frozen', 180, 900, 'TIMED_OUT', 30, []],
  ['sent, and has expired all the same', 120, 150, 'EXPIRED', 0, ['late 0 was sent, and has expired']],
  ['expired in time', undefined, 151, 'EXPIRED', 0, []],
  ['expired too soon', undefined, 140, 'EXPIRED', 0, ['late 0 has expired before its 50 ms were over']],
  ['told too late', undefined, 300, 'EXPIRED', 0, ['late 0 was told 200 ms after its time, not 50']],
  ['never sent and told too late', undefined, 300, 'TIMED_OUT', 0, ['late 0 was told 200 ms after its time, not 50']],
])('a record that is %s', (_what, sentMs, settledMs, code, frozenMs, wrong) => {
  const stream = settledStream(settledMs, code)
  stream.times.set(0, { ttlMs: TTL_MS })
  const attempts = { atMsOf: () => sentMs }
  expect(wrongTimes(stream, () => DUE_MS, { frozenMs: () => frozenMs }, attempts)).toEqual(wrong)
})

test('a record that expires must have asked for it', () => {
  const stream = settledStream(150, 'EXPIRED')
  const attempts = { atMsOf: () => undefined }
  const wrong = wrongTimes(stream, () => 0, { frozenMs: () => 0 }, attempts)
  expect(wrong).toEqual(['late 0 has expired without a ttlMs'])
})

function settledStream(settledMs: number, code: string): Stream {
  let nowMs = 0
  const stream = loneStream('late', () => nowMs)
  stream.next()
  nowMs = settledMs
  stream.failed(0, new KafkaError(code, 'as the test wants it', { outcome: 'never' }))
  return stream
}
