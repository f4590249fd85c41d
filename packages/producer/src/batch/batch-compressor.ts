import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { Fifo } from '../accumulate/fifo.ts'
import type { BatchCodec } from '../ports/compression.ts'
import type { ProducerBatch } from './producer-batch.ts'

/** libuv has four threads, and names are resolved and keys derived in them too. */
const JOBS_MAX = 2

export interface BatchCompressorDeps {
  readonly codec: BatchCodec
  /** The partition's next batch can be sent, or must be prepared anew. */
  readonly onCompressed: (partition: PartitionQueue) => void
}

/**
 * Compresses batches before they are sent: small ones at once, large ones in the thread pool, ahead of their turn where
 * there is time.
 */
export class BatchCompressor {
  readonly #deps: BatchCompressorDeps
  readonly #waiting = new Fifo<ProducerBatch>()
  #jobs = 0

  constructor(deps: BatchCompressorDeps) {
    this.#deps = deps
  }

  /** True when the batch can be sent. Else it is compressed, and `onCompressed` tells when it was. */
  prepare(batch: ProducerBatch): boolean {
    const { codec } = this.#deps
    if (batch.compression === 'DONE') return true
    if (batch.compression !== 'NONE') return false
    if (codec.compressSync !== undefined && batch.sizeBytes < codec.poolFromBytes) {
      batch.onCompressed(codec, codec.compressSync(batch.recordPieces()))
      return true
    }
    batch.compression = 'WAITING'
    this.#waiting.push(batch)
    this.#runJobs()
    return false
  }

  /** A large batch that waits for its turn is compressed meanwhile. */
  beginAhead({ closed: [next] }: PartitionQueue): void {
    if (next !== undefined && next.sizeBytes >= this.#deps.codec.poolFromBytes) this.prepare(next)
  }

  #runJobs(): void {
    while (this.#jobs < JOBS_MAX) {
      const batch = this.#waiting.shift()
      if (batch === undefined) return
      if (batch.compression === 'WAITING' && !batch.isSettled) this.#compress(batch)
      // A record was taken back meanwhile, or the whole batch is gone: its partition goes on with what it has now.
      else this.#deps.onCompressed(batch.partition)
    }
  }

  #compress(batch: ProducerBatch): void {
    const { codec, onCompressed } = this.#deps
    const job = {}
    batch.compression = job
    this.#jobs++
    codec.compress(batch.recordPieces(), (bytes) => {
      this.#jobs--
      // A record was taken back, or the whole batch is gone: what was compressed is not what is sent.
      if (batch.compression === job && !batch.isSettled) batch.onCompressed(codec, bytes)
      onCompressed(batch.partition)
      this.#runJobs()
    })
  }
}
