import { describe, expect, test } from 'vitest'
import { Meter } from '../../src/observe/meter.ts'

describe('a meter', () => {
  test('tells nothing of no values', () => {
    const meter = new Meter()
    expect([meter.total, meter.count, meter.rate(0), meter.countRate(0)]).toEqual([0, 0, 0, 0])
    expect([meter.average(0), meter.max(0)]).toEqual([NaN, NaN])
  })

  test('counts all values, and tells average and maximum of those of the last minute', () => {
    const meter = new Meter()
    meter.record(100, 0)
    meter.record(10, 31_000)
    meter.record(20, 61_500)
    expect([meter.total, meter.count]).toEqual([130, 3])
    // A third window has begun, and the first one is forgotten.
    expect([meter.average(62_000), meter.max(62_000)]).toEqual([15, 20])
  })

  // Java: Rate.windowSize. Expected values by hand from its source.
  test.each([
    ['less than a window counts as one more', [0], 1_000, 10 / 31],
    ['a full window counts as it is', [0], 30_000, 10 / 30],
    ['of two windows the older one begins the time', [0, 30_000], 45_000, 20 / 45],
  ])('has rates as Kafka has: %s', (_what, timesMs, nowMs, expected) => {
    const meter = new Meter()
    for (const timeMs of timesMs) meter.record(10, timeMs)
    expect(meter.rate(nowMs)).toBeCloseTo(expected, 10)
    expect(meter.countRate(nowMs)).toBeCloseTo(expected / 10, 10)
  })

  test('forgets what came a minute ago', () => {
    const meter = new Meter()
    meter.record(10, 0)
    expect(meter.rate(59_999)).toBeGreaterThan(0)
    expect([meter.rate(60_000), meter.average(60_000)]).toEqual([0, NaN])
    expect(meter.total).toBe(10)
  })

  test('begins anew after a pause', () => {
    const meter = new Meter()
    meter.record(1000, 0)
    meter.record(10, 500_000)
    expect([meter.average(500_000), meter.max(500_000)]).toEqual([10, 10])
  })
})
