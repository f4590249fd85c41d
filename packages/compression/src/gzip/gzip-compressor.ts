import type { ZlibOptions } from 'node:zlib'
import { type Compressor, ownBytes } from '../compressor.ts'
import { loadZlib, promisify } from '../node-zlib.ts'

/** zlib's own bound, rounded up: header, trailer and what stored blocks add. */
const OVERHEAD_BYTES = 64

/** @param level 1 to 9, or -1 for zlib's default */
export function gzipCompressor(level: number): Compressor {
  const { gzip, gzipSync } = loadZlib()
  const gzipLater: (bytes: Buffer, options: ZlibOptions) => Promise<Buffer> = promisify(gzip)
  return {
    compressSync: (bytes) => ownBytes(gzipSync(bytes, optionsFor(bytes, level))),
    compress: async (bytes) => ownBytes(await gzipLater(bytes, optionsFor(bytes, level))),
  }
}

/** Room for all that may come out at once: each further chunk would be another trip to the thread pool and back. */
function optionsFor(bytes: Buffer, level: number): ZlibOptions {
  return { level, chunkSize: bytes.length + (bytes.length >> 8) + OVERHEAD_BYTES }
}
