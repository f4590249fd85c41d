import type { Anomaly } from './anomaly.ts'

/** Where a producer says that a record is. */
export interface Acknowledgement {
  readonly partition: number
  readonly offset: number | undefined
  readonly timestamp: number
}

/** How a record was settled: numbers, to be kept in a byte each. */
export const Settlement = { UNSENT: 0, PENDING: 1, ACKED: 2, NEVER: 3, UNKNOWN: 4 } as const

const COUNT_MIN = 1024

type Columns = ReturnType<typeof columns>

/**
 * What one producer was given and what it said of it, record by record: number n is its n-th record in the order of the
 * calls. Some thirty bytes each, so that ten million records fit.
 */
export class ProducerHistory {
  readonly #settleWithinMs: number
  #columns: Columns = columns(COUNT_MIN)
  #settledCount = 0
  #count = 0
  /** Seen while it was recorded. */
  readonly anomalies: { readonly anomaly: Anomaly; readonly n: number; readonly text: string }[] = []

  /** @param settleWithinMs from the call to its settlement, on the clock of the times that are handed in */
  constructor(settleWithinMs: number = Infinity) {
    this.#settleWithinMs = settleWithinMs
  }

  /** One more than the largest number that was sent. */
  get count(): number {
    return this.#count
  }

  get sentCount(): number {
    let sent = 0
    for (let n = 0; n < this.#count; n++) if (this.#columns.settlements[n] !== Settlement.UNSENT) sent += 1
    return sent
  }

  get settledCount(): number {
    return this.#settledCount
  }

  /** Record `n` is being handed over. */
  sent(n: number, atMs: number = 0): void {
    if (n >= this.#columns.settlements.length) this.#columns = grown(this.#columns, n + 1)
    this.#count = Math.max(this.#count, n + 1)
    this.#columns.settlements[n] = Settlement.PENDING
    this.#columns.sentAtMs[n] = atMs
  }

  /** The producer did not take it. It must never be seen again: send a record with another number instead. */
  notTaken(n: number): void {
    this.#columns.settlements[n] = Settlement.UNSENT
  }

  acked(n: number, { partition, offset, timestamp }: Acknowledgement, atMs: number = 0, excusedMs: number = 0): void {
    if (!this.#settle(n, Settlement.ACKED, atMs, excusedMs)) return
    this.#columns.partitions[n] = partition
    this.#columns.offsets[n] = offset ?? Number.NaN
    this.#columns.timestamps[n] = timestamp
  }

  /** @param error whose `outcome` says 'never' or 'unknown' */
  failed(n: number, error: unknown, atMs: number = 0, excusedMs: number = 0): void {
    const outcome = error instanceof Error && 'outcome' in error ? error.outcome : undefined
    const settlement = outcome === 'never' ? Settlement.NEVER : Settlement.UNKNOWN
    if (!this.#settle(n, settlement, atMs, excusedMs)) return
    if (outcome !== 'never' && outcome !== 'unknown') this.#note('untyped', n, `failed with ${String(error)}`)
  }

  settlementOf(n: number): number {
    return this.#columns.settlements[n] ?? Settlement.UNSENT
  }

  partitionOf(n: number): number {
    return this.#columns.partitions[n] ?? -1
  }

  /** NaN: the producer did not learn it. */
  offsetOf(n: number): number {
    return this.#columns.offsets[n] ?? Number.NaN
  }

  timestampOf(n: number): number {
    return this.#columns.timestamps[n] ?? Number.NaN
  }

  sentAtMsOf(n: number): number {
    return this.#columns.sentAtMs[n] ?? 0
  }

  /** NaN while it is not settled. */
  settledAtMsOf(n: number): number {
    const isSettled = this.settlementOf(n) > Settlement.PENDING
    return isSettled ? (this.#columns.settledAtMs[n] ?? Number.NaN) : Number.NaN
  }

  #settle(n: number, settlement: number, atMs: number, excusedMs: number): boolean {
    const before = this.settlementOf(n)
    if (before !== Settlement.PENDING) {
      this.#note('settledTwice', n, before === Settlement.UNSENT ? 'was never sent, or not taken' : 'again')
      return false
    }
    this.#columns.settlements[n] = settlement
    this.#columns.settledAtMs[n] = atMs
    this.#settledCount += 1
    const tookMs = atMs - this.sentAtMsOf(n) - excusedMs
    if (tookMs > this.#settleWithinMs) this.#note('settledLate', n, `after ${tookMs} ms, not ${this.#settleWithinMs}`)
    return true
  }

  #note(anomaly: Anomaly, n: number, text: string): void {
    this.anomalies.push({ anomaly, n, text })
  }
}

function columns(count: number) {
  return {
    settlements: new Uint8Array(count),
    partitions: new Int32Array(count),
    offsets: new Float64Array(count),
    timestamps: new Float64Array(count),
    sentAtMs: new Float64Array(count),
    settledAtMs: new Float64Array(count),
  }
}

function grown(from: Columns, wantedCount: number): Columns {
  const to = columns(Math.max(wantedCount, from.settlements.length * 2))
  to.settlements.set(from.settlements)
  to.partitions.set(from.partitions)
  to.offsets.set(from.offsets)
  to.timestamps.set(from.timestamps)
  to.sentAtMs.set(from.sentAtMs)
  to.settledAtMs.set(from.settledAtMs)
  return to
}
