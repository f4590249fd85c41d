import { setTimeout as delay } from 'node:timers/promises'
import type { LaneCounts } from './load-lane.ts'
import type { LoadCounts } from './load-messages.ts'
import type { LoadProcess } from './load-process.ts'

const LOOK_EVERY_MS = 500
/** No fault lasts nearly as long, and after each there is time without. */
const STUCK_MS = 60_000
/** Longer than any record may take: if nothing is settled for so long, nothing will be. */
const STANDSTILL_MS = 240_000
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
  #settledCount = 0
  #settledAtMs = performance.now()
  /** Undefined until the load is to end. */
  #onStandstill: (() => void) | undefined

  constructor(load: LoadProcess, onCounts: (counts: LoadCounts) => void) {
    this.#load = load
    this.#onCounts = onCounts
    this.#done = this.#look()
    this.#done.catch(() => {}) // whoever stops the watch hears of it
  }

  /** Lanes that got nothing acknowledged for a minute, though they wait for it. */
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

  /** The load is to end now. Resolves when it does not: no lane gets on, neither acknowledged nor failed. */
  async untilStandstill(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onStandstill = resolve
    })
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
      for (const [lane, laneCounts] of Object.entries(counts)) this.#judge(lane, laneCounts)
      this.#judgeAll(Object.values(counts))
      await delay(LOOK_EVERY_MS, undefined, { signal: this.#ended.signal }).catch(() => {})
    }
  }

  #judge(lane: string, counts: LaneCounts): void {
    const { acked } = counts
    const before = this.#progress.get(lane)
    const isDone = this.#onStandstill !== undefined && isIdle(counts)
    if (before === undefined || before.acked < acked || isDone)
      this.#progress.set(lane, { acked, atMs: performance.now() })
    else if (performance.now() - before.atMs > STUCK_MS) this.#stuck.add(lane)
  }

  #judgeAll(lanes: readonly LaneCounts[]): void {
    const settledCount = lanes.reduce((sum, { acked, failed }) => sum + acked + failed, 0)
    if (settledCount > this.#settledCount) {
      this.#settledCount = settledCount
      this.#settledAtMs = performance.now()
    } else if (performance.now() - this.#settledAtMs > STANDSTILL_MS) this.#onStandstill?.()
  }
}

/** It waits for no record. */
function isIdle({ sent, acked, failed }: LaneCounts): boolean {
  return sent === acked + failed
}
