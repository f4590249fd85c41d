const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/**
 * Murmur2 as Java's client computes it, so that a key lands on the same partition whoever wrote it.
 *
 * @returns an int32
 * @source Kafka Utils.murmur2
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const wordsEnd = length & ~3
  let hash = SEED ^ length

  for (let at = 0; at < wordsEnd; at += 4) {
    let word =
      byteAt(bytes, at) | (byteAt(bytes, at + 1) << 8) | (byteAt(bytes, at + 2) << 16) | (byteAt(bytes, at + 3) << 24)
    word = Math.imul(word, MULTIPLIER)
    word ^= word >>> 24
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER)
  }

  const rest = length - wordsEnd
  if (rest === 3) hash ^= byteAt(bytes, wordsEnd + 2) << 16
  if (rest >= 2) hash ^= byteAt(bytes, wordsEnd + 1) << 8
  if (rest >= 1) hash = Math.imul(hash ^ byteAt(bytes, wordsEnd), MULTIPLIER)

  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] as number
}
