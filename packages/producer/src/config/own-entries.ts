/**
 * A copy of an object's own entries that inherits nothing, so that what somebody put on `Object.prototype` is no
 * setting.
 *
 * @returns undefined when it is no object
 * @throws what `invalid` makes of the sentence that names a key which is not known
 */
export function ownEntries(
  name: string,
  given: unknown,
  known: readonly string[],
  invalid: (message: string) => Error,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined
  const entries = Object.create(null) as Record<string, unknown>
  for (const [key, value] of Object.entries(given)) {
    if (!known.includes(key)) throw invalid(`${name}.${key} is not known: ${name} has ${known.join(', ')}`)
    if (value !== undefined) entries[key] = value
  }
  return entries
}

/** A secret is there for whoever asks for it by its name; neither inspect() nor JSON shows it. */
export function hideSecret(entries: Readonly<Record<string, unknown>>, key: string): void {
  const secret = entries[key]
  Object.defineProperty(entries, key, { get: () => secret, enumerable: false })
}
