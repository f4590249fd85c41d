import type { SnappyLibrary } from '../codec-libraries.ts'
import { freeMemory } from '../free-memory.ts'
import type { Compressor } from '../compressor.ts'
import { BLOCK_LENGTH_BYTES, XERIAL_HEADER } from './xerial-header.ts'

/**
 * Snappy in xerial's framing, all of a batch in one block.
 *
 * Java makes a block of each 32 KiB, since it compresses while records come. Readers take blocks of any size, and one
 * is smaller than many, and one call.
 */
export function snappyCompressor(library: SnappyLibrary): Compressor {
  return {
    compressSync: (bytes) => framed(library.compressSync(bytes)),
    compress: async (bytes) => {
      const block = await library.compress(bytes)
      const compressed = framed(block)
      freeMemory(block)
      return compressed
    },
  }
}

function framed(block: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafeSlow(XERIAL_HEADER.length + BLOCK_LENGTH_BYTES + block.length)
  framed.set(XERIAL_HEADER)
  framed.writeUInt32BE(block.length, XERIAL_HEADER.length)
  framed.set(block, XERIAL_HEADER.length + BLOCK_LENGTH_BYTES)
  return framed
}
