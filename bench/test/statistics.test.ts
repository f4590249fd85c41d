import { describe, expect, test } from 'vitest'
import { median, medianRatio } from '../report/statistics.ts'

describe('median', () => {
  test('is the middle of an odd count, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  test('is the mean of the middle two of an even count', () => {
    expect(median([4, 1, 100, 2])).toBe(3)
  })

  test('sorts as numbers, not as text', () => {
    expect(median([10, 9, 100])).toBe(10)
  })

  test('of nothing is an error, not a number', () => {
    expect(() => median([])).toThrow(RangeError)
  })
})

describe('medianRatio', () => {
  test('pairs the figures of one round, so that drift between rounds cancels out', () => {
    expect(medianRatio([2, 20, 200], [1, 10, 100])).toBe(2)
  })

  test('needs both figures of every round', () => {
    expect(() => medianRatio([1, 2], [1])).toThrow('every round')
  })
})
