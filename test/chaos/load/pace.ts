const MS_PER_SECOND = 1_000

/** How many records should have been sent by now: so many a second, until the run says that enough is enough. */
export class Pace {
  readonly #recordCount: number
  readonly #perMs: number
  readonly #startedMs = performance.now()
  #finalCount: number | undefined

  /** @param recordCount to be sent in `seconds`, and at least in all */
  constructor(recordCount: number, seconds: number) {
    this.#recordCount = recordCount
    this.#perMs = recordCount / (seconds * MS_PER_SECOND)
  }

  get dueCount(): number {
    return this.#finalCount ?? (performance.now() - this.#startedMs) * this.#perMs
  }

  /** No more will be due than is. */
  get isFinal(): boolean {
    return this.#finalCount !== undefined
  }

  /** What is due now is all, but no less than was asked for. */
  finish(): void {
    this.#finalCount = Math.max(this.#recordCount, this.dueCount)
  }
}
