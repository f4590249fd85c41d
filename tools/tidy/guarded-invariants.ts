import type { Finding } from './finding.ts'
import type { Repository } from './repository.ts'

const DOCUMENT = 'ARCHITECTURE.md'
/** The section up to the next heading. */
const SECTION = /^## What breaks silently\n(.*?)^## /ms
/** A paragraph that begins with a sentence in bold. */
const INVARIANT = /^\*\*(.+?)\*\*.*?(?=\n\n|$(?![^]))/gms
const GUARD = /[Gg]uarded by\s+`[\w./-]+\.test\.ts`/

/** Every invariant of ARCHITECTURE.md names the test that guards it. */
export function checkGuardedInvariants(repository: Repository): Finding[] {
  const document = repository.file(DOCUMENT)
  const section = document && SECTION.exec(document.text)
  if (!document || !section) return []
  const start = section.index + section[0].indexOf(section[1] ?? '')
  return [...(section[1] ?? '').matchAll(INVARIANT)]
    .filter(([paragraph]) => !GUARD.test(paragraph))
    .map(({ 1: name, index }) => document.finding(start + index, `no test is named that guards: ${name}`))
}
