import { NOT_IDEMPOTENT, type BatchSeal } from '@linger/protocol'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { bumped } from './producer-identity.ts'
import type { ProducerIds } from './producer-ids.ts'
import { sequenceAfter } from './sequences.ts'

/** How the sequences of a partition go on after a batch has failed. */
export type SequenceStep =
  /** The batch surely is not in the log: the next one takes its sequences. */
  | 'rewind'
  /** It may be: everything from here on belongs to a new epoch. */
  | 'bump'
  /** The brokers do not take this producer id any more. */
  | 'reset'

/**
 * Stamps producer id, epoch and sequence on a batch when it is first sent, and keeps count per partition. Without
 * idempotence the stamp is empty.
 */
export class BatchStamp {
  readonly #ids: ProducerIds | undefined

  /** @param ids undefined when the producer is not idempotent */
  constructor(ids: ProducerIds | undefined) {
    this.#ids = ids
  }

  get isIdempotent(): boolean {
    return this.#ids !== undefined
  }

  /** Batches belong to transactions. */
  get isTransactional(): boolean {
    return this.#ids?.isTransactional ?? false
  }

  /** Batches can be stamped. */
  get isReady(): boolean {
    return this.#ids === undefined || this.#ids.identity !== undefined
  }

  get deadlineMs(): number {
    return this.#ids?.deadlineMs ?? Infinity
  }

  run(nowMs: number): void {
    this.#ids?.run(nowMs)
  }

  /** The bytes to send: stamped at the first attempt, the same at each other. */
  bytesOf(batch: ProducerBatch): readonly Buffer[] {
    return batch.bytesFor(() => this.#sealFor(batch))
  }

  #sealFor(batch: ProducerBatch): BatchSeal {
    const { partition } = batch
    const identity = partition.fence ?? this.#ids?.identity
    if (identity === undefined) return NOT_IDEMPOTENT
    const baseSequence = partition.sequence?.identity === identity ? partition.sequence.next : 0
    partition.sequence = { identity, next: sequenceAfter(baseSequence, batch.recordCount) }
    partition.fence = undefined
    return {
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
      baseSequence,
      isTransactional: this.isTransactional,
    }
  }

  /** A batch with sequences has failed, or will be stamped anew. */
  onFailed(batch: ProducerBatch, step: SequenceStep): void {
    const { partition, seal } = batch
    if (this.#ids === undefined || seal === undefined) return
    if (step === 'rewind') {
      this.#rewind(partition, seal)
      return
    }
    this.#ids.retire(seal, step)
    if (batch.mayBeWritten) this.#fence(partition, seal)
  }

  /** The next batch takes the sequence of the one that failed, under the identity to which it belongs. */
  #rewind(partition: PartitionQueue, { baseSequence }: BatchSeal): void {
    if (partition.sequence === undefined) return // the topic was made anew
    const { identity } = partition.sequence
    partition.sequence = { identity, next: baseSequence }
    if (identity !== this.#ids?.identity) partition.fence = identity
  }

  /**
   * Bytes of the batch that failed may still be on their way. What keeps them out is a newer epoch of their own producer
   * id: if the producer has another id by now, the next batch goes under the old one once more.
   */
  #fence(partition: PartitionQueue, { producerId, producerEpoch }: BatchSeal): void {
    if (this.#ids?.identity?.producerId !== producerId) {
      partition.fence = bumped({ producerId, epoch: producerEpoch })
    }
  }

  /**
   * The topic was made anew, with an empty log. A batch on its way to the old one may land in the new one, so that its
   * sequences cannot be given a second time there: what follows belongs to a new epoch.
   */
  onTopicRecreated(partition: PartitionQueue): void {
    if (this.#ids === undefined || partition.sequence === undefined) return
    const { identity } = partition.sequence
    const { producerId, epoch } = identity
    this.#ids.retire({ producerId, producerEpoch: epoch }, 'bump')
    partition.sequence = undefined
    if (partition.fence === identity) partition.fence = undefined // there is no sequence to be taken any more
  }
}
