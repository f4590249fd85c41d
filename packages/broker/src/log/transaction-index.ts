/** A transaction that was aborted, as consumers are told of it. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
  /** Of its marker. */
  readonly lastOffset: number
}

interface CompletedTransaction {
  readonly firstOffset: number
  readonly lastOffset: number
}

/**
 * The transactions of one partition: those that are open, and those that were aborted.
 *
 * @source Kafka ProducerStateManager (ongoingTxns, unreplicatedTxns), TransactionIndex
 */
export class TransactionIndex {
  /** First offsets, by producer id. */
  readonly #open = new Map<bigint, number>()
  /** Ended, but by a marker that some replica may not have: consumers do not see them yet. */
  #unreplicated: CompletedTransaction[] = []
  /** In the order of their markers. */
  readonly #aborted: AbortedTransaction[] = []

  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#unreplicated.length === 0
  }

  firstOffsetOf(producerId: bigint): number | undefined {
    return this.#open.get(producerId)
  }

  onRecords(producerId: bigint, firstOffset: number): void {
    if (!this.#open.has(producerId)) this.#open.set(producerId, firstOffset)
  }

  /** A marker for a producer that wrote nothing ends nothing. */
  onMarker(producerId: bigint, lastOffset: number, isAbort: boolean): void {
    const firstOffset = this.#open.get(producerId)
    if (firstOffset === undefined) return
    this.#open.delete(producerId)
    this.#unreplicated.push({ firstOffset, lastOffset })
    if (isAbort) this.#aborted.push({ producerId, firstOffset, lastOffset })
  }

  /** Everything below it is decided, and on all replicas in sync. */
  lastStableOffset(highWatermark: number): number {
    if (this.isEmpty) return highWatermark
    this.#unreplicated = this.#unreplicated.filter(({ lastOffset }) => lastOffset >= highWatermark)
    let stable = highWatermark
    for (const { firstOffset } of this.#unreplicated) stable = Math.min(stable, firstOffset)
    for (const firstOffset of this.#open.values()) stable = Math.min(stable, firstOffset)
    return stable
  }

  /** Those with records from `fromOffset` on and before `beforeOffset`. */
  abortedIn(fromOffset: number, beforeOffset: number): readonly AbortedTransaction[] {
    return this.#aborted.filter(({ firstOffset, lastOffset }) => lastOffset >= fromOffset && firstOffset < beforeOffset)
  }

  clear(): void {
    this.#open.clear()
    this.#unreplicated = []
    this.#aborted.length = 0
  }
}
