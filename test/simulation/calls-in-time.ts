import type { ProducerProcess } from './producer-process.ts'

/** A call is over so long after its time at the latest, if its process runs. */
const SLACK_MS = 1_000

export interface CallClock {
  readonly nowMs: () => number
  readonly process: ProducerProcess
  readonly violate: (what: string) => void
}

/** Calls that must come to an end, and in time. */
export class CallsInTime {
  readonly #clock: CallClock
  #openCount = 0

  constructor(clock: CallClock) {
    this.#clock = clock
  }

  get openCount(): number {
    return this.#openCount
  }

  /** @param withinMs as long as its process runs */
  async open<Result>(call: Promise<Result>, withinMs: number = Infinity): Promise<Result> {
    const { nowMs, process, violate } = this.#clock
    const askedMs = nowMs()
    this.#openCount += 1
    try {
      return await call
    } finally {
      this.#openCount -= 1
      const tookMs = nowMs() - askedMs - process.frozenMs(askedMs, nowMs())
      if (tookMs > withinMs + SLACK_MS) violate(`a call took ${Math.round(tookMs)} ms, not ${withinMs}`)
    }
  }
}
