import type { Lz4Library } from '../codec-libraries.ts'
import type { Compressor } from '../compressor.ts'

/**
 * LZ4 frames of independent blocks, as Kafka demands: version 1, no checksum but the header's.
 *
 * @source Kafka Lz4BlockOutputStream
 */
export function lz4Compressor(library: Lz4Library): Compressor {
  return {
    compressSync: (bytes) => library.compressFrameSync(bytes),
    compress: (bytes) => library.compressFrame(bytes),
  }
}
