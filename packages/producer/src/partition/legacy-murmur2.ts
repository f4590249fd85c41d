const SEED = 0x9747b28c
const MULTIPLIER = 0x5bd1e995

/**
 * Murmur2 as KafkaJS computed it before version 2, so that its keys stay where they are.
 *
 * It multiplies as doubles do, without the overflow of int32, and takes a last step over bytes that are not there: those
 * count as 0.
 *
 * @returns an int32
 * @source KafkaJS producer/partitioners/legacy/murmur2.js
 */
export function legacyMurmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const byteAt = (at: number): number => bytes[at] ?? 0
  let hash = SEED ^ length

  for (let at = 0; at < length; at += 4) {
    let word = byteAt(at) + (byteAt(at + 1) << 8) + (byteAt(at + 2) << 16) + (byteAt(at + 3) << 24)
    word *= MULTIPLIER
    word ^= word >>> 24
    hash = (hash * MULTIPLIER) ^ (word * MULTIPLIER)
  }

  const wordsEnd = length & ~3
  const rest = length - wordsEnd
  if (rest === 3) hash ^= byteAt(wordsEnd + 2) << 16
  if (rest >= 2) hash ^= byteAt(wordsEnd + 1) << 8
  if (rest >= 1) hash = (hash ^ byteAt(wordsEnd)) * MULTIPLIER

  hash = (hash ^ (hash >>> 13)) * MULTIPLIER
  return hash ^ (hash >>> 15)
}
