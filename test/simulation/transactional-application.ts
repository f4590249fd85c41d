import { KafkaError, type Producer, type Transaction } from '@linger/producer'
import type { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { TransactionHistory, type TransactionRecords } from '../delivery-checker/transaction-history.ts'
import type { RunningApplication } from './application.ts'
import { type CallClock, CallsInTime } from './calls-in-time.ts'
import type { ProducerPlan, Step, TransactionsPlan, TransactionStep } from './plan/plan.ts'
import type { ProducerProcess } from './producer-process.ts'
import { Stream } from './record-stream.ts'

export interface TransactionalApplicationDeps extends CallClock {
  readonly plan: ProducerPlan & { readonly transactions: TransactionsPlan }
  /** Its number among all producers. */
  readonly index: number
  readonly producer: Producer
  readonly process: ProducerProcess
  /** Runs something in the process later. */
  readonly after: (delayMs: number, run: () => void) => void
  readonly settleWithinMs: number
  readonly maxBlockMs: number
  readonly note: (what: string) => void
  readonly newRecords: () => SelfDescribingRecords
}

/** How a transaction that was asked for has ended. */
export type TransactionOutcome =
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly error: Error }
  /** The producer was closed before, or meanwhile. */
  | { readonly kind: 'closed' }

const PAUSE_MS = 50
const GROUPS = 4
/** Of the offsets that are committed with transactions: each is sent once. */
const OFFSETS_PER_PRODUCER = 1_000_000

/** What an application throws that wants its transaction aborted. */
class ChangedItsMind extends Error {}

/** Runs one transaction after the other, as its plan says, and writes down what it is told of them. */
export class TransactionalApplication implements RunningApplication {
  readonly #deps: TransactionalApplicationDeps
  readonly #calls: CallsInTime
  readonly stream: Stream
  readonly history: TransactionHistory = new TransactionHistory()
  #queue: Promise<unknown> = Promise.resolve()
  #offsetCount = 0
  #closed: Promise<void> | undefined
  #isDone = false

  constructor(deps: TransactionalApplicationDeps) {
    this.#deps = deps
    this.#calls = new CallsInTime(deps)
    this.stream = new Stream('record', deps.newRecords(), deps.settleWithinMs, deps)
  }

  get plan(): TransactionalApplicationDeps['plan'] {
    return this.#deps.plan
  }

  /** Of several groups some are never moved again: what became of each transaction shows there. */
  get groupIds(): readonly string[] {
    return Array.from({ length: GROUPS }, (_, n) => `${this.#deps.plan.transactions.groupId}-${n}`)
  }

  get streams(): readonly Stream[] {
    return [this.stream]
  }

  get isKilled(): boolean {
    return this.#deps.process.isDead
  }

  get isClosing(): boolean {
    return this.#closed !== undefined || this.isKilled
  }

  get isClosed(): boolean {
    return this.#isDone || this.isKilled
  }

  get openCallCount(): number {
    return this.isKilled ? 0 : this.#calls.openCount
  }

  run(step: Step): void {
    if (step.do === 'transaction') void this.transact(step)
    else if (step.do === 'close') this.close(step.timeoutMs)
    else throw new Error(`a transactional application does not ${step.do}`)
  }

  close(timeoutMs?: number): void {
    const closed = this.#deps.producer.close(timeoutMs === undefined ? {} : { timeoutMs })
    this.#closed ??= closed
    const done = closed.then(() => {
      this.#isDone = true
    })
    void this.#calls.open(done)
  }

  /** Nobody hears anything any more. */
  onKilled(): void {
    this.stream.failOthers(new KafkaError('KILLED', 'the process was killed', { outcome: 'unknown' }))
  }

  /** Runs a transaction once those before it are over. */
  transact(step: TransactionStep): Promise<TransactionOutcome> {
    const outcome = this.#queue.then(() => this.#transact(step))
    this.#queue = outcome
    return outcome
  }

  async #transact(step: TransactionStep): Promise<TransactionOutcome> {
    if (this.isClosing) return { kind: 'closed' }
    const error = await (this.#deps.plan.transactions.style === 'callback'
      ? this.#byCallback(step)
      : this.#byHand(step))
    const { transactions } = this.history
    this.#deps.note(`transaction ${transactions.length - 1} ${transactions.at(-1)?.end}: ${told(error)}`)
    if (!(error instanceof KafkaError) && !(error instanceof ChangedItsMind) && error !== undefined)
      this.#deps.violate(`a transaction failed with ${told(error)}`)
    return this.#outcomeOf(error)
  }

