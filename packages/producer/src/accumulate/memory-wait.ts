import type { ShareMeter } from '../observe/share-meter.ts'
import type { Clock } from '../ports/clock.ts'

/** Whether memory is what everybody waits for, and for how long. */
export class MemoryWait {
  readonly #clock: Clock
  readonly #meter: ShareMeter

  /** @param meter of the time in which somebody waits */
  constructor(clock: Clock, meter: ShareMeter) {
    this.#clock = clock
    this.#meter = meter
  }

  get isOn(): boolean {
    return this.#meter.isRunning
  }

  begin(): void {
    if (!this.isOn) this.#meter.begin(this.#clock.now())
  }

  end(): void {
    if (this.isOn) this.#meter.end(this.#clock.now())
  }
}
