import { CommittedLog, type Marker, type TransactionalRecord, type Visibility } from './committed-log.ts'
import { CommittedOffsets, type OffsetsFate } from './committed-offsets.ts'
import { type ProducerHistory, Settlement } from './producer-history.ts'
import { TransactionFindings, type TransactionAnomaly, type TransactionAnomalyCounts } from './transaction-findings.ts'
import type { SentOffset, TransactionHistory, TransactionRecords } from './transaction-history.ts'

/** One producer of a transactional id: there may be several, one after the other or at a time. */
export interface Incarnation {
  readonly name: string
  readonly transactionalId: string
  /** Grows with each that took over the id at its coordinator. -1: it never did. */
  readonly rank: number
  readonly history: ProducerHistory
  readonly transactions: TransactionHistory
}

export interface TransactionReport {
  readonly transactions: number
  readonly committed: number
  readonly aborted: number
  readonly unknown: number
  readonly anomalies: TransactionAnomalyCounts
  /** The first few anomalies, for a person. */
  readonly examples: readonly string[]
}

/** A transaction and where its records are. */
interface Judged {
  readonly name: string
  readonly incarnation: Incarnation
  readonly transaction: TransactionRecords
  readonly seen: Record<Visibility, number>
  /** Acknowledged records of it that are visible. */
  readonly visible: Set<number>
  readonly hangsIn: Set<string>
}

interface Owner {
  readonly judged: Judged
  readonly n: number
}

/**
 * Compares what readers of committed records see with what producers said of their transactions.
 *
 * Tell it of every record and marker, partition by partition in the order of their offsets; then `finish`, tell it of the offsets of
 * all groups, and ask for the `report`.
 */
export class TransactionChecker {
  readonly #incarnations: readonly Incarnation[]
  readonly #judged: ReadonlyMap<Incarnation, readonly Judged[]>
  readonly #findings = new TransactionFindings()
  readonly #log: CommittedLog<Owner>
  /** Their records were deleted. */
  readonly #excused = new Set<string>()

