import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const CATALOGUE = 'docs/faults.md'
/** A row of the catalogue: `|    17 | what goes wrong | ...`. */
const ROW = /^\|\s+(\d+) \|/gm
/** What a test's title names: `fault 17`, `faults 7, 8, 9`. */
const NAMED = /\bfaults? (\d+(?:(?:, | and )\d+)*)/g

/** Every fault of the catalogue has a test that names it. */
export function checkFaultCoverage(repository: Repository): Finding[] {
  const catalogue = repository.file(CATALOGUE)
  if (catalogue === undefined) return []
  const tests = repository.typescript.filter(({ path }) => path.endsWith('.test.ts'))
  const named = new Set(
    tests.flatMap(({ text }) => [...text.matchAll(NAMED)].flatMap(([, numbers]) => numbers?.split(/, | and /) ?? [])),
  )
  return [...catalogue.text.matchAll(ROW)].flatMap(({ 1: fault, index }) =>
    fault === undefined || named.has(fault) ? [] : [catalogue.finding(index, `no test names fault ${fault}`)],
  )
}
