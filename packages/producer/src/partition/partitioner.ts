import { crc32 } from '@linger/protocol'
import type { Topic } from '../accumulate/topic.ts'
import { invalidArgument } from '../errors.ts'
import type { Random } from '../ports/random.ts'
import { describe } from '../record/record-checks.ts'
import { legacyMurmur2 } from './legacy-murmur2.ts'
import { murmur2 } from './murmur2.ts'
import { stickyPartition } from './sticky-partition.ts'

/** Partitioners that the configuration knows by name. */
export const partitionerNames = ['default', 'round-robin', 'random', 'consistent-random', 'kafkajs-legacy'] as const

export type PartitionerName = (typeof partitionerNames)[number]

/**
 * A partitioner of the user's own.
 *
 * @param key the serialized key, or null
 * @param partitions every partition of the topic, ascending: frozen
 * @param available those that have a leader just now; may be empty
 * @returns one of `partitions`
 */
export type PartitionFunction = (
  topic: string,
  key: Uint8Array | null,
  partitions: readonly number[],
  available: readonly number[],
) => number

/** Chooses the partition of a record that names none. The topic has at least one partition. */
export type Partitioner = (topic: Topic, key: Uint8Array | null) => number

/** Decided once per producer. */
export function partitionerFor(configured: PartitionerName | PartitionFunction, random: Random): Partitioner {
  if (typeof configured === 'function') {
    return (topic, key) => chosenBy(configured, topic, key)
  }
  switch (configured) {
    case 'default':
      return (topic, key) => (key === null ? stickyPartition(topic, random) : byMurmur2(topic, key))
    case 'round-robin':
      return (topic) => topic.nextRoundRobin()
    case 'random':
      return (topic) => Math.floor(random.next() * topic.partitions.length)
    case 'consistent-random':
      return (topic, key) => (key === null || key.length === 0 ? stickyPartition(topic, random) : byCrc32(topic, key))
    case 'kafkajs-legacy':
      return (topic, key) => (key === null ? stickyPartition(topic, random) : byLegacyMurmur2(topic, key))
  }
}

function chosenBy(partitioner: PartitionFunction, topic: Topic, key: Uint8Array | null): number {
  let chosen: unknown
  try {
    chosen = partitioner(topic.name, key, topic.partitionNumbers, topic.availablePartitions)
  } catch (error) {
    throw invalidArgument(`${topic.name}: the configured partitioner threw: ${String(error)}`, error)
  }
  if (Number.isInteger(chosen)) return chosen as number
  throw invalidArgument(
    `${topic.name}: the configured partitioner must answer one of the partitions, not ${describe(chosen)}`,
  )
}

/**
 * All partitions count, those without a leader too: a key must not move because a broker is down.
 *
 * @source Kafka BuiltInPartitioner.partitionForKey
 */
function byMurmur2(topic: Topic, key: Uint8Array): number {
  return (murmur2(key) & 0x7fff_ffff) % topic.partitions.length
}

/** @source librdkafka rd_kafka_msg_partitioner_consistent_random */
function byCrc32(topic: Topic, key: Uint8Array): number {
  return crc32(key) % topic.partitions.length
}

/** @source KafkaJS Partitioners.LegacyPartitioner, the default before its version 2 */
function byLegacyMurmur2(topic: Topic, key: Uint8Array): number {
  return (legacyMurmur2(key) & 0x7fff_ffff) % topic.partitions.length
}
