import type { Alarms } from '../alarms.ts'
import { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { OperationEnd } from '../ports/tracing.ts'
import { checkGroup, checkOffsets, type ConsumerGroupMetadata, type ConsumerOffset } from './consumer-offsets.ts'
import type { WaysIn } from './sender-within.ts'
import { PendingCall, type TransactionCall } from './pending-call.ts'
import { type AnyTransaction, Transaction, type TransactionOwner } from './transaction.ts'
import { callTimedOut, invalidCall, mustAbort } from './transaction-errors.ts'
import type { CallDone } from './ending.ts'
import type { TransactionManager } from './transaction-manager.ts'

export interface TransactionsDeps {
  readonly manager: TransactionManager
  readonly clock: Clock
  readonly alarms: Alarms
  readonly maxBlockMs: number
  readonly wake: () => void
  /** A transaction begins. Answers what is to be called at its end. */
  readonly onBegin: () => OperationEnd
  /** @throws KafkaError when the producer is closed or has failed */
  readonly assertOpen: (call: string) => void
  readonly waysIn: () => WaysIn
}

/** The transaction that has begun. One of a callback takes no records but its own. */
interface Active {
  readonly transaction: AnyTransaction
  readonly isOfCallback: boolean
  readonly onEnd: OperationEnd
}

/** The calls that make transactions: what is allowed when, and how long a caller waits. */
export class Transactions implements TransactionOwner {
  readonly #deps: TransactionsDeps
  #active: Active | undefined
  /** The transaction whose end was asked for last. */
  #ended: AnyTransaction | undefined
  #pending: PendingCall | undefined
  /** Calls that may still bring records of the transaction. */
  readonly #sending = new Set<Promise<unknown>>()
  /** A callback has the producer, from before its transaction begins until after its end. */
  #isTaken = false
  /** A commit that has not begun, since more records may come. */
  #unbegunCommit: CallDone | undefined

  constructor(deps: TransactionsDeps) {
    this.#deps = deps
  }

  get waysIn(): WaysIn {
    return this.#deps.waysIn()
  }

  init(): Promise<void> {
    const { manager } = this.#deps
    const { name } = manager.state
    if (this.#pending === undefined && name === 'READY') return Promise.resolve()
    return this.#call('initTransactions()', (done) => {
      if (name !== 'UNINITIALIZED') throw invalidCall('initTransactions() in the middle of a transaction')
      manager.initialize(done)
    })
  }

  begin(): AnyTransaction {
    this.#deps.assertOpen('beginTransaction()')
    if (this.#isTaken) throw overlapping('beginTransaction()')
    return this.#begin(false)
  }

  #begin(isOfCallback: boolean): AnyTransaction {
    const { manager } = this.#deps
    if (this.#pending !== undefined) throw notOver('beginTransaction()', this.#pending.call)
    const { state } = manager
    if (state.name === 'FATAL_ERROR') throw state.error
    if (state.name === 'UNINITIALIZED')
      throw invalidCall(
        'beginTransaction() needs initTransactions() first: once per producer, and again should that have failed',
      )
    if (state.name !== 'READY') throw overlapping('beginTransaction()')
    manager.begin()
    const transaction = new Transaction<unknown, unknown>(this)
    this.#active = { transaction, isOfCallback, onEnd: this.#deps.onBegin() }
    return transaction
  }

  /** @returns what `run` answers, once the transaction is committed */
  async run<Result>(run: (transaction: AnyTransaction) => Promise<Result> | Result): Promise<Result> {
    this.#deps.assertOpen('transaction()')
    const isUnderWay = this.#active !== undefined && this.#pending === undefined
    if (this.#isTaken || isUnderWay) throw overlapping('transaction()')
    this.#isTaken = true
    try {
      await this.#ready()
      this.#deps.assertOpen('transaction()') // it may have been closed meanwhile
      return await this.#runWithin(this.#begin(true), run)
    } finally {
      this.#isTaken = false
    }
  }

  async #runWithin<Result>(
    transaction: AnyTransaction,
    run: (transaction: AnyTransaction) => Promise<Result> | Result,
  ): Promise<Result> {
    try {
      const result = await run(transaction)
      // One that is not open, and that the callback has not ended itself, was ended by an error or by close().
      if (this.isOpen(transaction) || this.#ended !== transaction) await this.end(true, transaction)
      return result
    } catch (error) {
      throw await this.#rollBack(transaction, error)
    }
  }

  /** Aborts what is still open. Answers the caller's own error, or why the producer is finished if that is what it meant. */
  async #rollBack(transaction: AnyTransaction, error: unknown): Promise<unknown> {
    if (!this.isOpen(transaction)) {
      this.#rollBackLater(transaction)
      return error
    }
    try {
      await this.end(false, transaction)
    } catch (abortError) {
      const isOurs = error instanceof KafkaError && error.requiresAbort
      if (isOurs && abortError instanceof KafkaError && abortError.fatal) return abortError
    }
    return error
  }

  /** A commit that timed out goes on. Should it fail, nobody else is left to abort. */
  #rollBackLater(transaction: AnyTransaction): void {
    const pending = this.#pending
    pending?.wait(() => {
      // Not at once: a batch is being failed.
      this.#deps.clock.soon(() => {
        if (this.#pending === pending) this.#pending = undefined
        if (this.#pending === undefined && this.isOpen(transaction)) this.end(false, transaction).catch(() => {})
      })
    })
  }

  /** Initializes where that was not done, and waits for the end of what timed out. */
  async #ready(): Promise<void> {
    const { manager } = this.#deps
    const pending = this.#pending
    if (pending !== undefined) {
      // How it ended, the caller was to learn from that call; here it only has to be over.
      await this.#wait(pending).catch((error: unknown) => {
        if (this.#pending === pending) throw error
      })
      const active = this.#active
      if (active?.isOfCallback === true && this.isOpen(active.transaction)) await this.end(false, active.transaction)
    }
    if (manager.state.name === 'UNINITIALIZED') await this.init()
  }

  commit(): Promise<void> {
    return this.end(true, undefined)
  }

  abort(): Promise<void> {
    return this.end(false, undefined)
  }

  end(isCommit: boolean, within: AnyTransaction | undefined): Promise<void> {
    const call = isCommit ? 'commitTransaction()' : 'abortTransaction()'
    return this.#call(call, (done) => {
      const { manager } = this.#deps
      this.#assertActive(call, within)
      this.#ended = this.#active?.transaction
      const onDone: CallDone = (error) => {
        if (manager.state.name !== 'ABORTABLE_ERROR') this.#forgetActive(isCommit, error)
        done(error)
      }
      if (!isCommit) manager.abort(onDone)
      else if (this.#sending.size === 0) manager.commit(onDone)
      else {
        this.#unbegunCommit = onDone
        void Promise.allSettled(this.#sending).then(() => {
          if (this.#unbegunCommit !== onDone) return
          this.#unbegunCommit = undefined
          this.#commitAfterSending(onDone)
        })
      }
    })
  }

  #forgetActive(isCommit: boolean, error: KafkaError | undefined): void {
    this.#active?.onEnd(error, isCommit ? 'COMMITTED' : 'ABORTED')
    this.#active = undefined
  }

  #commitAfterSending(onDone: CallDone): void {
    const { manager } = this.#deps
    const { state } = manager
    if (state.name === 'FATAL_ERROR') onDone(state.error)
    else manager.commit(onDone)
  }

  awaitBeforeCommit(sending: Promise<unknown>): void {
    this.#sending.add(sending)
    const settled = (): void => void this.#sending.delete(sending)
    sending.then(settled, settled)
  }

  sendOffsets(
    offsets: Iterable<ConsumerOffset>,
    group: ConsumerGroupMetadata,
    within: AnyTransaction | undefined,
  ): Promise<void> {
    const { manager, alarms, clock, maxBlockMs } = this.#deps
    const call = 'sendOffsetsToTransaction()'
    return new Promise((resolve, reject) => {
      this.#deps.assertOpen(call)
      this.assertMaySend(call, within)
      const checked = this.#checked(offsets, group)
      if (checked.length === 0) {
        resolve()
        return
      }
      const cancelAlarm = alarms.set(clock.now() + maxBlockMs, () =>
        reject(callTimedOut(call, maxBlockMs, manager.lastRefusal)),
      )
      manager.commitOffsets(checked, group, (error) => {
        cancelAlarm()
        if (error === undefined) resolve()
        else reject(error)
      })
    })
  }

  #checked(offsets: Iterable<ConsumerOffset>, group: ConsumerGroupMetadata): ReturnType<typeof checkOffsets> {
    try {
      checkGroup(group)
      return checkOffsets(offsets)
    } catch (error) {
      throw this.onFailed(error)
    }
  }

  isOpen(transaction: AnyTransaction): boolean {
    const { name } = this.#deps.manager.state
    return this.#active?.transaction === transaction && (name === 'IN_TRANSACTION' || name === 'ABORTABLE_ERROR')
  }

  /**
   * @param within the transaction it was called on, if it was not called on the producer
   * @throws KafkaError when records and offsets have no place now
   */
  assertMaySend(call: string, within: AnyTransaction | undefined): void {
    const { state } = this.#deps.manager
    this.#assertActive(call, within)
    if (state.name === 'ABORTABLE_ERROR') throw mustAbort(`${call} was not done`, state.error)
    if (state.name !== 'IN_TRANSACTION') throw invalidCall(`${call} after the end of the transaction was asked for`)
  }

  /**
   * Something cannot be sent, and takes its transaction with it. What is no KafkaError is a mistake elsewhere.
   *
   * @returns the error to tell
   */
  onFailed(error: unknown): unknown {
    return error instanceof KafkaError ? this.#deps.manager.onFailed(error) : error
  }

  /** Ends what is open, as far as that goes: the producer is closed. */
  finish(onDone: () => void): void {
    const { manager, clock } = this.#deps
    const { name } = manager.state
    if (name === 'IN_TRANSACTION' || name === 'ABORTABLE_ERROR') {
      const uncommitted = this.#takeUnbegunCommit()
      const aborting = new PendingCall('abortTransaction()')
      this.#pending = aborting
      manager.abort((error) => {
        this.#forgetActive(false, error)
        aborting.end(error)
      })
      uncommitted?.(
        new KafkaError('CLOSED', 'nothing was committed: the producer was closed before', { outcome: 'never' }),
      )
      aborting.wait(onDone)
    } else if (this.#pending?.isDone === false) {
      // What fails is aborted. Not at once: a batch is being failed.
      this.#pending.wait(() => clock.soon(() => this.finish(onDone)))
    } else onDone()
  }

  /** The producer has ended: a commit that has not begun never will. */
  fail(error: KafkaError): void {
    this.#takeUnbegunCommit()?.(error)
  }

  #takeUnbegunCommit(): CallDone | undefined {
    const onDone = this.#unbegunCommit
    this.#unbegunCommit = undefined
    return onDone
  }

  #assertActive(call: string, within: AnyTransaction | undefined): void {
    const active = this.#active
    if (active === undefined) {
      throw within === undefined
        ? invalidCall(`${call} outside a transaction: a producer with a transactionalId writes nothing else`)
        : invalidCall(`${call} on a transaction that has ended`)
    }
    if (within !== undefined && within !== active.transaction) {
      throw invalidCall(`${call} on a transaction that has ended`)
    }
    if (within === undefined && active.isOfCallback) {
      throw invalidCall(`${call} beside transaction(): use the transaction that its callback is given`)
    }
  }

  /** Begins what is asked for, or goes on waiting for it where an earlier call timed out. */
  #call(call: TransactionCall, start: (done: CallDone) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      let pending = this.#pending
      // How it ended is told to the one who asked for it, whatever has become of the producer.
      if (pending?.call !== call) this.#deps.assertOpen(call)
      if (pending === undefined) {
        pending = new PendingCall(call)
        const begun = pending
        this.#pending = begun // before: an abort drops records, and who is told of them may call again
        try {
          start((error) => begun.end(error))
        } catch (error) {
          this.#pending = undefined
          throw error
        }
      } else if (pending.call !== call) throw notOver(call, pending.call)
      this.#wait(pending).then(resolve, reject)
    })
  }

  #wait(pending: PendingCall): Promise<void> {
    const { alarms, clock, maxBlockMs, wake } = this.#deps
    return new Promise((resolve, reject) => {
      let cancelAlarm = (): void => {}
      const stopWaiting = pending.wait((error) => {
        cancelAlarm()
        if (this.#pending === pending) this.#pending = undefined
        if (error === undefined) resolve()
        else reject(error)
      })
      if (pending.isDone) return
      cancelAlarm = alarms.set(clock.now() + maxBlockMs, () => {
        stopWaiting()
        reject(callTimedOut(pending.call, maxBlockMs, this.#deps.manager.lastRefusal))
      })
      wake()
    })
  }
}

function overlapping(call: string): KafkaError {
  return invalidCall(`${call} while a transaction is under way: a producer has one at a time`)
}

function notOver(call: string, pending: TransactionCall): KafkaError {
  return invalidCall(`${call} before the end of ${pending}: if that timed out, call it again to learn how it ends`)
}
