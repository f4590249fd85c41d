import type { Clock } from '../ports/clock.ts'
import type { Meter } from '../observe/meter.ts'

/** Whether memory is what everybody waits for, and for how long. */
export class MemoryWait {
  readonly #clock: Clock
  readonly #meter: Meter
  #sinceMs: number | undefined

  /** @param meter of the stretches of waiting, in milliseconds */
  constructor(clock: Clock, meter: Meter) {
    this.#clock = clock
    this.#meter = meter
  }

  get isOn(): boolean {
    return this.#sinceMs !== undefined
  }

  begin(): void {
    this.#sinceMs ??= this.#clock.now()
  }

  end(): void {
    if (this.#sinceMs === undefined) return
    const nowMs = this.#clock.now()
    this.#meter.record(nowMs - this.#sinceMs, nowMs)
    this.#sinceMs = undefined
  }
}
