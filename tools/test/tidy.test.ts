import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checks } from '../tidy/checks.ts'
import { readRepository } from '../tidy/read-repository.ts'

const TOOLS = join(import.meta.dirname, '..')

test('every check that is there is run', () => {
  const exported = readRepository(join(TOOLS, '..'))
    .typescript.filter(({ path }) => path.startsWith('tools/tidy/'))
    .flatMap(({ text }) => [...text.matchAll(/^export function (check\w+)/gm)].map(([, name]) => String(name)))
  expect(checks.map(({ name }) => name).toSorted()).toEqual(exported.toSorted())
})

test('the repository is read with the files that are not committed yet, and without what git ignores', () => {
  const paths = readRepository(join(TOOLS, '..')).files.map(({ path }) => path)
  for (const name of readdirSync(join(TOOLS, 'tidy'))) expect(paths).toContain(`tools/tidy/${name}`)
  expect(paths.filter((path) => path.includes('node_modules/'))).toEqual([])
})
