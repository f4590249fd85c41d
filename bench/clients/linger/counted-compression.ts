import { NodeCompression } from '../../../packages/producer/src/ports/node/node-compression.ts'
import { nodePorts } from '../../../packages/producer/src/ports/node/node-ports.ts'
import type { BatchCodec, Compression, CompressionName } from '../../../packages/producer/src/ports/compression.ts'
import type { CompressionCounts } from '../../workload.ts'
import { runDriver } from '../driver.ts'
import { lingerDriver } from './linger-driver.ts'

/** Counts, by the batch, what the producer asks of its codec. */
class CountedCompression implements Compression {
  readonly #compression = new NodeCompression()
  #batches = 0
  #uncompressedBytes = 0
  #compressedBytes = 0
  #splits = 0

  counts(): CompressionCounts {
    return {
      batches: this.#batches,
      uncompressedBytes: this.#uncompressedBytes,
      compressedBytes: this.#compressedBytes,
      splits: this.#splits,
    }
  }

  codecFor(name: CompressionName, level: number | undefined): BatchCodec {
    const codec = this.#compression.codecFor(name, level)
    const { compressSync } = codec
    const counted = <Bytes extends Uint8Array | undefined>(pieces: readonly Uint8Array[], bytes: Bytes): Bytes => {
      this.#batches += 1
      this.#uncompressedBytes += pieces.reduce((sum, { length }) => sum + length, 0)
      this.#compressedBytes += bytes?.length ?? 0
      return bytes
    }
    return {
      ...codec,
      compressSync: compressSync && ((pieces) => counted(pieces, compressSync(pieces))),
      compress: (pieces, onDone) => codec.compress(pieces, (bytes) => onDone(counted(pieces, bytes))),
      // Only a batch that is split is ever read back, and JSON always shrinks.
      decompress: (bytes, maxBytes) => {
        this.#splits += 1
        return codec.decompress(bytes, maxBytes)
      },
    }
  }
}

await runDriver(async (workload) => {
  const compression = new CountedCompression()
  const driver = await lingerDriver(workload, { ...nodePorts(), compression })
  return { ...driver, compression: () => compression.counts() }
})
