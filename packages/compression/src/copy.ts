/** Up to so many bytes a loop is faster than a call into V8. */
const SHORT_BYTES = 24

/** Copies `length` bytes that both arrays have. */
export function copyLiteral(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  if (length > SHORT_BYTES) to.set(from.subarray(start, start + length), at)
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0
}

/**
 * Repeats what stands `distance` bytes before `at`. A match that is longer than its distance repeats what it has just
 * written: that is how these formats write runs.
 */
export function copyMatch(bytes: Uint8Array, at: number, distance: number, length: number): void {
  const start = at - distance
  if (length > SHORT_BYTES && length <= distance) bytes.copyWithin(at, start, start + length)
  else for (let i = 0; i < length; i++) bytes[at + i] = bytes[start + i] ?? 0
}
