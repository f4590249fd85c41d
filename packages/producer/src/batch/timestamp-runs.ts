/** The timestamps of a batch's records as runs of equal ones: the records of one tick share theirs. */
export class TimestampRuns {
  readonly #starts: number[] = []
  readonly #timestamps: number[] = []
  #last = Number.NaN
  /** Where the reader is. */
  #run = 0

  get last(): number {
    return this.#last
  }

  /** The record at `index` and those after it have this timestamp. */
  start(index: number, timestamp: number): void {
    this.#last = timestamp
    this.#starts.push(index)
    this.#timestamps.push(timestamp)
  }

  /** Every record has the timestamp that the broker gave the batch. */
  replaceAll(timestamp: number): void {
    this.#starts.splice(0, Infinity, 0)
    this.#timestamps.splice(0, Infinity, timestamp)
  }

  /** The timestamp of a record. Indexes are asked for in ascending order. */
  at(index: number): number {
    const next = this.#starts[this.#run + 1]
    if (next !== undefined && index >= next) this.#run++
    return this.#timestamps[this.#run] ?? Number.NaN
  }
}
