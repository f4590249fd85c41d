import type { Producer } from '@linger/producer'
import type { DelayStep } from './plan/plan.ts'
import type { Stream } from './record-stream.ts'
import { inOwnBuffers, overwrite } from './reused-buffers.ts'

export interface DelayedCallsDeps {
  readonly producer: Producer
  readonly nowMs: () => number
  /** As the process sees it. */
  readonly wallTimeMs: () => number
  /** Runs something in the process later. */
  readonly after: (delayMs: number, run: () => void) => void
}

/** Sends records that are held back. They are ordered by their times, and not by their calls. */
export class DelayedCalls {
  readonly stream: Stream
  readonly #deps: DelayedCallsDeps
  /** When all that was held was let go before its time, and how many there had been until then. */
  readonly #releases: { readonly atMs: number; readonly count: number }[] = []

  constructor(stream: Stream, deps: DelayedCallsDeps) {
    this.stream = stream
    this.#deps = deps
  }

  run({ count, delayMs, isUntil, ttlMs, abortAfterMs }: DelayStep): void {
    const { producer, nowMs, wallTimeMs, after } = this.#deps
    const controller = new AbortController()
    if (abortAfterMs !== undefined) after(abortAfterMs, () => controller.abort())
    const options = abortAfterMs === undefined ? {} : { signal: controller.signal }
    for (let left = count; left > 0; left--) {
      const [n, made] = this.stream.next()
      const record = inOwnBuffers(made)
      const delay = isUntil ? { deliverAt: wallTimeMs() + delayMs } : { delayMs }
      this.stream.times.set(n, { dueMs: nowMs() + delayMs, ttlMs })
      producer.send({ ...record, ...delay, ...(ttlMs === undefined ? {} : { ttlMs }) }, options).then(
        (metadata) => this.stream.acked(n, metadata),
        (error: unknown) => this.stream.failed(n, error),
      )
      overwrite(record)
    }
  }

  onRelease(): void {
    this.#releases.push({ atMs: this.#deps.nowMs(), count: this.stream.count })
  }

  /** From when on a record may be sent. */
  dueMsOf(n: number): number {
    return Math.min(this.#timeOf(n), this.#releases[this.#releaseOf(n)]?.atMs ?? Infinity)
  }

  /** By number: the place of each record in the order in which they are let go. */
  ranks(): readonly number[] {
    const order = Array.from({ length: this.stream.count }, (_, n) => n).toSorted(
      (a, b) =>
        this.dueMsOf(a) - this.dueMsOf(b) ||
        this.#releaseOf(a) - this.#releaseOf(b) ||
        this.#timeOf(a) - this.#timeOf(b) ||
        a - b,
    )
    const ranks: number[] = []
    for (const [rank, n] of order.entries()) ranks[n] = rank
    return ranks
  }

  /** The first one after its call. */
  #releaseOf(n: number): number {
    const index = this.#releases.findIndex(({ count }) => n < count)
    return index < 0 ? this.#releases.length : index
  }

  #timeOf(n: number): number {
    return this.stream.times.get(n)?.dueMs ?? 0
  }
}
