import { describe, expect, test } from 'vitest'
import { ShareMeter } from '../../src/observe/share-meter.ts'

/** A meter of what was the case from one time to another. */
function meterOf(...stretches: readonly (readonly [fromMs: number, toMs: number])[]): ShareMeter {
  const meter = new ShareMeter()
  for (const [fromMs, toMs] of stretches) {
    meter.begin(fromMs)
    meter.end(toMs)
  }
  return meter
}

describe('a share of time', () => {
  test('is 0 of what was never the case, and 1 of what always is', () => {
    expect(new ShareMeter().share(100_000)).toBe(0)
    const always = new ShareMeter()
    always.begin(0)
    expect([60_000, 75_000, 89_999, 90_000, 3_600_000].map((nowMs) => always.share(nowMs))).toEqual([1, 1, 1, 1, 1])
  })

  test('grows while it lasts', () => {
    const meter = new ShareMeter()
    meter.begin(60_000)
    expect([61_500, 66_000, 75_000, 89_000].map((nowMs) => meter.share(nowMs))).toEqual([
      1.5 / 31.5,
      6 / 36,
      15 / 45,
      29 / 59,
    ])
    expect(meter.totalMs(90_000)).toBe(30_000)
  })

  test('is the same however often it was asked for meanwhile', () => {
    const asked = new ShareMeter()
    asked.begin(70_000)
    for (let nowMs = 70_000; nowMs <= 130_000; nowMs += 700) asked.share(nowMs)
    asked.end(130_000)
    const notAsked = meterOf([70_000, 130_000])
    expect(asked.share(140_000)).toBe(notAsked.share(140_000))
    expect(asked.totalMs(140_000)).toBe(notAsked.totalMs(140_000))
  })

  test('counts time where it passed: what ended in this window may have begun before the last one', () => {
    expect(meterOf([0, 95_000]).share(110_000)).toBe((30 + 5) / 50)
  })

  test('adds up many stretches', () => {
    const meter = meterOf([0, 1000], [2000, 3000], [29_000, 31_000])
    expect(meter.share(45_000)).toBe(4 / 45)
    expect(meter.totalMs(45_000)).toBe(4000)
  })

  test('forgets what was a minute ago, and counts it in all', () => {
    const meter = meterOf([0, 29_000])
    expect(meter.share(59_000)).toBeGreaterThan(0)
    expect(meter.share(60_000)).toBe(0)
    expect(meter.share(600_000)).toBe(0)
    expect(meter.totalMs(600_000)).toBe(29_000)
  })

  test('of one that has begun twice counts from the first time', () => {
    const meter = new ShareMeter()
    meter.begin(0)
    meter.begin(1000)
    expect(meter.totalMs(2000)).toBe(2000)
    expect(meter.isRunning).toBe(true)
    meter.end(2000)
    expect(meter.isRunning).toBe(false)
  })
})
