import { expect, test } from 'vitest'
import { checkSecurityRules } from '../tidy/security-rules.ts'
import { findingsOf } from './findings-of.ts'

const CATALOGUE = 'docs/security.md'
const catalogue = `|     | rule |\n| --- | --- |\n| S1  | one |\n| S9  | nine |\n| S16 | sixteen |\n`
const TEST = 'packages/producer/test/a.test.ts'

test('rules that titles name alone, together or with a fault pass', () => {
  const text = `describe('S1, S9: memory', () => {})\ndescribe('fault 86, S16: names', () => {})\n`
  expect(findingsOf(checkSecurityRules, { [CATALOGUE]: catalogue, [TEST]: text })).toEqual([])
})

test('a rule that no test names is found, whatever else begins like it', () => {
  const text = `describe('S1, S9: memory', () => {})\ndescribe('S160: names', () => {}) // S16 is elsewhere\n`
  expect(findingsOf(checkSecurityRules, { [CATALOGUE]: catalogue, [TEST]: text })).toEqual([
    `${CATALOGUE}:5: no test names rule S16`,
  ])
})
