import { CompressionError } from '../compression-error.ts'
import { copyLiteral, copyMatch } from '../copy.ts'

/** A length of four bits that says 15 goes on in the bytes that follow. */
const LENGTH_GOES_ON = 15
const MATCH_BYTES_MIN = 4
const DISTANCE_BYTES = 2

/**
 * How many bytes a block decompresses to: its lengths are added up, and nothing is written.
 *
 * A block is a list of sequences: a token with two lengths of four bits, literals, and how far back to copy a match
 * from. The last has literals only.
 *
 * @throws CompressionError TRUNCATED when the block ends within a sequence
 * @source LZ4 Block Format Description
 */
export function lz4BlockSize(block: Uint8Array): number {
  let size = 0
  let at = 0
  while (at < block.length) {
    const token = block[at++] ?? 0
    let length = token >> 4
    if (length === LENGTH_GOES_ON) {
      const end = lengthEnd(block, at)
      length = longLength(block, at, end)
      at = end
    }
    at += length
    size += length
    if (at === block.length) return size

    at += DISTANCE_BYTES
    length = token & 15
    if (length === LENGTH_GOES_ON) {
      const end = lengthEnd(block, at)
      length = longLength(block, at, end)
      at = end
    }
    size += length + MATCH_BYTES_MIN
  }
  throw new CompressionError('TRUNCATED', 'lz4: a block ends within a sequence')
}

/**
 * Decompresses a block that `lz4BlockSize` has found whole, to where there is room for it.
 *
 * @returns where its content ends
 * @throws CompressionError CORRUPT when a match begins before the block
 */
export function decodeLz4Block(block: Uint8Array, content: Uint8Array, start: number): number {
  let from = 0
  let to = start
  for (;;) {
    const token = block[from++] ?? 0
    let length = token >> 4
    if (length === LENGTH_GOES_ON) {
      const end = lengthEnd(block, from)
      length = longLength(block, from, end)
      from = end
    }
    copyLiteral(block, from, content, to, length)
    from += length
    to += length
    if (from === block.length) return to

    const distance = (block[from] ?? 0) | ((block[from + 1] ?? 0) << 8)
    if (distance === 0 || distance > to - start) {
      throw new CompressionError('CORRUPT', `lz4: a match ${distance} bytes back, ${to - start} bytes into a block`)
    }
    from += DISTANCE_BYTES
    length = token & 15
    if (length === LENGTH_GOES_ON) {
      const end = lengthEnd(block, from)
      length = longLength(block, from, end)
      from = end
    }
    copyMatch(content, to, distance, length + MATCH_BYTES_MIN)
    to += length + MATCH_BYTES_MIN
  }
}

/** A long length has a byte 255 as often as it fits, and the rest in one more. */
function lengthEnd(block: Uint8Array, start: number): number {
  let at = start
  while (block[at] === 255) at++
  return at + 1
}

function longLength(block: Uint8Array, start: number, end: number): number {
  return LENGTH_GOES_ON + (end - start - 1) * 255 + (block[end - 1] ?? 0)
}
