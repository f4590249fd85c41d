import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const SILENCERS: readonly (readonly [RegExp, string])[] = [
  [/^\s*@ts-ignore\b/, '@ts-ignore: mend the type; where a test wants a wrong one, @ts-expect-error'],
  [/^\s*@ts-nocheck\b/, '@ts-nocheck: mend the types'],
]

/**
 * Nothing is hidden from the compiler. The lint rule against `any` can be switched off with a comment, this
 * cannot.
 */
export function checkTypeEscapes(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) => {
    const findings: Finding[] = []
    file.visit({
      TSAnyKeyword: ({ start }) =>
        findings.push(file.finding(start, 'any: name the type, or take unknown and narrow it')),
    })
    for (const { value, start } of file.syntax.comments) {
      for (const [pattern, what] of SILENCERS) if (pattern.test(value)) findings.push(file.finding(start, what))
      if (/^\s*@ts-expect-error\b/.test(value) && !file.isTest) {
        findings.push(file.finding(start, '@ts-expect-error outside of a test: mend the type'))
      }
    }
    return findings
  })
}
