import type { Compressor } from '../compressor.ts'
import { compressInOneTrip, loadZlib } from '../node-zlib.ts'
import { OutputRoom } from '../output-room.ts'

/** zlib's own bound, rounded up: header, trailer and what stored blocks add. */
const OVERHEAD_BYTES = 64

/** @param level 1 to 9, or -1 for zlib's default */
export function gzipCompressor(level: number): Compressor {
  const { constants, createGzip, gzipSync } = loadZlib()
  const room = new OutputRoom(OVERHEAD_BYTES)
  return {
    compressSync: (bytes) => room.learned(bytes, gzipSync(bytes, { level, chunkSize: room.bytesFor(bytes) })),
    compress: async (bytes) => {
      const stream = createGzip({ level, chunkSize: room.bytesAloneFor(bytes), flush: constants.Z_FINISH })
      return room.learned(bytes, await compressInOneTrip(stream, bytes))
    },
  }
}
