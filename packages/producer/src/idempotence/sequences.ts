import type { ProducerIdentity } from './producer-identity.ts'

const SEQUENCE_MAX = 2 ** 31 - 1

/** Where a partition stands under one producer id and epoch. */
export interface SequenceState {
  readonly identity: ProducerIdentity
  /** Of the next record, 0 to 2_147_483_647. */
  readonly next: number
}

/**
 * The sequence of the record that follows `count` records from `sequence` on.
 *
 * Sequences are int32 and wrap from 2_147_483_647 to 0. A client that wraps anywhere else works for
 * two thousand million records and then gets OUT_OF_ORDER_SEQUENCE_NUMBER for ever.
 *
 * @param sequence of the first record of a batch, 0 to 2_147_483_647
 * @param count of records in that batch, at least 1
 * @source Kafka DefaultRecordBatch.incrementSequence
 */
export function sequenceAfter(sequence: number, count: number): number {
  return sequence > SEQUENCE_MAX - count ? count - (SEQUENCE_MAX - sequence) - 1 : sequence + count
}
