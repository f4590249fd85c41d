import { CompressionError } from '../compression-error.ts'
import { corrupt } from './corrupt.ts'

const MAGIC = 0xfd2f_b528
const MAGIC_BYTES = 4
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4

const SINGLE_SEGMENT_BIT = 0x20
const RESERVED_BIT = 0x08
const CHECKSUM_BIT = 0x04
const DICTIONARY_ID_MASK = 0x03

const BLOCK_TYPES = ['RAW', 'RLE', 'COMPRESSED'] as const

/** What a block may have of content, in a window that is not smaller. */
const BLOCK_BYTES_MAX = 128 * 1024

/** Readers need not look back further; zstd itself and Java's binding refuse it unless they are told otherwise. */
const WINDOW_BYTES_MAX = 128 * 1024 * 1024

export interface ZstdFrame {
  /** What the header says comes out; undefined when it does not. */
  readonly contentBytes: number | undefined
  /** What a block of it may have of content. */
  readonly maxBlockBytes: number
  /** Where its first block is. */
  readonly blocksAt: number
  /** Bytes of the frame, all its blocks and its checksum. */
  readonly frameBytes: number
}

export interface ZstdBlock {
  readonly type: (typeof BLOCK_TYPES)[number]
  /** Of the bytes; of the content when its type is RLE, which repeats its one byte. */
  readonly size: number
  readonly bytes: Buffer
  /** Where the next block begins. */
  readonly end: number
}

/**
 * Walks over a frame's blocks without decompressing any: how long it is, and what it promises.
 *
 * node:zlib reads one frame and ignores what follows.
 *
 * ```
 *  0 magic | 4 descriptor | window? | dictionary id? | content size? | blocks: 24-bit header, bytes | checksum?
 * ```
 *
 * @throws CompressionError TRUNCATED, CORRUPT, or UNSUPPORTED for a dictionary or a window of more than 128 MiB
 * @source RFC 8878, 3.1.1
 */
export function walkZstdFrame(bytes: Buffer): ZstdFrame {
  need(bytes, MAGIC_BYTES + 1)
  if (bytes.readUInt32LE(0) !== MAGIC) throw corrupt('no frame begins here')
  const descriptor = bytes.readUInt8(MAGIC_BYTES)
  if ((descriptor & RESERVED_BIT) !== 0) throw corrupt('the reserved bit is set')
  if ((descriptor & DICTIONARY_ID_MASK) !== 0) {
    throw new CompressionError('UNSUPPORTED', 'zstd: the frame was made with a dictionary')
  }
  const isSingleSegment = (descriptor & SINGLE_SEGMENT_BIT) !== 0
  const contentSizeAt = MAGIC_BYTES + 1 + (isSingleSegment ? 0 : 1)
  const sizeBytes = contentSizeBytes(descriptor >> 6, isSingleSegment)
  const blocksAt = contentSizeAt + sizeBytes
  need(bytes, blocksAt)
  let blocksEnd = blocksAt
  for (const { end } of zstdBlocks(bytes, blocksAt)) blocksEnd = end
  const frameBytes = blocksEnd + ((descriptor & CHECKSUM_BIT) === 0 ? 0 : CHECKSUM_BYTES)
  need(bytes, frameBytes)
  const contentBytes = readContentSize(bytes, contentSizeAt, sizeBytes)
  const windowBytes = isSingleSegment ? (contentBytes ?? 0) : windowSize(bytes.readUInt8(MAGIC_BYTES + 1))
  return { contentBytes, maxBlockBytes: Math.min(BLOCK_BYTES_MAX, windowBytes), blocksAt, frameBytes }
}

/** A power of two in the upper five bits, and eighths of it in the lower three. */
function windowSize(descriptor: number): number {
  const power = 2 ** (10 + (descriptor >> 3))
  const windowBytes = power + (power / 8) * (descriptor & 7)
  if (windowBytes <= WINDOW_BYTES_MAX) return windowBytes
  throw new CompressionError('UNSUPPORTED', `zstd: a window of ${windowBytes} bytes`)
}

function contentSizeBytes(flag: number, isSingleSegment: boolean): number {
  if (flag === 0) return isSingleSegment ? 1 : 0
  return 1 << flag
}

function readContentSize(bytes: Buffer, at: number, sizeBytes: number): number | undefined {
  switch (sizeBytes) {
    case 0:
      return undefined
    case 1:
      return bytes.readUInt8(at)
    case 2:
      return bytes.readUInt16LE(at) + 256
    case 4:
      return bytes.readUInt32LE(at)
    default:
      return Number(bytes.readBigUInt64LE(at))
  }
}

/** @throws CompressionError TRUNCATED, or CORRUPT for a block of no known type */
export function* zstdBlocks(frame: Buffer, blocksAt: number): Generator<ZstdBlock> {
  let at = blocksAt
  for (let isLast = false; !isLast;) {
    need(frame, at + BLOCK_HEADER_BYTES)
    const header = frame.readUIntLE(at, BLOCK_HEADER_BYTES)
    const type = BLOCK_TYPES[(header >> 1) & 3]
    if (type === undefined) throw corrupt('a block of the reserved type')
    isLast = (header & 1) === 1
    const size = header >> 3
    const start = at + BLOCK_HEADER_BYTES
    at = start + (type === 'RLE' ? 1 : size)
    need(frame, at)
    yield { type, size, bytes: frame.subarray(start, at), end: at }
  }
}

function need(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw new CompressionError('TRUNCATED', 'zstd: the bytes end within the frame')
}
