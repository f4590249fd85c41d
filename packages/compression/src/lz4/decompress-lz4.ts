import { CompressionError } from '../compression-error.ts'
import { decodeLz4Block, lz4BlockSize } from './lz4-block.ts'
import { type Lz4FrameHeader, readLz4FrameHeader } from './lz4-frame-header.ts'
import { xxHash32 } from './xx-hash32.ts'

const UNCOMPRESSED_BIT = 0x8000_0000
const BLOCK_HEADER_BYTES = 4
const CHECKSUM_BYTES = 4

interface Block {
  readonly bytes: Buffer
  readonly isCompressed: boolean
  /** Of the bytes as they are; undefined when the frame has none. */
  readonly checksum: number | undefined
  /** Where the next block begins. */
  readonly end: number
}

/**
 * Reads one LZ4 frame. The size of its content is counted before there is room for any of it.
 *
 * ```
 * magic | header | blocks: size, bytes, checksum? | 0 | content checksum?
 * ```
 *
 * @source Kafka Lz4BlockInputStream; LZ4 Frame Format Description
 */
export function decompressLz4(bytes: Buffer, maxBytes: number): Buffer {
  const header = readLz4FrameHeader(bytes)
  let sizeBytes = 0
  let blocksEnd = header.headerBytes
  for (const block of blocksOf(bytes, header)) {
    sizeBytes += contentSizeOf(block, header)
    if (sizeBytes > maxBytes) {
      throw new CompressionError('TOO_LARGE', `lz4: more than the ${maxBytes} bytes come out that are allowed`)
    }
    blocksEnd = block.end
  }
  if (header.contentBytes !== undefined && header.contentBytes !== sizeBytes) {
    throw new CompressionError('CORRUPT', `lz4: a frame of ${header.contentBytes} bytes, and ${sizeBytes} come out`)
  }
  const content = Buffer.allocUnsafeSlow(sizeBytes) // the blocks fill it to the last byte
  let at = 0
  for (const { bytes: block, isCompressed } of blocksOf(bytes, header)) {
    if (isCompressed) at = decodeLz4Block(block, content, at)
    else at += block.copy(content, at)
  }
  checkEnd(bytes, blocksEnd + BLOCK_HEADER_BYTES, header, content)
  return content
}

/** Walks over the blocks up to the end mark, a block of size 0, and keeps none: there may be one in each five bytes. */
function* blocksOf(frame: Buffer, { headerBytes, maxBlockBytes, hasBlockChecksums }: Lz4FrameHeader): Generator<Block> {
  for (let at = headerBytes; ;) {
    const blockHeader = uint32At(frame, at)
    if (blockHeader === 0) return
    const isCompressed = blockHeader < UNCOMPRESSED_BIT
    const length = isCompressed ? blockHeader : blockHeader - UNCOMPRESSED_BIT
    if (length > maxBlockBytes) throw tooLargeBlock(length, maxBlockBytes)
    const start = at + BLOCK_HEADER_BYTES
    at = start + length
    if (at > frame.length) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within a block')
    const bytes = frame.subarray(start, at)
    const checksum = hasBlockChecksums ? uint32At(frame, at) : undefined
    if (hasBlockChecksums) at += CHECKSUM_BYTES
    yield { bytes, isCompressed, checksum, end: at }
  }
}

function contentSizeOf({ bytes, isCompressed, checksum }: Block, { maxBlockBytes }: Lz4FrameHeader): number {
  if (checksum !== undefined) checkHash('a block', bytes, checksum)
  const sizeBytes = isCompressed ? lz4BlockSize(bytes) : bytes.length
  if (sizeBytes > maxBlockBytes) throw tooLargeBlock(sizeBytes, maxBlockBytes)
  return sizeBytes
}

function checkEnd(frame: Buffer, start: number, { hasContentChecksum }: Lz4FrameHeader, content: Buffer): void {
  if (hasContentChecksum) checkHash('the content', content, uint32At(frame, start))
  const trailingBytes = frame.length - start - (hasContentChecksum ? CHECKSUM_BYTES : 0)
  if (trailingBytes > 0) throw new CompressionError('TRAILING_BYTES', `${trailingBytes} bytes follow the lz4 frame`)
}

function checkHash(what: string, bytes: Buffer, expected: number): void {
  const hash = xxHash32(bytes)
  if (hash !== expected)
    throw new CompressionError('CORRUPT', `lz4: the checksum of ${what} is ${hash}, not ${expected}`)
}

function tooLargeBlock(length: number, maxBlockBytes: number): CompressionError {
  return new CompressionError('CORRUPT', `lz4: a block of ${length} bytes in a frame of blocks up to ${maxBlockBytes}`)
}

function uint32At(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within the frame')
  return bytes.readUInt32LE(at)
}
