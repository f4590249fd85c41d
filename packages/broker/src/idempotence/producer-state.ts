import { ErrorCode } from '../error-code.ts'
import type { EndTransactionMarker } from '../log/control-batch.ts'
import type { RecordBatchHeader } from '../log/record-batch-header.ts'
import { RecordsRefused } from '../log/records-refused.ts'
import { bumpsEpoch, type TransactionVersion } from '../transaction/transaction-version.ts'

const SEQUENCE_MAX = 2 ** 31 - 1
const NO_SEQUENCE = -1
const NO_OFFSET = -1
const BATCHES_RETAINED = 5
const EPOCH_MAX = 32_767
const NO_COORDINATOR_EPOCH = -1

/** A marker and the protocol by which its transaction was ended. */
export type Marker = EndTransactionMarker & { readonly version: TransactionVersion }

/** What is remembered of an appended batch, to know it again. */
export interface RetainedBatch {
  readonly baseSequence: number
  readonly lastSequence: number
  readonly baseOffset: number
  readonly timestamp: number
}

/**
 * What one partition remembers of one producer: its epoch and the last five batches of that epoch.
 *
 * Five, because a client may have five requests in flight: any of them may come a second time. A state exists only
 * after a batch or a marker was appended; a producer without one may begin at any sequence, since its state may have
 * been lost with the records it came from.
 *
 * @source Kafka ProducerStateEntry, ProducerAppendInfo
 */
export class ProducerState {
  #epoch: number
  #batches: readonly RetainedBatch[] = []
  #lastTimestamp = -1
  #coordinatorEpoch = NO_COORDINATOR_EPOCH

  constructor(epoch: number) {
    this.#epoch = epoch
  }

  get epoch(): number {
    return this.#epoch
  }

  get hasBatches(): boolean {
    return this.#batches.length > 0
  }

  get lastSequence(): number {
    return this.#batches.at(-1)?.lastSequence ?? NO_SEQUENCE
  }

  /** Where the last batch of this epoch begins, -1 when there is none. */
  get lastBaseOffset(): number {
    return this.#batches.at(-1)?.baseOffset ?? NO_OFFSET
  }

  /** Of the last batch's newest record, or of the last marker. */
  get lastTimestamp(): number {
    return this.#lastTimestamp
  }

  /** Of the last marker, -1 before the first. */
  get coordinatorEpoch(): number {
    return this.#coordinatorEpoch
  }

  /** The batch that was appended before with exactly these sequences, if it is still remembered. */
  duplicateOf(batch: RecordBatchHeader): RetainedBatch | undefined {
    if (batch.producerEpoch !== this.#epoch) return undefined
    const lastSequence = lastSequenceOf(batch)
    return this.#batches.find(
      (known) => known.baseSequence === batch.baseSequence && known.lastSequence === lastSequence,
    )
  }

  /**
   * @throws RecordsRefused INVALID_PRODUCER_EPOCH or OUT_OF_ORDER_SEQUENCE_NUMBER
   * @source Kafka ProducerAppendInfo.checkProducerEpoch, checkSequence
   */
  check(batch: RecordBatchHeader): void {
    const { producerId, producerEpoch, baseSequence } = batch
    this.checkEpoch(producerId, producerEpoch)
    const expected = producerEpoch > this.#epoch ? 0 : sequenceAfter(this.lastSequence, 1)
    if (baseSequence !== expected) {
      throw new RecordsRefused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `producer ${producerId}, epoch ${producerEpoch}: sequence ${baseSequence} instead of ${expected}`,
      )
    }
  }

  /** @throws RecordsRefused INVALID_PRODUCER_EPOCH */
  checkEpoch(producerId: bigint, producerEpoch: number): void {
    if (producerEpoch < this.#epoch) refuseEpoch(producerId, producerEpoch, `older than ${this.#epoch}`)
  }

  /**
   * A marker that gives a new epoch with each transaction must bring one, unless it was written before.
   *
   * @throws RecordsRefused INVALID_PRODUCER_EPOCH or TRANSACTION_COORDINATOR_FENCED
   * @source Kafka ProducerAppendInfo.appendEndTxnMarker
   */
  checkMarker(marker: Marker, isOpen: boolean): void {
    const { producerId, producerEpoch, coordinatorEpoch, version } = marker
    this.checkEpoch(producerId, producerEpoch)
    const isOld = bumpsEpoch(version) && producerEpoch === this.#epoch && producerEpoch !== EPOCH_MAX
    if (isOld && isOpen) refuseEpoch(producerId, producerEpoch, 'that of records without a marker')
    if (coordinatorEpoch < this.#coordinatorEpoch) {
      throw new RecordsRefused(
        ErrorCode.TRANSACTION_COORDINATOR_FENCED,
        `coordinator epoch ${coordinatorEpoch} is older than ${this.#coordinatorEpoch}`,
      )
    }
  }

  append(batch: RecordBatchHeader, baseOffset: number, timestamp: number): void {
    this.#takeEpoch(batch.producerEpoch)
    this.#batches = [...this.#batches.slice(1 - BATCHES_RETAINED), retained(batch, baseOffset, timestamp)]
    this.#lastTimestamp = timestamp
  }

  onMarker(producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#takeEpoch(producerEpoch)
    this.#coordinatorEpoch = coordinatorEpoch
    this.#lastTimestamp = timestamp
  }

  /** Batches of another epoch are no duplicates. */
  #takeEpoch(producerEpoch: number): void {
    if (producerEpoch !== this.#epoch) this.#batches = []
    this.#epoch = producerEpoch
  }
}

function refuseEpoch(producerId: bigint, producerEpoch: number, why: string): never {
  throw new RecordsRefused(ErrorCode.INVALID_PRODUCER_EPOCH, `producer ${producerId}: epoch ${producerEpoch} is ${why}`)
}

function retained(batch: RecordBatchHeader, baseOffset: number, timestamp: number): RetainedBatch {
  return { baseSequence: batch.baseSequence, lastSequence: lastSequenceOf(batch), baseOffset, timestamp }
}

function lastSequenceOf(batch: RecordBatchHeader): number {
  return sequenceAfter(batch.baseSequence, batch.lastOffsetDelta)
}

/**
 * Sequences are int32 and wrap from 2_147_483_647 to 0.
 *
 * @source Kafka DefaultRecordBatch.incrementSequence
 */
function sequenceAfter(sequence: number, increment: number): number {
  return (sequence + increment) % (SEQUENCE_MAX + 1)
}
