import { describe, expect, test } from 'vitest'
import { Distribution } from '../../src/observe/distribution.ts'

describe('a distribution', () => {
  test('is all 0 when nothing came', () => {
    expect(new Distribution().take()).toEqual({
      min: 0,
      max: 0,
      avg: 0,
      sum: 0,
      stddev: 0,
      cnt: 0,
      p50: 0,
      p75: 0,
      p90: 0,
      p95: 0,
      p99: 0,
      p99_99: 0,
    })
  })

  test('tells of few small values exactly', () => {
    const distribution = new Distribution()
    for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) distribution.record(value)
    expect(distribution.take()).toEqual({
      min: 2,
      max: 9,
      avg: 5,
      sum: 40,
      stddev: 2,
      cnt: 8,
      p50: 4,
      p75: 5,
      p90: 9,
      p95: 9,
      p99: 9,
      p99_99: 9,
    })
  })

  test('has percentiles that are right to a sixteenth, and never above the maximum', () => {
    const distribution = new Distribution()
    for (let value = 1; value <= 100_000; value++) distribution.record(value)
    const { p50, p75, p90, p95, p99, p99_99: p9999, max } = distribution.take()
    const shares: [number, number][] = [
      [p50, 0.5],
      [p75, 0.75],
      [p90, 0.9],
      [p95, 0.95],
      [p99, 0.99],
      [p9999, 0.9999],
    ]
    for (const [found, share] of shares) {
      expect(found).toBeGreaterThanOrEqual(share * 100_000)
      expect(found).toBeLessThanOrEqual(Math.min(max, share * 100_000 * (1 + 1 / 16)))
    }
  })

  test.each([0, 15, 16, 17, 31, 32, 33, 2 ** 20, 2 ** 31 - 1])('of one value %i is that value', (value) => {
    const distribution = new Distribution()
    distribution.record(value)
    expect(distribution.take()).toMatchObject({ min: value, max: value, p50: value, p99_99: value })
  })

  test('begins anew each time', () => {
    const distribution = new Distribution()
    distribution.record(1000)
    distribution.take()
    distribution.record(1)
    expect(distribution.take()).toMatchObject({ min: 1, max: 1, sum: 1, cnt: 1, p50: 1 })
  })
})
