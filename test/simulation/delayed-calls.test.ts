import { expect, test } from 'vitest'
import type { Producer } from '@linger/producer'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { DelayedCalls } from './delayed-calls.ts'
import { loneStream } from './lone-stream.ts'

test('records are ordered by their times, and by their calls where these are one; a release lets go of what is held', () => {
  let nowMs = 0
  const given: unknown[] = []
  const producer: Producer = unchecked({
    send: (record: { delayMs?: number; deliverAt?: number }) => {
      given.push(record.delayMs ?? record.deliverAt)
      return new Promise(() => {})
    },
  })
  const stream = loneStream('delayed', () => nowMs)
  const calls = new DelayedCalls(stream, {
    producer,
    nowMs: () => nowMs,
    wallTimeMs: () => 7_000 + nowMs,
    after: () => {},
  })
  const delay = (delayMs: number, count: number, isUntil: boolean = false): void =>
    calls.run({ do: 'delay', atMs: nowMs, count, delayMs, isUntil })

  delay(90, 1)
  delay(20, 2)
  nowMs = 30
  delay(500, 1, true)
  delay(100, 1)
  nowMs = 40
  calls.onRelease()
  delay(50, 1)
  calls.onRelease()
  delay(1, 1)

  expect(given).toEqual([90, 20, 20, 7_530, 100, 50, 1])
  expect([0, 1, 2, 3, 4, 5, 6].map((n) => calls.dueMsOf(n))).toEqual([40, 20, 20, 40, 40, 40, 41])
  expect(calls.ranks()).toEqual([2, 0, 1, 4, 3, 5, 6])
})
