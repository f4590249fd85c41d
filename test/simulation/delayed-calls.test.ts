import { expect, test } from 'vitest'
import type { Producer } from '@linger/producer'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { DelayedCalls } from './delayed-calls.ts'
import { ProducerProcess } from './producer-process.ts'
import { Stream } from './record-stream.ts'

test('records are ordered by their times, and by their calls where these are one; a release lets go of what is held', () => {
  let nowMs = 0
  const given: unknown[] = []
  const producer: Producer = unchecked({
    send: (record: { delayMs?: number; deliverAt?: number }) => {
      given.push(record.delayMs ?? record.deliverAt)
      return new Promise(() => {})
    },
  })
  const records = new SelfDescribingRecords({ runId: 1, producer: 4, topics: [{ name: 't', partitionCount: 1 }] })
  const process = new ProducerProcess(0, new Timeline(), false)
  const stream = new Stream('delayed', records, Infinity, { process, nowMs: () => nowMs, note: () => {} })
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
