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

  /** Answers the difference of one record after the other. */
  reader(): () => number {
    const starts = this.#starts
    const deltas = this.#deltas
    let index = 0
    let run = 0
    let delta = 0
    return () => {
      if (index++ === starts[run]) delta = deltas[run++] ?? 0
      return delta
    }
  }
}
