import { join } from 'node:path'
import { checks } from './tidy/checks.ts'
import { formatFinding } from './tidy/finding.ts'
import { readRepository } from './tidy/read-repository.ts'

/** Prints one line for each place that breaks a rule of the house, and fails if there is any. */
const repository = readRepository(join(import.meta.dirname, '..'))
const findings = checks.flatMap((check) => check(repository))

for (const finding of findings) console.log(formatFinding(finding))
console.log(`tidy: ${repository.files.length} files, ${findings.length} findings`)
process.exitCode = findings.length === 0 ? 0 : 1