  #outcomeOf(error: unknown): TransactionOutcome {
    if (error === undefined) return { kind: 'committed' }
    return this.isClosing ? { kind: 'closed' } : { kind: 'failed', error: error instanceof Error ? error : changed() }
  }

  async #byCallback(step: TransactionStep): Promise<unknown> {
    const { producer, nowMs, maxBlockMs } = this.#deps
    let transaction: TransactionRecords | undefined
    const run = producer.transaction(async (tx) => {
      this.#onInitialized()
      transaction = this.history.begun(nowMs())
      await this.#fill(tx, step, transaction)
      if (step.end !== 'commit') throw new ChangedItsMind('the application changed its mind')
      transaction.commitAskedAtMs = nowMs()
      transaction.end = 'UNKNOWN'
    })
    try {
      // To initialize, to end what was left, to commit and to abort; and what is sent takes its own time.
      await this.#calls.open(run, 5 * maxBlockMs + this.#deps.settleWithinMs + step.portions.length * step.pauseMs)
      if (transaction !== undefined) transaction.end = 'COMMITTED'
      return undefined
    } catch (error) {
      if (transaction !== undefined) transaction.end = endAfter(transaction, error)
      return error
    }
  }

  async #byHand(step: TransactionStep): Promise<unknown> {
    const { producer, nowMs } = this.#deps
    const notInitialized = await this.#initialize()
    if (notInitialized !== undefined) return notInitialized
    try {
      const tx = producer.beginTransaction()
      const transaction = this.history.begun(nowMs())
      const failed = await this.#fill(tx, step, transaction).then(
        () => undefined,
        (error: unknown) => error,
      )
      if (this.isClosing) return failed ?? new ChangedItsMind('it was closed meanwhile')
      if (failed !== undefined || step.end === 'abort') {
        transaction.end = 'NOT_COMMITTED'
        return (await this.#abort(() => producer.abortTransaction(), transaction)) ?? failed ?? changed()
      }
      if (step.end === 'leave') {
        // What timed out goes on; the block was left, and the same call is not there any more.
        let isLeft = false
        const leave = (): Promise<void> => (isLeft ? producer.abortTransaction() : tx[Symbol.asyncDispose]())
        const leaveOnce = (): Promise<void> => {
          const left = leave()
          isLeft = true
          return left
        }
        return (await this.#abort(leaveOnce, transaction)) ?? changed()
      }
      return await this.#commit(transaction)
    } catch (error) {
      return error
    }
  }

  /** Answers why it is not, if so. A coordinator may refuse another epoch after a transaction: then this is done again. */
  async #initialize(): Promise<unknown> {
    const error = await this.#untilItEnds('initTransactions()', () => this.#deps.producer.initTransactions())
    if (error === undefined) this.#onInitialized()
    return error
  }

  #onInitialized(): void {
    this.history.initializedAtMs = Math.min(this.history.initializedAtMs, this.#deps.nowMs())
  }

  async #commit(transaction: TransactionRecords): Promise<unknown> {
    const { producer, nowMs } = this.#deps
    transaction.commitAskedAtMs = nowMs()
    transaction.end = 'UNKNOWN'
    const error = await this.#untilItEnds('commitTransaction()', () => producer.commitTransaction())
    transaction.end = error === undefined ? 'COMMITTED' : endAfter(transaction, error)
    if (error instanceof KafkaError && error.requiresAbort && !error.fatal) {
      await this.#abort(() => producer.abortTransaction(), transaction)
    }
    return error
  }

  async #abort(abort: () => Promise<void>, transaction: TransactionRecords): Promise<unknown> {
    const error = await this.#untilItEnds('abortTransaction()', abort)
    if (error === undefined) transaction.end = 'ABORTED'
    else if (error instanceof KafkaError && !error.fatal && !this.isClosing)
      this.#deps.violate(`an abort failed, and the producer is not finished: ${error.message}`)
    return error
  }

  /** A call that takes too long goes on: the same call tells how it ends. */
  async #untilItEnds(name: string, call: () => Promise<void>): Promise<unknown> {
    const { maxBlockMs, violate } = this.#deps
    for (;;) {
      try {
        await this.#calls.open(call(), maxBlockMs)
        return undefined
      } catch (error) {
        if (!(error instanceof KafkaError) || error.code === 'INVALID_TRANSACTION_CALL') {
          if (!this.isClosing) violate(`${name} failed with ${String(error)}`)
          return error
        }
        if (error.code !== 'TRANSACTION_TIMEOUT') return error
        await this.#pause(PAUSE_MS)
      }
    }
  }

  async #fill(tx: Transaction, step: TransactionStep, transaction: TransactionRecords): Promise<void> {
    for (const [at, count] of step.portions.entries()) {
      if (at > 0) await this.#pause(step.pauseMs)
      const sent = this.#send(tx, step, count)
      if (step.isAwaited || step.call === 'acks') await sent
      else sent.catch(() => {}) // as an application that leaves it to the commit
    }
    if (step.hasOffsets) await this.#sendOffsets(tx, transaction)
  }

  async #send(tx: Transaction, { call }: TransactionStep, count: number): Promise<void> {
    if (call === 'acks') {
      await this.#stream(tx, count)
      return
    }
    const numbered = Array.from({ length: count }, () => this.#next())
    if (call === 'send') {
      await Promise.all(
        numbered.map(({ n, record }) =>
          tx.send(record).then(
            (metadata) => this.stream.acked(n, metadata),
            (error: unknown) => {
              this.stream.failed(n, error)
              throw error
            },
          ),
        ),
      )
      return
    }
    await Promise.all(numbered.map(({ n, record }) => this.#produce(tx, n, record)))
  }

  #next(): { readonly n: number; readonly record: ReturnType<SelfDescribingRecords['record']> } {
    const [n, record] = this.stream.next()
    this.history.sent(n)
    return { n, record }
  }

  async #stream(tx: Transaction, count: number): Promise<void> {
    const numbers: number[] = []
    const next = (): ReturnType<SelfDescribingRecords['record']> => {
      const { n, record } = this.#next()
      numbers.push(n)
      return record
    }
    const records = function* (): Generator<ReturnType<typeof next>> {
      for (let left = count; left > 0; left--) yield next()
    }
    let failure: KafkaError | undefined
    for await (const ack of tx.acks(records())) {
      const n = numbers.shift() ?? -1
      if ('metadata' in ack) this.stream.acked(n, ack.metadata)
      else {
        this.stream.failed(n, ack.error)
        failure ??= ack.error
      }
    }
    if (failure !== undefined) throw failure
  }

  #produce(tx: Transaction, n: number, record: ReturnType<SelfDescribingRecords['record']>): Promise<void> {
    return new Promise((resolve, reject) => {
      const onFailed = (error: unknown): void => {
        this.stream.failed(n, error)
        reject(error)
      }
      try {
        const isTaken = tx.produce(record, (error, metadata) => {
          if (metadata === undefined) {
            onFailed(error)
            return
          }
          this.stream.acked(n, metadata)
          resolve()
        })
        if (isTaken) return
        this.stream.history.notTaken(n)
        resolve()
      } catch (error) {
        onFailed(error)
      }
    })
  }

  async #sendOffsets(tx: Transaction, transaction: TransactionRecords): Promise<void> {
    const { plan, index, maxBlockMs } = this.#deps
    const offset = (index + 1) * OFFSETS_PER_PRODUCER + this.#offsetCount++
    const groupId = this.groupIds[offset % GROUPS] ?? ''
    const offsets = plan.topics.map((topic) => ({ groupId, topic, partition: 0, offset }))
    transaction.offsets.push(...offsets)
    try {
      await this.#calls.open(tx.sendOffsets(offsets, { groupId }), maxBlockMs)
    } catch (error) {
      // What timed out goes on, and the commit waits for it.
      if (!(error instanceof KafkaError && error.code === 'TRANSACTION_TIMEOUT')) throw error
    }
  }

  #pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => this.#deps.after(durationMs, resolve))
  }
}

/** What a commit has come to that failed so. */
function endAfter({ commitAskedAtMs }: TransactionRecords, error: unknown): TransactionRecords['end'] {
  const isAsked = commitAskedAtMs < Infinity
  return isAsked && error instanceof KafkaError && error.outcome === 'unknown' ? 'UNKNOWN' : 'NOT_COMMITTED'
}

function changed(): ChangedItsMind {
  return new ChangedItsMind('the application changed its mind')
}

function told(error: unknown): string {
  return error instanceof KafkaError ? `${error.code} ${error.outcome} ${error.message}` : String(error)
}
