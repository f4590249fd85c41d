import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TimeQueue } from '../../src/timed/time-queue.ts'

describe('TimeQueue', () => {
  test('gives items by their time, and those of one time in the order they came', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 }),
        fc.integer({ min: 2, max: 5 }),
        (times, nth) => {
          const queue = new TimeQueue<readonly [number, number]>()
          times.forEach((timeMs, index) => queue.push(timeMs, [timeMs, index]))
          queue.keep(([, index]) => index % nth !== 0)
          const kept = times.map((timeMs, index) => [timeMs, index] as const).filter(([, index]) => index % nth !== 0)
          expect(queue.length).toBe(kept.length)
          const taken: (readonly [number, number])[] = []
          for (let nowMs = 0; nowMs < 10; nowMs++) {
            expect(queue.deadlineMs).toBeGreaterThanOrEqual(nowMs)
            for (let item = queue.shiftDue(nowMs); item !== undefined; item = queue.shiftDue(nowMs)) taken.push(item)
          }
          expect(taken).toEqual(kept.toSorted(([a, i], [b, j]) => a - b || i - j))
          expect([queue.length, queue.deadlineMs]).toEqual([0, Infinity])
        },
      ),
    )
  })
})
