import { expect, test } from 'vitest'
import { checkFaultCoverage } from '../tidy/fault-coverage.ts'
import { findingsOf } from './findings-of.ts'

const CATALOGUE = 'docs/faults.md'
const catalogue = `| fault | what goes wrong |\n| ----: | --- |\n|     1 | no |\n|    17 | oh |\n|    18 | dear |\n`
const TEST = 'packages/producer/test/a.test.ts'

test('faults that titles name alone or together pass', () => {
  const text = `describe('fault 1: refused', () => {})\ndescribe('faults 17 and 18', () => {})\n`
  expect(findingsOf(checkFaultCoverage, { [CATALOGUE]: catalogue, [TEST]: text })).toEqual([])
})

test('a fault that no test names is found', () => {
  const text = `describe('faults 1, 17', () => {})\n`
  expect(findingsOf(checkFaultCoverage, { [CATALOGUE]: catalogue, [TEST]: text })).toEqual([
    `${CATALOGUE}:5: no test names fault 18`,
  ])
})

test('a default value is no fault', () => {
  const text = `/** Default 18 */ describe('faults 1, 17', () => {})\n`
  expect(findingsOf(checkFaultCoverage, { [CATALOGUE]: catalogue, [TEST]: text })).toHaveLength(1)
})
