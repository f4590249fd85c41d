import type { Clock } from '../ports/clock.ts'

/** After this many records even one long tick reads the clock again. */
const READS_PER_REFRESH = 1024

/**
 * The timestamp of records that name none. The clock is read once per tick: reading it per record would cost more
 * than writing the record's header.
 */
export class RecordClock {
  readonly #clock: Clock
  /**
   * The time, in a list that once held something else: V8 keeps it there as an object, and passes that on. A field of
   * numbers only would make a new object at every read.
   */
  readonly #time: [number | undefined] = [undefined]
  #readsLeft = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  now(): number {
    if (this.#readsLeft === 0) this.#refresh()
    this.#readsLeft--
    return this.#time[0] as number
  }

  #refresh(): void {
    this.#time[0] = this.#clock.wallTime()
    this.#readsLeft = READS_PER_REFRESH
    this.#clock.soon(this.#expire)
  }

  readonly #expire = (): void => {
    this.#readsLeft = 0
  }
}
