import { promisify } from 'node:util'
import zlib, { type ZstdOptions } from 'node:zlib'
import type { CodecLibraries, ZstdLibrary } from '../codec-libraries.ts'
import { type Compressor, ownBytes } from '../compressor.ts'

/** zstd's own bound, rounded up. */
const OVERHEAD_BYTES = 256

/** @param level -131072 to 22 */
export function zstdCompressor(level: number, libraries: CodecLibraries): Compressor {
  return libraries.zlibHasZstd ? byZlib(level) : byLibrary(level, libraries.zstd())
}

function byZlib(level: number): Compressor {
  const zstdCompress: (bytes: Buffer, options: ZstdOptions) => Promise<Buffer> = promisify(zlib.zstdCompress)
  return {
    compressSync: (bytes) => ownBytes(zlib.zstdCompressSync(bytes, optionsFor(bytes, level))),
    compress: async (bytes) => ownBytes(await zstdCompress(bytes, optionsFor(bytes, level))),
  }
}

/**
 * The pledged size goes into the frame's header, so readers know it before they make room, and zstd makes its tables
 * no larger than the batch needs.
 */
function optionsFor(bytes: Buffer, level: number): ZstdOptions {
  return {
    params: { [zlib.constants.ZSTD_c_compressionLevel]: level },
    pledgedSrcSize: bytes.length,
    chunkSize: bytes.length + (bytes.length >> 8) + OVERHEAD_BYTES, // in one trip to the thread pool
  }
}

function byLibrary(level: number, library: ZstdLibrary): Compressor {
  return {
    compressSync: undefined,
    compress: async (bytes) => ownBytes(await library.compress(bytes, level)),
  }
}
