/**
 * A copy in memory that nobody shares and that has no byte more.
 *
 * What a library gives is a view of something larger: its scratch, a pool, or room that it reserved for the worst case.
 * Whoever keeps that keeps all of it, and counts only what he sees.
 */
export function ownBytes(bytes: Uint8Array): Buffer {
  const own = Buffer.allocUnsafeSlow(bytes.length)
  own.set(bytes)
  return own
}
