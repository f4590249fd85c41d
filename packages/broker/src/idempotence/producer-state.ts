import { ErrorCode } from '../error-code.ts'
import type { RecordBatchHeader } from '../log/record-batch-header.ts'
import { RecordsRefused } from '../log/records-refused.ts'

const SEQUENCE_MAX = 2 ** 31 - 1
const NO_SEQUENCE = -1
const BATCHES_RETAINED = 5

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
 * after a batch was appended; a producer without one may begin at any sequence, since its state may have been lost with
 * the records it came from.
 *
 * @source Kafka ProducerStateEntry, ProducerAppendInfo
 */
export class ProducerState {
  #epoch: number
  #batches: readonly RetainedBatch[]

  constructor(first: RecordBatchHeader, baseOffset: number, timestamp: number) {
    this.#epoch = first.producerEpoch
    this.#batches = [retained(first, baseOffset, timestamp)]
  }

  get epoch(): number {
    return this.#epoch
  }

  get lastSequence(): number {
    return this.#batches.at(-1)?.lastSequence ?? NO_SEQUENCE
  }

  get lastTimestamp(): number {
    return this.#batches.at(-1)?.timestamp ?? -1
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
    if (producerEpoch < this.#epoch) {
      throw new RecordsRefused(
        ErrorCode.INVALID_PRODUCER_EPOCH,
        `producer ${producerId}: epoch ${producerEpoch} is older than ${this.#epoch}`,
      )
    }
    const expected = producerEpoch > this.#epoch ? 0 : sequenceAfter(this.lastSequence, 1)
    if (baseSequence !== expected) {
      throw new RecordsRefused(
        ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
        `producer ${producerId}, epoch ${producerEpoch}: sequence ${baseSequence} instead of ${expected}`,
      )
    }
  }

  append(batch: RecordBatchHeader, baseOffset: number, timestamp: number): void {
    const known = batch.producerEpoch === this.#epoch ? this.#batches.slice(1 - BATCHES_RETAINED) : []
    this.#epoch = batch.producerEpoch
    this.#batches = [...known, retained(batch, baseOffset, timestamp)]
  }
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
