import type { RecordMetadata } from '@linger/producer'
import type { ProducerHistory } from '../../delivery-checker/producer-history.ts'
import type { StallWatch } from './stall-watch.ts'

/** A record that takes longer may be too late. */
const SLOW_MS = 1_000

/** Writes down how the records of a lane were settled. */
export class SettledRecords {
  readonly #stalls: StallWatch
  ackedCount = 0
  failedCount = 0

  constructor(stalls: StallWatch) {
    this.#stalls = stalls
  }

  acked(history: ProducerHistory, n: number, sentMs: number, metadata: RecordMetadata): void {
    this.ackedCount += 1
    const nowMs = performance.now()
    history.acked(n, metadata, nowMs, this.#excusedMs(sentMs, nowMs))
  }

  failed(history: ProducerHistory, n: number, sentMs: number, error: unknown): void {
    this.failedCount += 1
    const nowMs = performance.now()
    history.failed(n, error, nowMs, this.#excusedMs(sentMs, nowMs))
  }

  /** Time in which this process could do nothing, where it matters. */
  #excusedMs(sentMs: number, nowMs: number): number {
    return nowMs - sentMs > SLOW_MS ? this.#stalls.stalledMsSince(sentMs) : 0
  }
}
