import type { Finding } from './finding.ts'
import type { Repository, SourceFile } from './repository.ts'
import { rootName } from './test-calls.ts'

const RUNNERS: ReadonlySet<string> = new Set(['test', 'it', 'describe'])

/** A test is named after what happens, and none keeps the others from running. */
export function checkTestNames(repository: Repository): Finding[] {
  return repository.typescript.filter(({ path }) => path.endsWith('.test.ts')).flatMap(judge)
}

function judge(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  file.visit({
    CallExpression: ({ callee, arguments: [name] }) => {
      if (!isRunner(rootName(callee)) || name?.type !== 'Literal' || typeof name.value !== 'string') return
      if (/\bshould\b/i.test(name.value)) findings.push(file.finding(name.start, `'should': say what happens`))
    },
    MemberExpression: ({ object, property, start }) => {
      if (isRunner(rootName(object)) && property.type === 'Identifier' && property.name === 'only') {
        findings.push(file.finding(start, '.only keeps every other test from running: take it out'))
      }
    },
  })
  return findings
}

function isRunner(name: string | undefined): boolean {
  return name !== undefined && RUNNERS.has(name)
}
