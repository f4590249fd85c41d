/**
 * The timestamps of a batch's records as runs of equal ones, as differences to the first: records of one tick share
 * theirs, and the bytes of a batch are cold by the time that somebody asks.
 */
export class TimestampRuns {
  readonly #starts: number[] = []
  readonly #deltas: number[] = []

  /** The record at `index`, after the first, and those behind it are `delta` milliseconds from the first. */
  start(index: number, delta: number): void {
    this.#starts.push(index)
    this.#deltas.push(delta)
  }

  /** Index of the record that begins run `run`, from 0; `Infinity` behind the last one. */
  startOf(run: number): number {
    return this.#starts[run] ?? Infinity
  }

  /** Milliseconds from the first record to those of run `run`. */
  deltaOf(run: number): number {
    return this.#deltas[run] ?? 0
  }
}
