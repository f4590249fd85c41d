import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { altered, KafkaError } from '../errors.ts'
import type { ProducerIdentity } from '../idempotence/producer-identity.ts'
import type { ProducerIds } from '../idempotence/producer-ids.ts'
import { CoordinatorDialogue } from './coordinator-dialogue.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { CheckedOffset, ConsumerGroupMetadata } from './consumer-offsets.ts'
import type { Coordinators } from './coordinators.ts'
import { EarlierEnd } from './earlier-end.ts'
import type { CallDone, Ending } from './ending.ts'
import { OngoingTransaction } from './ongoing-transaction.ts'
import {
  dropped,
  mustAbort,
  notBumped,
  notCommitted,
  notSpoken,
  refusalOf,
  refusedByCoordinator,
  requiringAbort,
  topicRecreated,
  withUnknownOutcome,
} from './transaction-errors.ts'
import {
  isEnd,
  mayBeEnded,
  reactionAfterLostCommit,
  reactionTo,
  type TransactionalApi,
} from './transaction-reaction.ts'
import { isLegalMove, type TransactionState } from './transaction-state.ts'
import type { TransactionVersion } from './transaction-version.ts'
import { TransactionalIdentity } from './transactional-identity.ts'
import { initProducerIdRequest, type TransactionalRequest } from './transactional-request.ts'
import { VersionQuestion } from './version-question.ts'

const UNKNOWN_TOPIC_OR_PARTITION = 3

export interface TransactionManagerOptions {
  readonly transactionalId: string
  readonly transactionTimeoutMs: number
  readonly metadataMaxAgeMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

export interface TransactionManagerDeps {
  readonly coordinators: Coordinators
  readonly version: TransactionVersion
  readonly clock: Clock
  readonly random: Random
  readonly options: TransactionManagerOptions
  /** Runs `onDone` when every record taken so far is settled; nothing lingers meanwhile. */
  readonly flush: (onDone: () => void) => void
  /** Fails the records that surely were not written and are not on their way. */
  readonly dropUnsent: (error: KafkaError) => void
  /** Something is to be asked, or may be sent. */
  readonly wake: () => void
  readonly refreshMetadata: () => void
  /** The producer is finished. */
  readonly onFatal: (error: KafkaError) => void
}

/**
 * The transactions of one producer: where they stand, and what must be asked of the coordinators, one question at a time.
 *
 * A call changes the state at once. What has to be asked follows from the state alone: nothing is queued, and where an
 * answer was lost the same question is asked again.
 *
 * @source Kafka TransactionManager
 */
export class TransactionManager implements ProducerIds {
  readonly isTransactional = true
  readonly #deps: TransactionManagerDeps
  #state: TransactionState = { name: 'UNINITIALIZED' }
  readonly #identity = new TransactionalIdentity()
  readonly #earlierEnd: EarlierEnd
  #transaction: OngoingTransaction | undefined
  #ending: Ending | undefined
  /** What records are told that are not sent any more: only an abort leads on, or it is under way. */
  #dropped: KafkaError | undefined
  #onInitialized: CallDone | undefined
  readonly #versionQuestion: VersionQuestion
  readonly #dialogue: CoordinatorDialogue

