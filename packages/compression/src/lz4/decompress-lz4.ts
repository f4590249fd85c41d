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
  /** Bytes of its content. */
  readonly sizeBytes: number
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
  const blocks: Block[] = []
  let sizeBytes = 0
  let at = header.headerBytes
  for (let blockHeader = uint32At(bytes, at); blockHeader !== 0; blockHeader = uint32At(bytes, at)) {
    const block = readBlock(bytes, at, blockHeader, header)
    sizeBytes += block.sizeBytes
    if (sizeBytes > maxBytes) {
      throw new CompressionError('TOO_LARGE', `lz4: more than the ${maxBytes} bytes come out that are allowed`)
    }
    blocks.push(block)
    at += BLOCK_HEADER_BYTES + block.bytes.length + (header.hasBlockChecksums ? CHECKSUM_BYTES : 0)
  }
  at += BLOCK_HEADER_BYTES
  const content = decodeBlocks(blocks, sizeBytes)
  if (header.hasContentChecksum) {
    checkHash('the content', content, uint32At(bytes, at))
    at += CHECKSUM_BYTES
  }
  if (header.contentBytes !== undefined && header.contentBytes !== sizeBytes) {
    throw new CompressionError(
      'CORRUPT',
      `lz4: a frame of ${header.contentBytes} bytes, of which ${sizeBytes} came out`,
    )
  }
  if (at < bytes.length) throw new CompressionError('TRAILING_BYTES', `${bytes.length - at} bytes follow the lz4 frame`)
  return content
}

function readBlock(frame: Buffer, at: number, blockHeader: number, header: Lz4FrameHeader): Block {
  const isCompressed = blockHeader < UNCOMPRESSED_BIT
  const length = isCompressed ? blockHeader : blockHeader - UNCOMPRESSED_BIT
  const start = at + BLOCK_HEADER_BYTES
  if (length > header.maxBlockBytes) throw tooLargeBlock(length, header)
  if (start + length > frame.length) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within a block')
  const bytes = frame.subarray(start, start + length)
  if (header.hasBlockChecksums) checkHash('a block', bytes, uint32At(frame, start + length))
  const sizeBytes = isCompressed ? lz4BlockSize(bytes) : length
  if (sizeBytes > header.maxBlockBytes) throw tooLargeBlock(sizeBytes, header)
  return { bytes, isCompressed, sizeBytes }
}

function decodeBlocks(blocks: readonly Block[], sizeBytes: number): Buffer {
  const content = Buffer.allocUnsafeSlow(sizeBytes) // the blocks fill it to the last byte
  let at = 0
  for (const block of blocks) {
    if (block.isCompressed) decodeLz4Block(block.bytes, content, at)
    else content.set(block.bytes, at)
    at += block.sizeBytes
  }
  return content
}

function checkHash(what: string, bytes: Buffer, expected: number): void {
  const hash = xxHash32(bytes)
  if (hash !== expected)
    throw new CompressionError('CORRUPT', `lz4: the checksum of ${what} is ${hash}, not ${expected}`)
}

function tooLargeBlock(length: number, { maxBlockBytes }: Lz4FrameHeader): CompressionError {
  return new CompressionError('CORRUPT', `lz4: a block of ${length} bytes in a frame of blocks up to ${maxBlockBytes}`)
}

function uint32At(bytes: Buffer, at: number): number {
  if (at + 4 > bytes.length) throw new CompressionError('TRUNCATED', 'lz4: the bytes end within the frame')
  return bytes.readUInt32LE(at)
}
