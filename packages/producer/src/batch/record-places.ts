/** Where the records of a batch stand by now: those that were taken back are left out before it is sent. */
export class RecordPlaces {
  /** Where each stood when it was appended; undefined while none was left out. */
  #before: readonly number[] | undefined

  /**
   * @param index where the record stood when it was appended
   * @returns -1 for one that was left out
   */
  currentOf(index: number): number {
    return this.#before === undefined ? index : this.#before.indexOf(index)
  }

  /** Leaves out all but these. */
  keep(indexes: readonly number[]): void {
    this.#before = indexes.map((index) => this.#before?.[index] ?? index)
  }
}
