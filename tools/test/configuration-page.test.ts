import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configurationPage } from '../configuration-page/configuration-page.ts'

test('docs/configuration.md is what tools/write-configuration-page.ts writes', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationPage())
})
