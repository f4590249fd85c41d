import type { ZstdOptions } from 'node:zlib'
import type { CodecLibraries, ZstdLibrary } from '../codec-libraries.ts'
import type { Compressor } from '../compressor.ts'
import { compressInOneTrip, loadZlib } from '../node-zlib.ts'
import { OutputRoom } from '../output-room.ts'
import { walkZstdFrame } from './zstd-frame.ts'

/** zstd's own bound, rounded up. */
const OVERHEAD_BYTES = 256

/** A frame of nothing. @source RFC 8878 3.1.1: a single segment of 0 bytes, and one last raw block of 0 bytes */
const EMPTY_FRAME_BYTES = 9

/** @param level -131072 to 22 */
export function zstdCompressor(level: number, libraries: CodecLibraries): Compressor {
  return libraries.zlibHasZstd ? byZlib(level) : byLibrary(level, libraries.zstd())
}

function byZlib(level: number): Compressor {
  const { constants, createZstdCompress, zstdCompressSync } = loadZlib()
  const params = { [constants.ZSTD_c_compressionLevel]: level }
  const room = new OutputRoom(OVERHEAD_BYTES)
  // The pledged size goes into the frame's header, so readers know it before they make room, and zstd makes its tables no
  // larger than the batch needs.
  const optionsFor = ({ length }: Buffer, chunkSize: number): ZstdOptions & { readonly chunkSize: number } => {
    return { params, pledgedSrcSize: length, chunkSize }
  }
  return {
    compressSync: (bytes) => {
      const options = optionsFor(bytes, room.bytesFor(bytes))
      return room.learned(bytes, oneFrame(zstdCompressSync(bytes, options), options))
    },
    compress: async (bytes) => {
      const options = optionsFor(bytes, room.bytesAloneFor(bytes))
      const stream = createZstdCompress({ ...options, flush: constants.ZSTD_e_end })
      return room.learned(bytes, oneFrame(await compressInOneTrip(stream, bytes), options))
    },
  }
}

/** When a frame has just filled its room, Node asks zstd whether that was all, and gets an empty frame for it. */
function oneFrame(output: Buffer, { chunkSize }: { readonly chunkSize: number }): Buffer {
  const frameBytes = output.length - EMPTY_FRAME_BYTES
  const hasJustFitted = frameBytes > 0 && frameBytes % chunkSize === 0
  return hasJustFitted ? output.subarray(0, walkZstdFrame(output).frameBytes) : output
}

function byLibrary(level: number, library: ZstdLibrary): Compressor {
  return {
    compressSync: undefined,
    compress: (bytes) => library.compress(bytes, level),
  }
}
