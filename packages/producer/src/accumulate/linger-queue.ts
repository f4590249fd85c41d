import type { ProducerBatch } from '../batch/producer-batch.ts'
import { Fifo } from './fifo.ts'

/**
 * Open batches that wait for company, in the order in which their waiting ends: it is the same time for all, so
 * the order of creation is the order of deadlines and one look at the head is enough.
 */
export class LingerQueue {
  readonly #lingerMs: number
  readonly #batches = new Fifo<ProducerBatch>()

  constructor(lingerMs: number) {
    this.#lingerMs = lingerMs
  }

  push(batch: ProducerBatch): void {
    this.#batches.push(batch)
  }

  /** When the next open batch has lingered. */
  get deadlineMs(): number {
    for (let batch = this.#batches.peek(); batch !== undefined; batch = this.#batches.peek()) {
      if (batch.partition.open === batch) return batch.createdMs + this.#lingerMs
      this.#batches.shift()
    }
    return Infinity
  }

  /** Takes out what has lingered by `nowMs`; `Infinity` takes all. */
  takeLingered(nowMs: number, onLingered: (batch: ProducerBatch) => void): void {
    while (this.deadlineMs <= nowMs) {
      const batch = this.#batches.shift()
      if (batch === undefined) return
      onLingered(batch)
    }
  }
}
