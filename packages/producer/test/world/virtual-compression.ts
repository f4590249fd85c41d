import { NodeCompression } from '../../src/ports/node/node-compression.ts'
import type { BatchCodec, Compression, CompressionName } from '../../src/ports/compression.ts'

/** A thread pool without threads. */
export interface VirtualPool {
  after(delayMs: number, run: () => void): void
  /** How long a job takes. */
  readonly jobMs: () => number
  /** From this size on batches are compressed in it. Default: as in Node. */
  readonly fromBytes?: number
}

/** The real codecs, with a thread pool that answers on the virtual clock. */
export class VirtualCompression implements Compression {
  readonly #pool: VirtualPool

  constructor(pool: VirtualPool) {
    this.#pool = pool
  }

  codecFor(name: CompressionName, level: number | undefined): BatchCodec {
    const codec = new NodeCompression().codecFor(name, level)
    const { jobMs, fromBytes = codec.poolFromBytes } = this.#pool
    return {
      ...codec,
      poolFromBytes: fromBytes,
      compress: (pieces, onDone) => {
        const copy = Buffer.concat(pieces)
        this.#pool.after(jobMs(), () => {
          const compressed = codec.compressSync?.([copy])
          onDone(compressed)
          compressed?.fill(0) // it was there until then
        })
      },
    }
  }
}
