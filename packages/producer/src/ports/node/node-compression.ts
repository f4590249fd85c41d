import { compressionCodecFor, decompress } from '@linger/compression'
import type { BatchCodec, Compression, CompressionName } from '../compression.ts'

/** The codecs of @linger/compression, and libuv's thread pool. */
export class NodeCompression implements Compression {
  codecFor(name: CompressionName, level: number | undefined): BatchCodec {
    const codec = compressionCodecFor(name, level)
    const { compressSync } = codec
    return {
      id: codec.id,
      poolFromBytes: codec.poolFromBytes,
      compressSync:
        compressSync &&
        ((pieces) => {
          try {
            return compressSync(pieces)
          } catch {
            return undefined // the batch goes as it is
          }
        }),
      compress: (pieces, onDone) => {
        codec.compress(pieces).then(
          (compressed) => {
            onDone(compressed)
            codec.free(compressed)
          },
          () => onDone(undefined),
        )
      },
      decompress: (bytes, maxBytes) => decompress(name, bytes, { maxBytes }),
    }
  }
}