  constructor(incarnations: readonly Incarnation[]) {
    this.#incarnations = incarnations
    this.#judged = new Map(incarnations.map((incarnation) => [incarnation, judgedOf(incarnation)]))
    this.#log = new CommittedLog<Owner>({
      onDecided: (owner, visibility, place) => this.#onDecided(owner, visibility, place),
      onMixed: (owners, place, offset) => this.#onMixed(owners, place, offset),
    })
  }

  /** Records of this transaction were deleted with their topic: it may lack some. */
  excuse(incarnation: Incarnation, n: number): void {
    const judged = this.#judgedOf(incarnation, n)
    if (judged !== undefined) this.#excused.add(judged.name)
  }

  record(record: TransactionalRecord, incarnation: Incarnation, n: number): void {
    const judged = this.#judgedOf(incarnation, n)
    const about = `record ${n} of ${incarnation.name} at ${record.place}@${record.offset}`
    if (judged === undefined || !record.isTransactional) this.#note('outside', about)
    if (judged === undefined) return
    const sentAtMs = incarnation.history.sentAtMsOf(n)
    const successor = this.#successorOf(incarnation, sentAtMs)
    if (successor !== undefined) this.#note('unfenced', `${about}, sent after ${successor.name} had taken over`)
    this.#log.record(record, { judged, n })
  }

  marker(marker: Marker): void {
    this.#log.marker(marker)
  }

  /** A reader of committed records has seen it. For who is told of no markers. */
  visible(place: string, incarnation: Incarnation, n: number): void {
    const judged = this.#judgedOf(incarnation, n)
    if (judged === undefined) this.#note('outside', `record ${n} of ${incarnation.name} at ${place}`)
    else this.#onDecided({ judged, n }, 'VISIBLE', place)
  }

  /** Readers of committed records never come beyond this place. */
  hangs(place: string): void {
    this.#note('hanging', `readers of committed records stop at ${place}`)
  }

  /** Where all groups stand in the end. */
  offsets(committed: readonly SentOffset[]): void {
    const offsets = new CommittedOffsets()
    for (const incarnation of this.#incarnations.toSorted((a, b) => a.rank - b.rank)) {
      for (const judged of this.#judged.get(incarnation) ?? []) {
        offsets.transaction(judged.transaction.offsets, fateOf(judged, this.#excused.has(judged.name)))
      }
    }
    for (const difference of offsets.differences(committed)) this.#note('offsetsAstray', difference)
  }

  /** Nothing more is read. */
  finish(): void {
    this.#log.finish()
  }

  /** Call it once, after `finish` and `offsets`. */
  report(): TransactionReport {
    const ends = { committed: 0, aborted: 0, unknown: 0 }
    let transactions = 0
    for (const judged of [...this.#judged.values()].flat()) {
      transactions += 1
      const { end } = judged.transaction
      if (end === 'COMMITTED') ends.committed += 1
      else if (end === 'UNKNOWN') ends.unknown += 1
      else if (end === 'ABORTED') ends.aborted += 1
      this.#judge(judged)
    }
    const { counts, examples } = this.#findings
    return { transactions, ...ends, anomalies: counts, examples }
  }

  #judge(judged: Judged): void {
    const { name, transaction, seen, hangsIn, incarnation } = judged
    if (hangsIn.size > 0) this.#note('hanging', `${name} in ${[...hangsIn].join(', ')}`)
    const { history } = incarnation
    const isCommitted = transaction.end === 'COMMITTED'
    const isVisible = seen.VISIBLE > 0
    if (!isCommitted && transaction.end !== 'UNKNOWN') {
      if (isVisible) this.#note('abortedVisible', `${seen.VISIBLE} records of ${name}, which is ${transaction.end}`)
      return
    }
    const sent = transaction.records.filter((n) => history.settlementOf(n) !== Settlement.UNSENT)
    const failed = sent.find((n) => history.settlementOf(n) !== Settlement.ACKED)
    if (failed !== undefined && (isCommitted || isVisible)) this.#note('committedFailure', `${name}, record ${failed}`)
    const missing = sent.filter((n) => history.settlementOf(n) === Settlement.ACKED && !judged.visible.has(n))
    const isWhole = missing.length === 0 || this.#excused.has(name)
    if (isVisible && !isWhole) this.#note('torn', `${name}: ${seen.VISIBLE} records are visible, not ${missing[0]}`)
    if (isCommitted && !isVisible && !isWhole) this.#note('lostCommit', name)
    const isEmpty = sent.length === 0 && transaction.offsets.length === 0
    const successor = this.#successorOf(incarnation, transaction.commitAskedAtMs)
    if (successor !== undefined && (isVisible || (isCommitted && !isEmpty)))
      this.#note('unfenced', `the commit of ${name}, asked for after ${successor.name} had taken over`)
  }

  /** Who has taken over the transactional id by then. */
  #successorOf(incarnation: Incarnation, atMs: number): Incarnation | undefined {
    return this.#incarnations.find(
      ({ transactionalId, rank, transactions }) =>
        transactionalId === incarnation.transactionalId &&
        rank > incarnation.rank &&
        transactions.initializedAtMs < atMs &&
        atMs < Infinity,
    )
  }

  #onDecided({ judged, n }: Owner, visibility: Visibility, place: string): void {
    judged.seen[visibility] += 1
    if (visibility === 'VISIBLE') judged.visible.add(n)
    if (visibility === 'OPEN') judged.hangsIn.add(place)
  }

  #onMixed(owners: readonly Owner[], place: string, offset: number): void {
    const names = new Set(owners.map(({ judged }) => judged.name))
    if (names.size > 1) this.#note('mixed', `${[...names].join(' and ')} before ${place}@${offset}`)
  }

  #judgedOf(incarnation: Incarnation, n: number): Judged | undefined {
    return this.#judged.get(incarnation)?.[incarnation.transactions.transactionOf(n) ?? -1]
  }

  #note(anomaly: TransactionAnomaly, example: string): void {
    this.#findings.note(anomaly, example)
  }
}

function judgedOf(incarnation: Incarnation): Judged[] {
  return incarnation.transactions.transactions.map((transaction, index) => ({
    name: `transaction ${index} of ${incarnation.name}`,
    incarnation,
    transaction,
    seen: { OPEN: 0, VISIBLE: 0, ABORTED: 0 },
    visible: new Set(),
    hangsIn: new Set(),
  }))
}

/** The records tell of a commit whose outcome nobody was told, if they are still there. */
function fateOf({ transaction, seen, incarnation: { history } }: Judged, isExcused: boolean): OffsetsFate {
  if (transaction.end === 'COMMITTED') return 'COMMITTED'
  if (transaction.end !== 'UNKNOWN') return 'NOT_COMMITTED'
  if (seen.VISIBLE > 0) return 'COMMITTED'
  const isWritten = transaction.records.some((n) => history.settlementOf(n) === Settlement.ACKED)
  return isWritten && !isExcused ? 'NOT_COMMITTED' : 'UNKNOWN'
}
