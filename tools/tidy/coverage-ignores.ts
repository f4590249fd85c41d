import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const IGNORE = /\b(?:v8|c8|istanbul) ignore\b|\bnode:coverage (?:ignore|disable)\b/

/** A line that no test reaches is either dead or untested, and a comment hides which. */
export function checkCoverageIgnores(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) =>
    file.syntax.comments
      .filter(({ value }) => IGNORE.test(value))
      .map(({ start }) => file.finding(start, 'a coverage-ignore comment: test the line, or delete it')),
  )
}
