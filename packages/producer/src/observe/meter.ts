/** Kafka's metrics.sample.window.ms. */
export const WINDOW_MS = 30_000

/** What is older tells nothing any more: Kafka's metrics.num.samples, 2, of such windows. */
const MEMORY_MS = 2 * WINDOW_MS

/**
 * Values of one kind, as they come: how many and how much in all, and in the last minute.
 *
 * The last minute is kept as two windows of 30 seconds, so that a value costs some additions, however many there are.
 *
 * @source Kafka SampledStat, Rate
 */
export class Meter {
  #total = 0
  #count = 0
  #current: Window | undefined
  #previous: Window | undefined

  record(value: number, nowMs: number): void {
    let window = this.#current
    if (window === undefined || nowMs - window.startMs >= WINDOW_MS) {
      this.#previous = window
      window = this.#current = { startMs: nowMs, lastMs: nowMs, sum: 0, count: 0, max: -Infinity }
    }
    window.lastMs = nowMs
    window.sum += value
    window.count++
    if (value > window.max) window.max = value
    this.#total += value
    this.#count++
  }

  /** The sum of all values since the beginning. */
  get total(): number {
    return this.#total
  }

  /** How many there were since the beginning. */
  get count(): number {
    return this.#count
  }

  /** What the values of the last minute came to per second. 0 when there were none. */
  rate(nowMs: number): number {
    return this.#perSecond(nowMs, this.sum(nowMs))
  }

  /** How many values there were per second in the last minute. */
  countRate(nowMs: number): number {
    return this.#perSecond(nowMs, this.#recentCount(nowMs))
  }

  /** Of the last minute. NaN when there were none. */
  average(nowMs: number): number {
    return this.sum(nowMs) / this.#recentCount(nowMs)
  }

  /** Of the last minute. NaN when there were none. */
  max(nowMs: number): number {
    const windows = this.#recent(nowMs)
    return windows.length === 0 ? NaN : Math.max(...windows.map(({ max }) => max))
  }

  /** Of the values of the last minute. */
  sum(nowMs: number): number {
    return this.#recent(nowMs).reduce((sum, window) => sum + window.sum, 0)
  }

  #recentCount(nowMs: number): number {
    return this.#recent(nowMs).reduce((sum, { count }) => sum + count, 0)
  }

  /** A rate is not what the first second of a burst would make of it: less than a window counts as one more. */
  #perSecond(nowMs: number, amount: number): number {
    const [oldest] = this.#recent(nowMs)
    if (oldest === undefined) return 0
    const elapsedMs = nowMs - oldest.startMs
    return amount / ((elapsedMs < WINDOW_MS ? elapsedMs + WINDOW_MS : elapsedMs) / 1000)
  }

  /** The older one first. */
  #recent(nowMs: number): Window[] {
    const windows: Window[] = []
    for (const window of [this.#previous, this.#current]) {
      if (window !== undefined && nowMs - window.lastMs < MEMORY_MS) windows.push(window)
    }
    return windows
  }
}

interface Window {
  readonly startMs: number
  lastMs: number
  sum: number
  count: number
  max: number
}
