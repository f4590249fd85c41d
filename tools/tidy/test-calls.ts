import type { Node } from 'oxc-parser'

/** The `test` of `test(...)`, `test.each(...)(...)` and so on; undefined for what is no name at its root. */
export function rootName(node: Node): string | undefined {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression') return rootName(node.object)
  return node.type === 'CallExpression' ? rootName(node.callee) : undefined
}
