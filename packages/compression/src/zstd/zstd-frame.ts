import { CompressionError } from '../compression-error.ts'

const MAGIC = 0xfd2f_b528
const MAGIC_BYTES = 4
const BLOCK_HEADER_BYTES = 3
const CHECKSUM_BYTES = 4

const SINGLE_SEGMENT_BIT = 0x20
const RESERVED_BIT = 0x08
const CHECKSUM_BIT = 0x04
const DICTIONARY_ID_MASK = 0x03

const RLE_BLOCK = 1
const RESERVED_BLOCK = 3

export interface ZstdFrame {
  /** What the header says comes out; undefined when it does not. */
  readonly contentBytes: number | undefined
  /** Bytes of the frame, all its blocks and its checksum. */
  readonly frameBytes: number
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
 * @throws CompressionError TRUNCATED, CORRUPT, or UNSUPPORTED for a dictionary
 * @source RFC 8878, 3.1.1
 */
export function walkZstdFrame(bytes: Buffer): ZstdFrame {
  need(bytes, MAGIC_BYTES + 1)
  if (bytes.readUInt32LE(0) !== MAGIC) throw new CompressionError('CORRUPT', 'zstd: no frame begins here')
  const descriptor = bytes.readUInt8(MAGIC_BYTES)
  if ((descriptor & RESERVED_BIT) !== 0) throw new CompressionError('CORRUPT', 'zstd: the reserved bit is set')
  if ((descriptor & DICTIONARY_ID_MASK) !== 0) {
    throw new CompressionError('UNSUPPORTED', 'zstd: the frame was made with a dictionary')
  }
  const isSingleSegment = (descriptor & SINGLE_SEGMENT_BIT) !== 0
  const contentSizeAt = MAGIC_BYTES + 1 + (isSingleSegment ? 0 : 1)
  const sizeBytes = contentSizeBytes(descriptor >> 6, isSingleSegment)
  need(bytes, contentSizeAt + sizeBytes)
  const blocksEnd = walkBlocks(bytes, contentSizeAt + sizeBytes)
  const frameBytes = blocksEnd + ((descriptor & CHECKSUM_BIT) === 0 ? 0 : CHECKSUM_BYTES)
  need(bytes, frameBytes)
  return { contentBytes: readContentSize(bytes, contentSizeAt, sizeBytes), frameBytes }
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

function walkBlocks(bytes: Buffer, start: number): number {
  let at = start
  for (let isLast = false; !isLast;) {
    need(bytes, at + BLOCK_HEADER_BYTES)
    const header = bytes.readUIntLE(at, BLOCK_HEADER_BYTES)
    const type = (header >> 1) & 3
    if (type === RESERVED_BLOCK) throw new CompressionError('CORRUPT', 'zstd: a block of the reserved type')
    isLast = (header & 1) === 1
    at += BLOCK_HEADER_BYTES + (type === RLE_BLOCK ? 1 : header >> 3)
  }
  return at
}

function need(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw new CompressionError('TRUNCATED', 'zstd: the bytes end within the frame')
}
