/**
 * Counts the records of one stretch between two calls of `flush()` that are not through yet. A flush waits for
 * the groups begun before it, so records sent after the call do not prolong it.
 */
export class RecordGroup {
  #count = 0
  #onEmpty: (() => void)[] = []

  get count(): number {
    return this.#count
  }

  add(count: number): void {
    this.#count += count
  }

  leave(count: number): void {
    this.#count -= count
    if (this.#count > 0) return
    for (const run of this.#onEmpty.splice(0)) run()
  }

  /** Runs `run` once the group is empty: at once, if it is. */
  whenEmpty(run: () => void): void {
    if (this.#count === 0) run()
    else this.#onEmpty.push(run)
  }
}
