import { expect, test } from 'vitest'
import { lateRecords } from './check-delivery-time.ts'
import { loneStream } from './lone-stream.ts'

const DELIVERY_TIMEOUT_MS = 1_000

test.each([
  ['in time after a long wait to be sent', 50_000, 51_000, 0, []],
  ['too late after it was sent', 100, 1_200, 0, ['record 0 1100 ms after its first attempt, not 1000']],
  ['late by as much as the process was frozen', 100, 6_100, 5_000, []],
  ['late, and it was never sent', undefined, 90_000, 0, []],
])('a record that is settled %s', (_name, sentMs, settledMs, frozenMs, late) => {
  let nowMs = 0
  const stream = loneStream('single', () => nowMs)
  stream.next()
  nowMs = settledMs
  stream.failed(0, new Error('late'))
  const attempts = { atMsOf: ({ producer }: { producer: number }) => (producer === 4 ? sentMs : undefined) }
  expect(lateRecords(stream, { frozenMs: () => frozenMs }, attempts, DELIVERY_TIMEOUT_MS)).toEqual(late)
})
