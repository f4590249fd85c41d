import { coordinatorSlotOf } from '../cluster/coordinator-slot.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { nameOf, type TopicPartition } from '../transaction/topic-partition.ts'
import type { ProducerIdAndEpoch, TransactionResult } from '../transaction/transaction-metadata.ts'
import { ConsumerGroup } from './consumer-group.ts'

/** Where Kafka keeps the offsets of groups. A transaction with offsets has a partition of it. */
export const OFFSETS_TOPIC = '__consumer_offsets'

/** How far a group has come in one partition. */
export interface CommittedOffset extends TopicPartition {
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string | null
}

interface PendingOffsets {
  readonly groupId: string
  readonly offsets: readonly CommittedOffset[]
}

/** What one partition of the offsets topic knows of a producer. */
interface OffsetsProducer {
  producerEpoch: number
  pending: PendingOffsets[]
}

/**
 * The offsets of all groups: those that are committed, and those whose transaction is not decided.
 *
 * @source Kafka 4.3.1 org.apache.kafka.coordinator.group.OffsetMetadataManager
 */
export class ConsumerOffsets {
  readonly #groups = new Map<string, ConsumerGroup>()
  readonly #committed = new Map<string, Map<string, CommittedOffset>>()
  /** By the partition of the offsets topic. */
  readonly #producers = new Map<number, Map<bigint, OffsetsProducer>>()

  /** The partition that the offsets of a group are written to. */
  static partitionFor(groupId: string): TopicPartition {
    return { topic: OFFSETS_TOPIC, partition: coordinatorSlotOf(groupId) }
  }

  /** A group with members, as after a rebalance. Groups that are not put here have none. */
  putGroup(groupId: string, group: ConsumerGroup): void {
    this.#groups.set(groupId, group)
  }

  /** @throws RequestRefused when these offsets are not the member's to commit */
  validateCommit(groupId: string, generationId: number, memberId: string, groupInstanceId: string | null): void {
    const group = this.#groups.get(groupId)
    if (group !== undefined) group.validateCommit(generationId, memberId, groupInstanceId)
    else if (generationId >= 0) throw new RequestRefused(ErrorCode.ILLEGAL_GENERATION, `there is no group ${groupId}`)
  }

  /** Whether a transaction has offsets in the group's partition already, and needs no further permission. */
  hasOngoingTransaction(groupId: string, { producerId, producerEpoch }: ProducerIdAndEpoch): boolean {
    const producer = this.#producer(coordinatorSlotOf(groupId), producerId)
    return producer !== undefined && producer.pending.length > 0 && producer.producerEpoch === producerEpoch
  }

  /** @throws RequestRefused INVALID_PRODUCER_EPOCH */
  checkEpoch(groupId: string, { producerId, producerEpoch }: ProducerIdAndEpoch): void {
    const known = this.#producer(coordinatorSlotOf(groupId), producerId)?.producerEpoch ?? producerEpoch
    if (producerEpoch >= known) return
    throw new RequestRefused(ErrorCode.INVALID_PRODUCER_EPOCH, `epoch ${producerEpoch} is older than ${known}`)
  }

  /** Offsets that are committed if their transaction is. */
  addPending(groupId: string, producer: ProducerIdAndEpoch, offsets: readonly CommittedOffset[]): void {
    if (!this.#groups.has(groupId)) this.putGroup(groupId, new ConsumerGroup(0, []))
    const slot = coordinatorSlotOf(groupId)
    const bySlot = this.#producers.get(slot) ?? new Map<bigint, OffsetsProducer>()
    this.#producers.set(slot, bySlot)
    const { pending } = bySlot.get(producer.producerId) ?? { pending: [] }
    const { producerEpoch } = producer
    bySlot.set(producer.producerId, { producerEpoch, pending: [...pending, { groupId, offsets }] })
  }

  /** A marker in a partition of the offsets topic. */
  endTransaction(
    partition: number,
    { producerId, producerEpoch }: ProducerIdAndEpoch,
    result: TransactionResult,
  ): void {
    const bySlot = this.#producers.get(partition) ?? new Map<bigint, OffsetsProducer>()
    this.#producers.set(partition, bySlot)
    const { pending = [] } = bySlot.get(producerId) ?? {}
    bySlot.set(producerId, { producerEpoch, pending: [] })
    if (result === 'commit') for (const { groupId, offsets } of pending) this.#commit(groupId, offsets)
  }

  /** What a group has committed, by topic and partition. */
  committed(groupId: string): readonly CommittedOffset[] {
    return [...(this.#committed.get(groupId)?.values() ?? [])]
  }

  committedIn(groupId: string, partition: TopicPartition): CommittedOffset | undefined {
    return this.#committed.get(groupId)?.get(nameOf(partition))
  }

  /** An open transaction may still change it. */
  isPending(groupId: string, partition: TopicPartition): boolean {
    const name = nameOf(partition)
    const producers = [...(this.#producers.get(coordinatorSlotOf(groupId))?.values() ?? [])]
    return producers.some(({ pending }) =>
      pending.some((one) => one.groupId === groupId && one.offsets.some((offset) => nameOf(offset) === name)),
    )
  }

  #commit(groupId: string, offsets: readonly CommittedOffset[]): void {
    const committed = this.#committed.get(groupId) ?? new Map<string, CommittedOffset>()
    this.#committed.set(groupId, committed)
    for (const offset of offsets) committed.set(nameOf(offset), offset)
  }

  #producer(slot: number, producerId: bigint): OffsetsProducer | undefined {
    return this.#producers.get(slot)?.get(producerId)
  }
}
