import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { nameOf, type TopicPartition } from './topic-partition.ts'
import { assertLegalMove, type TransactionState } from './transaction-state.ts'
import { bumpsEpoch, type TransactionVersion } from './transaction-version.ts'

const NO_PRODUCER_ID = -1n
const NO_EPOCH = -1
const EPOCH_MAX = 32_767
/** The last epoch is never given to a client: it fences the one before. */
const EPOCH_EXHAUSTED = EPOCH_MAX - 1

export type TransactionResult = 'commit' | 'abort'

export interface ProducerIdAndEpoch {
  readonly producerId: bigint
  readonly producerEpoch: number
}

export function isEpochExhausted(producerEpoch: number): boolean {
  return producerEpoch >= EPOCH_EXHAUSTED
}

/**
 * What the coordinator remembers of one transactional id, and how it moves on.
 *
 * @source Kafka 4.3.1 org.apache.kafka.coordinator.transaction.TransactionMetadata
 */
export class TransactionMetadata {
  readonly transactionalId: string
  #state: TransactionState = 'Empty'
  #producerId: bigint
  /** Before the last move, whatever that was. */
  #previousProducerId = NO_PRODUCER_ID
  /** Taken over when the markers are written: the epochs of the present one are used up. */
  #nextProducerId = NO_PRODUCER_ID
  #producerEpoch = NO_EPOCH
  /** Of whoever asked for the present one: a request that comes twice gets the same answer (KIP-360). */
  #lastProducerEpoch = NO_EPOCH
  #timeoutMs: number
  #startedAtMs = -1
  #version: TransactionVersion = 0
  readonly #partitions = new Map<string, TopicPartition>()

  constructor(transactionalId: string, producerId: bigint, timeoutMs: number) {
    this.transactionalId = transactionalId
    this.#producerId = producerId
    this.#timeoutMs = timeoutMs
  }

  get state(): TransactionState {
    return this.#state
  }

  get producerId(): bigint {
    return this.#producerId
  }

  get previousProducerId(): bigint {
    return this.#previousProducerId
  }

  get producerEpoch(): number {
    return this.#producerEpoch
  }

  get timeoutMs(): number {
    return this.#timeoutMs
  }

  /** When its first partition was added, -1 before that. */
  get startedAtMs(): number {
    return this.#startedAtMs
  }

  /** By which rules its last transaction was begun or ended. */
  get version(): TransactionVersion {
    return this.#version
  }

  /** Those that were added, and once it is prepared those that have no marker yet. */
  get partitions(): readonly TopicPartition[] {
    return [...this.#partitions.values()]
  }

  get isPrepared(): boolean {
    return this.#state === 'PrepareCommit' || this.#state === 'PrepareAbort'
  }

  get isNew(): boolean {
    return this.#producerEpoch === NO_EPOCH
  }

  /** Id and epoch for the transaction after this one. */
  get next(): ProducerIdAndEpoch {
    return bumpsEpoch(this.#version) && this.#nextProducerId !== NO_PRODUCER_ID
      ? { producerId: this.#nextProducerId, producerEpoch: 0 }
      : { producerId: this.#producerId, producerEpoch: this.#producerEpoch }
  }

  contains(partition: TopicPartition): boolean {
    return this.#partitions.has(nameOf(partition))
  }

  /**
   * A producer begins, or begins anew, with an epoch that fences the one before.
   *
   * @param expectedEpoch what the producer believes to have, if it says so
   * @throws RequestRefused PRODUCER_FENCED when others had an epoch since
   */
  incrementEpoch(timeoutMs: number, expectedEpoch: number | undefined): void {
    const isFresh = expectedEpoch === undefined || this.isNew || expectedEpoch === this.#producerEpoch
    if (!isFresh && expectedEpoch !== this.#lastProducerEpoch) {
      throw new RequestRefused(ErrorCode.PRODUCER_FENCED, `epoch ${expectedEpoch} is neither the present nor the last`)
    }
    const { producerEpoch } = this
    this.#moveTo('Empty')
    this.#reset(timeoutMs)
    if (!isFresh) return
    this.#producerEpoch = producerEpoch + 1
    this.#lastProducerEpoch = expectedEpoch === undefined ? NO_EPOCH : producerEpoch
  }

  /** As {@link incrementEpoch}, where the epochs of the producer id are used up. */
  rotateProducerId(producerId: bigint, timeoutMs: number, keepsLastEpoch: boolean): void {
    this.#moveTo('Empty')
    this.#reset(timeoutMs)
    this.#producerId = producerId
    this.#lastProducerEpoch = keepsLastEpoch ? this.#producerEpoch : NO_EPOCH
    this.#producerEpoch = 0
  }

  addPartitions(partitions: readonly TopicPartition[], version: TransactionVersion, nowMs: number): void {
    const isFirst = this.#state !== 'Ongoing'
    this.#moveTo('Ongoing')
    this.#version = version
    if (isFirst) this.#startedAtMs = nowMs
    for (const partition of partitions) this.#partitions.set(nameOf(partition), partition)
  }

  /**
   * The outcome is decided; markers are to be written.
   *
   * @param nextProducerId for when this epoch is the last of its id
   */
  prepareEnd(
    result: TransactionResult,
    version: TransactionVersion,
    nowMs: number,
    nextProducerId: bigint = NO_PRODUCER_ID,
  ): void {
    if (this.#state !== 'Ongoing') this.#startedAtMs = nowMs
    this.#moveTo(result === 'commit' ? 'PrepareCommit' : 'PrepareAbort')
    this.#version = version
    this.#nextProducerId = nextProducerId
    if (!bumpsEpoch(version)) return
    this.#lastProducerEpoch = this.#producerEpoch
    this.#producerEpoch = Math.min(this.#producerEpoch + 1, EPOCH_MAX)
  }

  /** In the old protocol only the coordinator takes an epoch before it aborts, to fence the producer. */
  fence(): void {
    this.#producerEpoch = Math.min(this.#producerEpoch + 1, EPOCH_MAX)
    this.#lastProducerEpoch = NO_EPOCH
  }

  /** Its marker is written, or the partition is no more. */
  removePartition(partition: TopicPartition): void {
    if (!this.isPrepared) throw new Error(`a marker for ${nameOf(partition)} in state ${this.#state}`)
    this.#partitions.delete(nameOf(partition))
  }

  /** All markers are written. */
  complete(): void {
    const { producerId, producerEpoch } = this.next
    this.#moveTo(this.#state === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort')
    this.#producerId = producerId
    this.#producerEpoch = producerEpoch
    this.#nextProducerId = NO_PRODUCER_ID
  }

  #reset(timeoutMs: number): void {
    this.#timeoutMs = timeoutMs
    this.#startedAtMs = -1
    this.#partitions.clear()
  }

  #moveTo(state: TransactionState): void {
    assertLegalMove(this.#state, state)
    this.#previousProducerId = this.#producerId
    this.#state = state
  }
}
