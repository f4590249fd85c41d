import { inspect } from 'node:util'
import { expect } from 'vitest'

/** Everything that a program might print of a value: its text, its stack and causes, its insides, its JSON. */
export function shownOf(value: unknown): string {
  const shown = [
    inspect(value, { depth: Infinity, showHidden: true, maxStringLength: Infinity, maxArrayLength: Infinity }),
    inspect(value, { depth: Infinity, getters: false, customInspect: false, maxStringLength: Infinity }),
    String(value),
    JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? String(one) : one)),
  ]
  if (value instanceof Error) shown.push(value.message, value.stack ?? '', shownOf(value.cause))
  return shown.join('\n')
}

/** A secret in each form in which it may be on its way: as it is, as bytes are printed, and encoded. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret)
  // What stands before a secret decides how its letters fall into base64; those at the edges are shared.
  const inBase64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(before === 0 ? 0 : 4, -4),
  )
  return [
    secret,
    encodeURIComponent(secret),
    bytes.toString('hex'),
    bytes.toString('hex').replaceAll(/..(?!$)/g, '$& '),
    bytes.join(', '),
    bytes.join(','),
    ...inBase64,
  ]
}

export function expectNoSecret(secret: string, ...values: readonly unknown[]): void {
  const shown = values.map(shownOf).join('\n')
  for (const form of formsOf(secret)) expect(shown).not.toContain(form)
}
