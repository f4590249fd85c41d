import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const CATALOGUE = 'docs/security.md'
/** A row of the catalogue: `| S7  | what is promised |`. */
const ROW = /^\| (S\d+) /gm
/** What a test's title begins with, or has after its fault: `S7: `, `S1, S9: `, `fault 86, S16: `. */
const NAMED = /\bS\d+(?=(?:, S\d+)*:)/g

/** Every security rule of the catalogue has a test that names it. */
export function checkSecurityRules(repository: Repository): Finding[] {
  const catalogue = repository.file(CATALOGUE)
  if (catalogue === undefined) return []
  const tests = repository.typescript.filter(({ path }) => path.endsWith('.test.ts'))
  const named = new Set(tests.flatMap(({ text }) => text.match(NAMED) ?? []))
  return [...catalogue.text.matchAll(ROW)].flatMap(({ 1: rule, index }) =>
    rule === undefined || named.has(rule) ? [] : [catalogue.finding(index, `no test names rule ${rule}`)],
  )
}
