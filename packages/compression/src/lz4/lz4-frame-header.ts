import { CompressionError } from '../compression-error.ts'
import { xxHash32 } from './xx-hash32.ts'

const MAGIC = 0x184d_2204
const MAGIC_BYTES = 4
const VERSION_1 = 0x40
const VERSION_MASK = 0xc0
const INDEPENDENT_BLOCKS_BIT = 0x20
const BLOCK_CHECKSUM_BIT = 0x10
const CONTENT_SIZE_BIT = 0x08
const CONTENT_CHECKSUM_BIT = 0x04
const RESERVED_BIT = 0x02
const DICTIONARY_BIT = 0x01

const CONTENT_SIZE_BYTES = 8

/** 64 KiB to 4 MiB, by the number that stands for them. */
const BLOCK_BYTES_MAX: ReadonlyMap<number, number> = new Map([4, 5, 6, 7].map((id) => [id << 4, 1 << (8 + 2 * id)]))

export interface Lz4FrameHeader {
  readonly headerBytes: number
  /** What a block may have of content. */
  readonly maxBlockBytes: number
  readonly hasBlockChecksums: boolean
  readonly hasContentChecksum: boolean
  /** Undefined when the header does not say. */
  readonly contentBytes: number | undefined
}

/**
 * ```
 * 0 magic | 4 flags | 5 block size | 6 content size (8)? | checksum of all after the magic
 * ```
 *
 * @throws CompressionError TRUNCATED, CORRUPT, or UNSUPPORTED for what Kafka refuses too: blocks that go on from each
 *   other, and dictionaries
 */
export function readLz4FrameHeader(bytes: Buffer): Lz4FrameHeader {
  if (bytes.length < MAGIC_BYTES + 3) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within the header')
  if (bytes.readUInt32LE(0) !== MAGIC) throw new CompressionError('CORRUPT', 'lz4: no frame begins here')
  const flags = bytes.readUInt8(4)
  const hasContentSize = (flags & CONTENT_SIZE_BIT) !== 0
  const checksumAt = 6 + (hasContentSize ? CONTENT_SIZE_BYTES : 0)
  if (bytes.length <= checksumAt) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within the header')
  // One byte of the hash only.
  const checksum = (xxHash32(bytes.subarray(MAGIC_BYTES, checksumAt)) >> 8) & 0xff
  if (bytes.readUInt8(checksumAt) !== checksum) {
    throw new CompressionError('CORRUPT', 'lz4: the checksum of the header does not match')
  }
  checkFlags(flags)
  const maxBlockBytes = BLOCK_BYTES_MAX.get(bytes.readUInt8(5))
  if (maxBlockBytes === undefined) throw new CompressionError('CORRUPT', 'lz4: no such size of blocks')
  return {
    headerBytes: checksumAt + 1,
    maxBlockBytes,
    hasBlockChecksums: (flags & BLOCK_CHECKSUM_BIT) !== 0,
    hasContentChecksum: (flags & CONTENT_CHECKSUM_BIT) !== 0,
    contentBytes: hasContentSize ? Number(bytes.readBigUInt64LE(6)) : undefined,
  }
}

function checkFlags(flags: number): void {
  if ((flags & VERSION_MASK) !== VERSION_1) throw new CompressionError('UNSUPPORTED', 'lz4: not version 1')
  if ((flags & RESERVED_BIT) !== 0) throw new CompressionError('CORRUPT', 'lz4: the reserved bit is set')
  if ((flags & INDEPENDENT_BLOCKS_BIT) === 0) {
    throw new CompressionError('UNSUPPORTED', 'lz4: the blocks are not independent')
  }
  if ((flags & DICTIONARY_BIT) !== 0) {
    throw new CompressionError('UNSUPPORTED', 'lz4: the frame was made with a dictionary')
  }
}
