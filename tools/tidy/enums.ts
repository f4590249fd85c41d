import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

/** Node strips types and runs what is left; an enum is no type. */
export function checkEnums(repository: Repository): Finding[] {
  return repository.typescript.flatMap((file) => {
    const findings: Finding[] = []
    file.visit({
      TSEnumDeclaration: ({ start }) =>
        findings.push(file.finding(start, 'enum: take a union of string literals, or an object as const')),
    })
    return findings
  })
}
