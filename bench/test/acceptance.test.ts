import { describe, expect, test } from 'vitest'
import { figureFrom, judge, times } from '../report/acceptance.ts'

const claim = { suite: 'memory', claim: 'peak RSS', format: times }

describe('judge', () => {
  test.each([
    { figure: 1.3, atMost: 1.3, verdict: 'passed' },
    { figure: 1.301, atMost: 1.3, verdict: 'missed' },
    { figure: 100, atLeast: 100, verdict: 'passed' },
    { figure: 99.9, atLeast: 100, verdict: 'missed' },
  ])('$figure is $verdict where the limit is $atMost at most or $atLeast at least', ({ verdict, ...limits }) => {
    expect(judge({ ...claim, ...limits }).verdict).toBe(verdict)
  })

  test('a figure that is not a number is missed, never passed', () => {
    expect(judge({ ...claim, figure: Number.NaN, atMost: 1 }).verdict).toBe('missed')
  })

  test('a client that is not there gives no verdict on the claim', () => {
    const figure = { absent: 'not installed', why: 'librdkafka: no cc' } as const
    expect(judge({ ...claim, figure, atMost: 1 })).toMatchObject({ verdict: 'not installed', limit: 'at most 1.00 x' })
  })
})

describe('figureFrom', () => {
  test('makes one figure of several', () => {
    expect(figureFrom([10, 4], (left = 0, right = 0) => left - right)).toBe(6)
  })

  test('is absent where one of them is, and says why', () => {
    const absence = { absent: 'failed', why: 'java: no memory' } as const
    expect(figureFrom([10, absence], () => 1)).toBe(absence)
  })
})
