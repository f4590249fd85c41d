import type { ZstdOptions } from 'node:zlib'
import type { CodecLibraries, ZstdLibrary } from '../codec-libraries.ts'
import type { Compressor } from '../compressor.ts'
import { loadZlib, promisify } from '../node-zlib.ts'
import { OutputRoom } from '../output-room.ts'

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
  const room = new OutputRoom(OVERHEAD_BYTES)
  // The pledged size goes into the frame's header, so readers know it before they make room, and zstd makes its tables no
  // larger than the batch needs.
  const optionsFor = (bytes: Buffer): ZstdOptions => {
    return { params, pledgedSrcSize: bytes.length, chunkSize: room.bytesFor(bytes) }
  }
  return {
    compressSync: (bytes) => room.learned(bytes, zstdCompressSync(bytes, optionsFor(bytes))),
    compress: async (bytes) => room.learned(bytes, await zstdCompressLater(bytes, optionsFor(bytes))),
  }
}

function byLibrary(level: number, library: ZstdLibrary): Compressor {
  return {
    compressSync: undefined,
    compress: (bytes) => library.compress(bytes, level),
  }
}
