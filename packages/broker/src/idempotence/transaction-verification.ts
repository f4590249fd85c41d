import { ErrorCode } from '../error-code.ts'
import type { RecordBatchHeader } from '../log/record-batch-header.ts'
import { RecordsRefused } from '../log/records-refused.ts'
import type { ProducerState } from './producer-state.ts'

/**
 * The first batches of a transaction in one partition, from the question whether they belong to it until one of them is
 * appended. A batch that overtakes another one in this time is out of order, though nothing is known of the producer.
 *
 * @source Kafka 4.3.1 VerificationStateEntry, ProducerAppendInfo.checkSequence
 */
export class TransactionVerification {
  readonly #beginsAtZero: boolean
  #lowestSequence: number
  #epoch: number

  /** @param beginsAtZero each transaction has an epoch of its own, whose first sequence is 0 */
  constructor(batch: RecordBatchHeader, beginsAtZero: boolean) {
    this.#beginsAtZero = beginsAtZero
    this.#lowestSequence = batch.baseSequence
    this.#epoch = batch.producerEpoch
  }

  onBatch({ producerEpoch, baseSequence }: RecordBatchHeader): void {
    const isNewer = producerEpoch > this.#epoch
    if (isNewer || (producerEpoch === this.#epoch && baseSequence < this.#lowestSequence)) {
      this.#lowestSequence = baseSequence
    }
    if (isNewer) this.#epoch = producerEpoch
  }

  /** @throws RecordsRefused OUT_OF_ORDER_SEQUENCE_NUMBER */
  check({ producerId, baseSequence }: RecordBatchHeader, state: ProducerState | undefined): void {
    const isFirst = state === undefined || !state.hasBatches
    const isOvertaking = baseSequence > this.#lowestSequence
    if (!isOvertaking && !(this.#beginsAtZero && isFirst && baseSequence !== 0)) return
    throw new RecordsRefused(
      ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
      `producer ${producerId}: sequence ${baseSequence} at the beginning of a transaction`,
    )
  }

  /** A marker that comes late, when the next transaction asks already, says nothing of that. */
  outlives(marker: RecordBatchHeader): boolean {
    return this.#beginsAtZero && marker.isControl && marker.producerEpoch === this.#epoch
  }
}
