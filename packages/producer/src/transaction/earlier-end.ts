import type { Clock } from '../ports/clock.ts'
import { describeRequest, type TransactionalRequest } from './transactional-request.ts'

/** As long as a broker holds what comes too early. @source Kafka add.partitions.to.txn.retry.backoff.ms */
const HELD_MS = 20

/** A broker that has been late once is expected to be so for this many transactions more. */
const EXPECTED_AFTER_LATE = 16

/** More than there is time for, unless answers take none. */
const QUESTIONS_MAX = 100

export interface EarlierEndDeps {
  readonly transactionalId: string
  readonly clock: Clock
  /** Who waits may go on, or the coordinator is to be asked again. */
  readonly wake: () => void
}

/**
 * Whether the end of the transaction before may still have to be written to its partitions. A coordinator answers EndTxn
 * ahead of that, and with transactions v2 a broker holds what comes too early and tries again a good while later. To ask
 * the coordinator until it says that it is done is sooner over. What comes later than a broker would hold it goes at once,
 * and so does all where the end has always been written by the time that the coordinator was first asked.
 */
export class EarlierEnd {
  readonly #deps: EarlierEndDeps
  #heldUntilMs = 0
  #questionCount = 0
  #isWaitedFor = false
  /** So many ends more are waited for. */
  #expectedCount = EXPECTED_AFTER_LATE

  constructor(deps: EarlierEndDeps) {
    this.#deps = deps
  }

  /** EndTxn is answered: from now on the end is being written. */
  onAnswered(): void {
    this.#heldUntilMs = this.#deps.clock.now() + HELD_MS
    this.#questionCount = 0
  }

  /** True when the next transaction may begin. Else it waits. */
  letsPass(): boolean {
    this.#isWaitedFor = this.#expectedCount > 0 && this.#deps.clock.now() < this.#heldUntilMs
    return !this.#isWaitedFor
  }

  /** When the wait ends without an answer. */
  get deadlineMs(): number {
    return this.#isWaitedFor ? this.#heldUntilMs : Infinity
  }

  /**
   * What is to be asked of the coordinator: once at any rate, so that the answer is there when the application has its
   * next records, and then while they wait. What it does not say nobody waits for.
   */
  question(): TransactionalRequest | undefined {
    const { transactionalId, clock, wake } = this.#deps
    const isFirst = this.#questionCount === 0
    const isAnotherOne = this.#isWaitedFor && this.#questionCount < QUESTIONS_MAX
    if (clock.now() >= this.#heldUntilMs || !(isFirst || isAnotherOne)) return undefined
    return describeRequest(transactionalId, (isBeingWritten) => {
      this.#questionCount++
      if (isBeingWritten) {
        this.#expectedCount = EXPECTED_AFTER_LATE
      } else {
        this.#heldUntilMs = 0
        if (isFirst) this.#expectedCount--
      }
      wake()
    })
  }
}
