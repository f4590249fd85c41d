import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const WHAT = 'a default export: export it by its name'

/** A thing has one name, wherever it is imported. */
export function checkDefaultExports(repository: Repository): Finding[] {
  return repository.packageSources.flatMap((file) => {
    const findings: Finding[] = []
    file.visit({
      ExportDefaultDeclaration: ({ start }) => findings.push(file.finding(start, WHAT)),
      ExportSpecifier: ({ exported, start }) => {
        if (exported.type === 'Identifier' && exported.name === 'default') findings.push(file.finding(start, WHAT))
      },
    })
    return findings
  })
}
