import { invalidArgument } from '../errors.ts'
import { checkPartition, checkTopic } from '../record/record-checks.ts'

/** How far a consumer has come in one partition. */
export interface ConsumerOffset {
  readonly topic: string
  readonly partition: number
  /** Of the next record to read: the last one's plus 1. 0 or more; a string of digits is taken as well. */
  readonly offset: number | bigint | string
  /** Of the last record that was read, where the consumer tells it. */
  readonly leaderEpoch?: number
  /** Kept with the offset, at the group's coordinator. */
  readonly metadata?: string
}

/**
 * Whose offsets are committed. With member and generation, as its consumer tells them, a consumer that lost its
 * partitions meanwhile is refused (KIP-447); with the group's name alone it is not.
 */
export interface ConsumerGroupMetadata {
  readonly groupId: string
  /** Default: -1, none. */
  readonly generationId?: number
  /** Default: '', none. */
  readonly memberId?: string
  /** Of a static member. */
  readonly groupInstanceId?: string
}

/** An offset as it is committed. */
export interface CheckedOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  readonly leaderEpoch: number
  readonly metadata: string
}

const OFFSET_MAX = 2n ** 63n - 1n

/** @throws KafkaError INVALID_ARGUMENT */
export function checkOffsets(offsets: Iterable<ConsumerOffset>): CheckedOffset[] {
  if (typeof (offsets as Partial<Iterable<ConsumerOffset>> | null)?.[Symbol.iterator] !== 'function') {
    throw invalidArgument('offsets must be a list of { topic, partition, offset }')
  }
  const checked = new Map<string, CheckedOffset>()
  for (const { topic, partition, offset, leaderEpoch = -1, metadata = '' } of offsets) {
    checkTopic(topic)
    checkPartition(partition, topic)
    // As a map would have it: of one partition the last offset counts.
    checked.set(`${topic}-${partition}`, { topic, partition, offset: offsetOf(offset, topic), leaderEpoch, metadata })
  }
  return [...checked.values()]
}

/** @throws KafkaError INVALID_ARGUMENT */
export function checkGroup(group: ConsumerGroupMetadata): void {
  const { groupId, generationId = -1, memberId = '', groupInstanceId = '' } = group
  if (typeof groupId !== 'string' || groupId === '') {
    throw invalidArgument('the group needs a groupId, a string that is not empty: { groupId, generationId, memberId }')
  }
  if (!Number.isInteger(generationId)) throw invalidArgument(`generationId of ${groupId} must be an integer`)
  if (typeof memberId !== 'string') throw invalidArgument(`memberId of ${groupId} must be a string`)
  if (typeof groupInstanceId !== 'string') throw invalidArgument(`groupInstanceId of ${groupId} must be a string`)
}

/** Only brokers with KIP-447 can check it. */
export function namesMember({ generationId, memberId, groupInstanceId }: ConsumerGroupMetadata): boolean {
  return (generationId ?? -1) >= 0 || (memberId ?? '') !== '' || groupInstanceId !== undefined
}

function offsetOf(offset: number | bigint | string, topic: string): bigint {
  const isWhole = typeof offset === 'number' ? Number.isSafeInteger(offset) : /^\d{1,19}$/.test(String(offset))
  const value = isWhole ? BigInt(offset) : -1n
  if (value < 0n || value > OFFSET_MAX) {
    throw invalidArgument(
      `offset of ${topic} must be that of the next record to read, 0 or more, not ${String(offset)}`,
    )
  }
  return value
}
