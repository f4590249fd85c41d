import { NodeCompression } from '../../src/ports/node/node-compression.ts'
import type { BatchCodec, Compression, CompressionName } from '../../src/ports/compression.ts'
import type { Timeline } from './timeline.ts'

/** The real codecs, with a thread pool that answers on the virtual clock. */
export class VirtualCompression implements Compression {
  readonly #timeline: Timeline
  readonly #delayMs: () => number

  /** @param delayMs how long a job of the pool takes */
  constructor(timeline: Timeline, delayMs: () => number = () => 1) {
    this.#timeline = timeline
    this.#delayMs = delayMs
  }

  codecFor(name: CompressionName, level: number | undefined): BatchCodec {
    const codec = new NodeCompression().codecFor(name, level)
    return {
      ...codec,
      compress: (pieces, onDone) => {
        const bytes = codec.compressSync?.(pieces)
        this.#timeline.after(this.#delayMs(), () => onDone(bytes))
      },
    }
  }
}
