import { describe, expect, test } from 'vitest'
import { backoffMs } from '../src/backoff.ts'

const always = (value: number): { next(): number } => ({ next: () => value })
const ALMOST_1 = 1 - Number.EPSILON

describe('a back-off', () => {
  test('doubles with each attempt, up to the longest', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7].map((attempts) => backoffMs(attempts, 50, 1000, always(0.5)))
    expect(waits).toEqual([50, 100, 200, 400, 800, 1000, 1000])
  })

  test.each([
    [0, [80, 160, 320, 640, 800]],
    [ALMOST_1, [120, 240, 480, 960, 1000]],
  ])('is up to a fifth shorter or longer, but never over the longest (chance %d)', (chance, expected) => {
    const waits = [1, 2, 3, 4, 5].map((attempts) => Math.round(backoffMs(attempts, 100, 1000, always(chance))))
    expect(waits).toEqual(expected)
  })

  test('is the longest, give or take, when that is shorter than the first', () => {
    expect(backoffMs(1, 500, 100, always(0.5))).toBe(100)
    expect(backoffMs(9, 500, 100, always(0))).toBe(80)
  })

  test.each([2 ** 31 - 1, 1e15])('stays finite after %d attempts', (attempts) => {
    expect(backoffMs(attempts, 2 ** 31 - 1, 2 ** 31 - 1, always(0.5))).toBe(2 ** 31 - 1)
  })

  test('of 0 is none', () => {
    expect(backoffMs(5, 0, 1000, always(0.9))).toBe(0)
  })
})
