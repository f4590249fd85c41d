import { expect, test } from 'vitest'
import { checkGuardedInvariants } from '../tidy/guarded-invariants.ts'
import { findingsOf } from './findings-of.ts'

const DOCUMENT = 'ARCHITECTURE.md'
const document = (...paragraphs: readonly string[]): Record<string, string> => ({
  [DOCUMENT]: ['# A', '## What breaks silently', 'All of this.', ...paragraphs, '## Ports', '**No.**'].join('\n\n'),
})

test('invariants that name a test pass, wherever the line breaks', () => {
  const files = document('**One.** Text; guarded by\n`test/one.test.ts`', '**Two.** Text. Guarded by `two.test.ts`')
  expect(findingsOf(checkGuardedInvariants, files)).toEqual([])
})

test('an invariant without a test is found', () => {
  const files = document('**One.** Text; guarded by `test/one.test.ts`', '**Two words.** Text, `two.ts`')
  expect(findingsOf(checkGuardedInvariants, files)).toEqual([`${DOCUMENT}:9: no test is named that guards: Two words.`])
})

test('the last of them is looked at too', () => {
  expect(findingsOf(checkGuardedInvariants, document('**One.** Text\nand more'))).toHaveLength(1)
})
