import type { ZstdOptions } from 'node:zlib'
import type { CodecLibraries, ZstdLibrary } from '../codec-libraries.ts'
import { type Compressor, ownBytes } from '../compressor.ts'
import { loadZlib, promisify } from '../node-zlib.ts'

/** zstd's own bound, rounded up. */
const OVERHEAD_BYTES = 256

/** @param level -131072 to 22 */
export function zstdCompressor(level: number, libraries: CodecLibraries): Compressor {
  return libraries.zlibHasZstd ? byZlib(level) : byLibrary(level, libraries.zstd())
}

function byZlib(level: number): Compressor {
  const { constants, zstdCompress, zstdCompressSync } = loadZlib()
  const zstdCompressLater: (bytes: Buffer, options: ZstdOptions) => Promise<Buffer> = promisify(zstdCompress)
  const params = { [constants.ZSTD_c_compressionLevel]: level }
  return {
    compressSync: (bytes) => ownBytes(zstdCompressSync(bytes, optionsFor(bytes, params))),
    compress: async (bytes) => ownBytes(await zstdCompressLater(bytes, optionsFor(bytes, params))),
  }
}

/**
 * The pledged size goes into the frame's header, so readers know it before they make room, and zstd makes its tables
 * no larger than the batch needs.
 */
function optionsFor(bytes: Buffer, params: NonNullable<ZstdOptions['params']>): ZstdOptions {
  return {
    params,
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
