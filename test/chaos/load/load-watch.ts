import { setTimeout as delay } from 'node:timers/promises'
import type { LoadCounts } from './load-messages.ts'
import type { LoadProcess } from './load-process.ts'

const LOOK_EVERY_MS = 500
/** No fault lasts nearly as long, and after each there is time without. */
const STUCK_MS = 60_000
/** Longer than any back-off, and than a connection of which nobody knows yet that it is dead. */
const GO_ON_TIMEOUT_MS = 20_000

/** Looks on while the load runs, and sees lanes that no longer get anything acknowledged. */
export class LoadWatch {
  readonly #load: LoadProcess
  readonly #onCounts: (counts: LoadCounts) => void
  readonly #ended = new AbortController()
  readonly #done: Promise<void>
  readonly #progress = new Map<string, { readonly acked: number; readonly atMs: number }>()
  readonly #stuck = new Set<string>()

  constructor(load: LoadProcess, onCounts: (counts: LoadCounts) => void) {
    this.#load = load
    this.#onCounts = onCounts
    this.#done = this.#look()
    this.#done.catch(() => {}) // whoever stops the watch hears of it
  }

  /** Lanes that got nothing acknowledged for a minute. */
  get stuck(): readonly string[] {
    return [...this.#stuck]
  }

  /** Waits until every lane gets something acknowledged. The faults are over: one that does not in time is stuck. */
  async untilAllGoOn(): Promise<void> {
    const before = await this.#load.counts()
    const deadlineMs = performance.now() + GO_ON_TIMEOUT_MS
    for (;;) {
      const waiting = Object.entries(await this.#load.counts())
        .filter(([lane, { acked }]) => acked === before[lane]?.acked)
        .map(([lane]) => lane)
      if (waiting.length === 0) return
      if (performance.now() > deadlineMs) {
        for (const lane of waiting) this.#stuck.add(lane)
        return
      }
      await delay(LOOK_EVERY_MS)
    }
  }

  /** @throws when the load ended while it was watched */
  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#done
  }

  async #look(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      const counts = await this.#load.counts()
      this.#onCounts(counts)
      for (const [lane, { acked }] of Object.entries(counts)) this.#judge(lane, acked)
      await delay(LOOK_EVERY_MS, undefined, { signal: this.#ended.signal }).catch(() => {})
    }
  }

  #judge(lane: string, acked: number): void {
    const before = this.#progress.get(lane)
    if (before === undefined || before.acked < acked) this.#progress.set(lane, { acked, atMs: performance.now() })
    else if (performance.now() - before.atMs > STUCK_MS) this.#stuck.add(lane)
  }
}
