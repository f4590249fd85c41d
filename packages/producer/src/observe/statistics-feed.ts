import { invalidArgument } from '../errors.ts'
import type { Statistics } from './statistics.ts'

export type StatisticsListener = (statistics: Statistics) => void

export interface StatisticsFeedDeps {
  readonly intervalMs: number
  readonly now: () => number
  readonly take: () => Statistics
  /** Windows are kept from now on, and the timer is to be set. */
  readonly onBegin: () => void
  /** A listener threw. */
  readonly onThrow: (error: unknown) => void
}

/** Gives statistics to its listeners, every so often. Nobody is waited for: it holds no process back from its end. */
export class StatisticsFeed {
  readonly #deps: StatisticsFeedDeps
  readonly #listeners = new Set<StatisticsListener>()
  #dueAtMs = Infinity

  constructor(deps: StatisticsFeedDeps) {
    this.#deps = deps
  }

  /** @throws KafkaError INVALID_ARGUMENT when the producer gives no statistics */
  add(listener: StatisticsListener): void {
    const { intervalMs, now, onBegin } = this.#deps
    if (intervalMs === 0) throw invalidArgument("on('statistics') needs statisticsIntervalMs in the configuration")
    this.#listeners.add(listener)
    if (this.#dueAtMs !== Infinity) return
    this.#dueAtMs = now() + intervalMs
    onBegin()
  }

  remove(listener: StatisticsListener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size === 0) this.#dueAtMs = Infinity
  }

  /** When there is something to tell. */
  get deadlineMs(): number {
    return this.#dueAtMs
  }

  run(nowMs: number): void {
    const { intervalMs, take, onThrow } = this.#deps
    if (nowMs < this.#dueAtMs) return
    // After a pause of the process one is given, not one for each that was missed.
    const nextMs = this.#dueAtMs + intervalMs
    this.#dueAtMs = nextMs > nowMs ? nextMs : nowMs + intervalMs
    const statistics = take()
    for (const listener of this.#listeners) {
      try {
        listener(statistics)
      } catch (error) {
        onThrow(error)
      }
    }
  }
}
