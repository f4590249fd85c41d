import { CompressionError } from '../compression-error.ts'
import { copyLiteral, copyMatch } from '../copy.ts'

/** Three bytes copy 64 at most: no block gets longer by more. */
const RATIO_MAX = 64 / 3

const UVARINT_BYTES_MAX = 5

/** Up to this, the length of a literal is in its tag; above, the tag says how many bytes of length follow. */
const TAG_LITERAL_MAX = 60

const LITERAL = 0
const COPY_1_BYTE = 1
const COPY_2_BYTES = 2

export interface SnappyPreamble {
  /** What the block says comes out of it. */
  readonly sizeBytes: number
  /** Where its first element is. */
  readonly elementsAt: number
}

/**
 * Reads how many bytes come out of a block.
 *
 * @throws CompressionError TRUNCATED, or CORRUPT when so many cannot come out
 * @source Snappy Compressed Format Description, 1
 */
export function snappyPreamble(block: Uint8Array): SnappyPreamble {
  let sizeBytes = 0
  for (let at = 0; at < UVARINT_BYTES_MAX; at++) {
    const byte = block[at]
    if (byte === undefined) throw truncated()
    sizeBytes += (byte & 0x7f) * 0x80 ** at
    if (byte >= 0x80) continue
    if (sizeBytes <= block.length * RATIO_MAX) return { sizeBytes, elementsAt: at + 1 }
    throw new CompressionError('CORRUPT', `snappy: ${sizeBytes} bytes cannot come out of ${block.length}`)
  }
  throw new CompressionError('CORRUPT', 'snappy: the size of the content is longer than 5 bytes')
}

/**
 * Decompresses a block to where there is room for all its preamble promises.
 *
 * @throws CompressionError TRUNCATED, or CORRUPT when it is not what the preamble says
 */
export function decodeSnappyBlock(
  block: Uint8Array,
  { sizeBytes, elementsAt }: SnappyPreamble,
  content: Uint8Array,
  start: number,
): void {
  const end = start + sizeBytes
  let from = elementsAt
  let to = start
  while (from < block.length) {
    const tag = block[from++] ?? 0
    const kind = tag & 3
    let length = (tag >> 2) + 1
    if (kind === LITERAL) {
      if (length > TAG_LITERAL_MAX) {
        const lengthBytes = length - TAG_LITERAL_MAX
        length = littleEndian(block, from, lengthBytes) + 1
        from += lengthBytes
      }
      if (from + length > block.length) throw truncated()
      if (to + length > end) throw longerThan(sizeBytes)
      copyLiteral(block, from, content, to, length)
      from += length
    } else {
      let distance
      if (kind === COPY_1_BYTE) {
        length = ((tag >> 2) & 7) + 4
        distance = ((tag >> 5) << 8) | littleEndian(block, from, 1)
        from += 1
      } else {
        const distanceBytes = kind === COPY_2_BYTES ? 2 : 4
        distance = littleEndian(block, from, distanceBytes)
        from += distanceBytes
      }
      if (from > block.length) throw truncated()
      if (to + length > end) throw longerThan(sizeBytes)
      if (distance === 0 || distance > to - start) {
        throw new CompressionError('CORRUPT', `snappy: a copy ${distance} bytes back, ${to - start} bytes into a block`)
      }
      copyMatch(content, to, distance, length)
    }
    to += length
  }
  if (to < end) throw truncated()
}

/** Zeros stand for bytes that are not there: what they make is refused before it is used. */
function littleEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0
  for (let i = count - 1; i >= 0; i--) value = value * 0x100 + (bytes[at + i] ?? 0)
  return value
}

function truncated(): CompressionError {
  return new CompressionError('TRUNCATED', 'snappy: the bytes end within a block')
}

function longerThan(sizeBytes: number): CompressionError {
  return new CompressionError('CORRUPT', `snappy: more comes out of a block than the ${sizeBytes} bytes it says`)
}
