import type { Node } from 'oxc-parser'
import type { Finding } from './finding.ts'
import { linesHaveReason } from './reasons.ts'
import type { Repository, SourceFile } from './repository.ts'
import { rootName } from './test-calls.ts'

const LINES_MAX = 70

interface FunctionNode {
  readonly start: number
  readonly end: number
  readonly body: { readonly start: number } | null
}

/** A function fits on a page, or says why it does not. What groups tests is no function of its own. */
export function checkFunctionSize(repository: Repository): Finding[] {
  return repository.typescript.flatMap(longFunctions)
}

function longFunctions(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  const groups = new Set<Node>()
  const judge = (node: FunctionNode): void => {
    const from = file.lineAt(node.start)
    const lines = file.lineAt(node.end) - from + 1
    if (lines <= LINES_MAX) return
    const firstLineInside = file.lineAt(node.body?.start ?? node.start) + 1
    if (linesHaveReason(file, from - 1, firstLineInside)) return
    findings.push(
      file.finding(
        node.start,
        `a function of ${lines} lines: split it, or say why not in a // tidy: comment at its top`,
      ),
    )
  }
  file.visit({
    CallExpression: (node) => {
      if (rootName(node.callee) !== 'describe') return
      for (const argument of node.arguments) groups.add(argument)
    },
    FunctionDeclaration: judge,
    FunctionExpression: judge,
    ArrowFunctionExpression: (node) => {
      if (!groups.has(node)) judge(node)
    },
  })
  return findings
}