  constructor(deps: TransactionManagerDeps) {
    this.#deps = deps
    this.#earlierEnd = new EarlierEnd({ ...deps, ...deps.options })
    this.#versionQuestion = new VersionQuestion(deps)
    this.#dialogue = new CoordinatorDialogue({
      ...deps,
      onAnswer: (request, api, errorCode) => this.#onAnswer(request, api, errorCode),
      onLost: (request, error) => this.#onLost(request, error),
    })
  }

  get state(): TransactionState {
    return this.#state
  }

  get identity(): ProducerIdentity | undefined {
    return this.#identity.current
  }

  /** Requests to leaders add their partitions by themselves. */
  get isV2(): boolean {
    return this.#transaction?.isV2 ?? false
  }

  /** Why what is asked now has no good answer yet. */
  get lastRefusal(): string | undefined {
    return this.#dialogue.lastRefusal
  }

  /** Gets producer id and epoch. That ends what another producer with this transactional id has begun. */
  initialize(onDone: CallDone): void {
    this.#onInitialized = onDone
    this.#move({ name: 'INITIALIZING' })
    this.#deps.wake()
  }

  begin(): void {
    const { version, options, wake } = this.#deps
    const identity = this.#identity.current
    if (identity === undefined) throw new Error('a transaction needs a producer id')
    this.#move({ name: 'IN_TRANSACTION' })
    const sender = { transactionalId: options.transactionalId, identity }
    this.#versionQuestion.onBegin()
    this.#transaction = new OngoingTransaction(sender, this.#identity.begin(version), this.#earlierEnd, wake)
  }

  commitOffsets(offsets: readonly CheckedOffset[], group: ConsumerGroupMetadata, onDone: CallDone): void {
    this.#transaction?.commitOffsets(offsets, group, onDone)
    this.#deps.wake()
  }

  /** Commits once all records are settled. In a transaction in which something failed that fails, and changes nothing. */
  commit(onDone: CallDone): void {
    if (this.#state.name === 'ABORTABLE_ERROR') onDone(mustAbort('nothing was committed', this.#state.error))
    else this.#end(true, onDone)
  }

  /** Drops what was not sent, and aborts once the rest is settled. */
  abort(onDone: CallDone): void {
    const error = (this.#dropped ??= dropped(undefined))
    this.#end(false, onDone)
    this.#transaction?.failOffsets(error)
    this.#deps.dropUnsent(error)
  }

  #end(isCommit: boolean, onDone: CallDone): void {
    this.#move({ name: isCommit ? 'COMMITTING_TRANSACTION' : 'ABORTING_TRANSACTION' })
    const ending: Ending = { isCommit, onDone, isFlushed: false, wasLost: false, isOver: false, error: undefined }
    this.#ending = ending
    this.#deps.flush(() => {
      ending.isFlushed = true
      this.#deps.wake()
    })
    this.#deps.wake()
  }

  /**
   * A record or an offset of the transaction failed: nothing of it can be committed any more.
   *
   * @returns what to tell of it
   */
  onFailed(error: KafkaError): KafkaError {
    const { name } = this.#state
    if (error.fatal || this.#transaction === undefined || name === 'ABORTING_TRANSACTION') return error
    const failed = requiringAbort(error)
    const isOpen = name === 'IN_TRANSACTION' || (name === 'COMMITTING_TRANSACTION' && this.#ending?.isFlushed === false)
    if (isOpen) this.#fail(failed)
    return failed
  }

  #fail(error: KafkaError): void {
    const ending = this.#ending
    this.#ending = undefined
    this.#move({ name: 'ABORTABLE_ERROR', error })
    this.#dropped = dropped(error)
    this.#transaction?.failOffsets(mustAbort('the offsets were not committed', error))
    ending?.onDone(mustAbort('nothing was committed', error))
    this.#deps.wake()
  }

  /** No broker trusts this producer, or is trusted: waiting would not help who begins. */
  onUntrusted(error: KafkaError): void {
    const isBeginning = this.#state.name === 'INITIALIZING' && this.#ending === undefined
    if (isBeginning) this.#onNotInitialized(altered(error, { outcome: 'never' }))
  }

  /** True when batches of the partition may be sent. Else the coordinator is asked, and the pump woken. */
  admit(partition: PartitionQueue): boolean {
    return this.#transaction?.admit(partition) ?? false
  }

  /** A request with records leaves. */
  onProduce(): void {
    this.#transaction?.onProduce()
  }

  /** What was stamped so far can neither be used again nor skipped: only another epoch helps, after the transaction. */
  retire(): void {
    if (this.#transaction !== undefined) this.#identity.spend()
  }

  /** The topic's log is a new one. What the transaction had written to the old one is gone. */
  onTopicRecreated(partition: PartitionQueue): void {
    if (this.#transaction?.includes(partition) !== true) return
    this.#identity.spend()
    this.onFailed(topicRecreated(partition.topic.name))
  }

  /** Something is to be asked, and nobody has been. */
  get isWaiting(): boolean {
    return !this.#dialogue.isAsking && this.#next() !== undefined
  }

  get deadlineMs(): number {
    return Math.min(this.isWaiting ? this.#dialogue.retryAtMs : Infinity, this.#earlierEnd.deadlineMs)
  }

  /** Goes on as far as it can: asks what is to be asked, if it is time and there is somebody to ask. */
  run(nowMs: number): void {
    if (this.#dropped !== undefined) this.#deps.dropUnsent(this.#dropped)
    if (this.#isOver) this.#onEnded(undefined)
    const request = this.#next()
    if (request !== undefined) this.#dialogue.ask(request, nowMs)
    else if (this.#state.name === 'IN_TRANSACTION') this.#versionQuestion.ask(nowMs)
  }

  /** What has to be asked next, as things stand. */
  #next(): TransactionalRequest | undefined {
    switch (this.#state.name) {
      case 'INITIALIZING':
        return this.#initProducerId()
      case 'IN_TRANSACTION':
        return this.#transaction?.next() ?? this.#earlierEnd.question()
      case 'COMMITTING_TRANSACTION':
        return this.#transaction?.next() ?? this.#earlierEnd.question() ?? this.#endTxn()
      case 'ABORTING_TRANSACTION':
        return this.#transaction?.nextBeforeAbort() ?? this.#endTxn()
      case 'READY':
        return this.#earlierEnd.question()
      case 'UNINITIALIZED':
      case 'ABORTABLE_ERROR':
      case 'FATAL_ERROR':
        return undefined
    }
  }

  #initProducerId(): TransactionalRequest {
    const { transactionalId, transactionTimeoutMs } = this.#deps.options
    return initProducerIdRequest(transactionalId, transactionTimeoutMs, this.#identity.current, (identity) => {
      this.#identity.adopt(identity)
      this.#move({ name: 'READY' })
      this.#settle(undefined)
    })
  }

  #endTxn(): TransactionalRequest | undefined {
    const transaction = this.#transaction
    const ending = this.#ending
    if (transaction === undefined || ending?.isFlushed !== true || !transaction.hasStarted) return undefined
    return transaction.end(ending.isCommit, (next) => this.#onEnded(next))
  }

  /** Nothing was ever sent: there is nothing that the coordinator could end. */
  get #isOver(): boolean {
    const isFlushed = this.#ending?.isFlushed === true && !this.#dialogue.isAsking
    return isFlushed && this.#transaction?.hasStarted === false && this.#next() === undefined
  }

  /** Without an answer nobody knows what was done: the same is asked again, of whoever coordinates by then. */
  #onLost(request: TransactionalRequest, error: Error): void {
    if (error instanceof KafkaError && error.code === 'UNSUPPORTED_VERSION') {
      if (error.requiresAbort) this.#refuse(request, error)
      else this.#onFatal(notSpoken(request.api, error))
      return
    }
    this.#deps.coordinators.forget(request.coordinator)
    const isEndTxn = isEnd(request.api)
    if (isEndTxn && this.#ending !== undefined) this.#ending.wasLost = true
    // In v1 an epoch is good for many transactions, and what is late could reach the next one.
    if (!this.isV2 && this.#transaction !== undefined) {
      if (isEndTxn) this.#identity.spend()
      else this.#identity.spendIfPossible()
    }
    this.#dialogue.backOff(0, error.message)
  }

  #onAnswer(request: TransactionalRequest, api: TransactionalApi, errorCode: number): void {
    if (this.#state.name === 'FATAL_ERROR') return
    const { isCommit = false, wasLost = false, isOver = false } = this.#ending ?? {}
    const mayBeCommitted = isCommit && wasLost && !isOver
    const reaction = mayBeCommitted ? reactionAfterLostCommit(api, errorCode) : reactionTo(api, errorCode)
    if (api === request.api) request.onAnswered?.()
    if (this.#ending !== undefined && mayBeEnded(api, errorCode)) this.#ending.wasLost = true
    switch (reaction) {
      case 'DONE':
        this.#dialogue.onSettled()
        request.onDone()
        break
      case 'RETRY':
        if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) this.#deps.refreshMetadata()
        this.#dialogue.backOff(errorCode, refusalOf(api, errorCode))
        break
      case 'FIND_COORDINATOR':
        this.#deps.coordinators.forget(request.coordinator)
        this.#dialogue.backOff(errorCode, refusalOf(api, errorCode))
        break
      case 'ABORT_AND_BUMP':
        this.#identity.spend()
        this.#refuse(request, refusedByCoordinator(api, errorCode))
        break
      case 'ABORT':
        this.#refuse(request, refusedByCoordinator(api, errorCode))
        break
      case 'START_ANEW':
        if (this.#ending?.isCommit === true) this.#ending.error = notCommitted(errorCode)
        this.#identity.spend()
        this.#onEnded(undefined)
        break
      case 'FATAL':
        this.#onFatal(refusedByCoordinator(api, errorCode, true))
        break
    }
  }

  /** The coordinator will not do it, now or later; the producer lives on. */
  #refuse(request: TransactionalRequest, error: KafkaError): void {
    this.#dialogue.onSettled()
    request.onRefused?.(error)
    if (this.#state.name === 'INITIALIZING') this.#onNotInitialized(error)
    else if (this.#state.name === 'ABORTING_TRANSACTION') this.#dialogue.backOff(0, error.message)
    else this.#fail(error)
  }

  /** There is no id: the call may be made again, should the reason go away. */
  #onNotInitialized(error: KafkaError): void {
    this.#move({ name: 'ABORTABLE_ERROR', error })
    this.#move({ name: 'UNINITIALIZED' })
    this.#settle(error)
  }

  /** The transaction is over, whichever way. */
  #onEnded(next: ProducerIdentity | undefined): void {
    this.#transaction = undefined
    this.#dropped = undefined
    if (this.#ending !== undefined) this.#ending.isOver = true
    if (next !== undefined) this.#identity.adopt(next)
    switch (this.#identity.next(this.#deps.version)) {
      case 'AS_IT_IS':
        this.#move({ name: 'READY' })
        this.#settle(undefined)
        break
      case 'NEW_EPOCH':
        this.#move({ name: 'INITIALIZING' })
        break
      case 'NONE':
        this.#onFatal(notBumped())
        break
    }
  }

  /** Tells whoever waits for the producer to be ready. */
  #settle(error: KafkaError | undefined): void {
    const ending = this.#ending
    const onInitialized = this.#onInitialized
    this.#ending = undefined
    this.#onInitialized = undefined
    onInitialized?.(error)
    ending?.onDone(ending.isOver ? ending.error : error)
  }

  #onFatal(error: KafkaError): void {
    this.#move({ name: 'FATAL_ERROR', error })
    this.#deps.onFatal(error)
    this.close(error)
  }

  /** The producer ends: whoever waits is told. */
  close(error: KafkaError): void {
    if (this.#state.name !== 'FATAL_ERROR') this.#move({ name: 'FATAL_ERROR', error })
    const ending = this.#ending
    const mayBeCommitted = ending?.isCommit === true && (ending.wasLost || this.#dialogue.isAsking)
    this.#transaction?.failOffsets(error)
    this.#transaction = undefined
    this.#settle(mayBeCommitted ? withUnknownOutcome(error) : error)
  }

  #move(state: TransactionState): void {
    if (!isLegalMove(this.#state.name, state.name)) throw new Error(`${this.#state.name} cannot become ${state.name}`)
    this.#state = state
  }
}
