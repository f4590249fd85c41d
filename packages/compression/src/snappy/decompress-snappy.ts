import { CompressionError } from '../compression-error.ts'
import { decodeSnappyBlock, snappyPreamble } from './snappy-block.ts'
import { BLOCK_LENGTH_BYTES, XERIAL_HEADER, XERIAL_MAGIC_BYTES } from './xerial-header.ts'

/** Reads snappy in xerial's framing, or a block without any, as librdkafka writes it. */
export function decompressSnappy(bytes: Buffer, maxBytes: number): Buffer {
  let sizeBytes = 0
  for (const block of blocksOf(bytes)) sizeBytes += snappyPreamble(block).sizeBytes
  if (sizeBytes > maxBytes) {
    throw new CompressionError('TOO_LARGE', `snappy: ${sizeBytes} bytes come out, and ${maxBytes} are allowed`)
  }
  const content = Buffer.allocUnsafeSlow(sizeBytes) // the blocks fill it to the last byte
  let at = 0
  for (const block of blocksOf(bytes)) {
    const preamble = snappyPreamble(block)
    decodeSnappyBlock(block, preamble, content, at)
    at += preamble.sizeBytes
  }
  return content
}

function blocksOf(bytes: Buffer): Iterable<Buffer> {
  const magic = bytes.subarray(0, XERIAL_MAGIC_BYTES)
  return magic.equals(XERIAL_HEADER.subarray(0, XERIAL_MAGIC_BYTES)) ? framedBlocks(bytes) : [bytes]
}

/** Walks over the blocks and keeps none: there may be one in each five bytes. */
function* framedBlocks(bytes: Buffer): Generator<Buffer> {
  if (bytes.length < XERIAL_HEADER.length) throw truncated()
  for (let at = XERIAL_HEADER.length; at < bytes.length;) {
    if (at + BLOCK_LENGTH_BYTES > bytes.length) throw truncated()
    const start = at + BLOCK_LENGTH_BYTES
    at = start + bytes.readUInt32BE(at)
    if (at > bytes.length) throw truncated()
    yield bytes.subarray(start, at)
  }
}

function truncated(): CompressionError {
  return new CompressionError('TRUNCATED', 'snappy: the bytes end within the framing')
}
