import { CompressionError } from '../compression-error.ts'
import { decodeSnappyBlock, type SnappyPreamble, snappyPreamble } from './snappy-block.ts'
import { BLOCK_LENGTH_BYTES, XERIAL_HEADER, XERIAL_MAGIC_BYTES } from './xerial-header.ts'

interface Block {
  readonly bytes: Uint8Array
  readonly preamble: SnappyPreamble
}

/** Reads snappy in xerial's framing, or a block without any, as librdkafka writes it. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  const blocks = isFramed(bytes) ? framedBlocks(bytes) : [blockOf(bytes)]
  const sizeBytes = blocks.reduce((sum, { preamble }) => sum + preamble.sizeBytes, 0)
  if (sizeBytes > maxBytes) {
    throw new CompressionError('TOO_LARGE', `snappy: ${sizeBytes} bytes come out, and ${maxBytes} are allowed`)
  }
  const content = Buffer.allocUnsafeSlow(sizeBytes) // the blocks fill it to the last byte
  let at = 0
  for (const { bytes: block, preamble } of blocks) {
    decodeSnappyBlock(block, preamble, content, at)
    at += preamble.sizeBytes
  }
  return content
}

function isFramed(bytes: Buffer): boolean {
  return bytes.subarray(0, XERIAL_MAGIC_BYTES).equals(XERIAL_HEADER.subarray(0, XERIAL_MAGIC_BYTES))
}

function framedBlocks(bytes: Buffer): Block[] {
  if (bytes.length < XERIAL_HEADER.length) throw truncated()
  const blocks: Block[] = []
  for (let at = XERIAL_HEADER.length; at < bytes.length;) {
    if (at + BLOCK_LENGTH_BYTES > bytes.length) throw truncated()
    const length = bytes.readUInt32BE(at)
    at += BLOCK_LENGTH_BYTES
    if (at + length > bytes.length) throw truncated()
    blocks.push(blockOf(bytes.subarray(at, at + length)))
    at += length
  }
  return blocks
}

function blockOf(bytes: Uint8Array): Block {
  return { bytes, preamble: snappyPreamble(bytes) }
}

function truncated(): CompressionError {
  return new CompressionError('TRUNCATED', 'snappy: the bytes end within the framing')
}
