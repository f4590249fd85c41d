import { randomInt } from 'node:crypto'
import { murmur2, legacyMurmur2 } from '@linger/producer'
import type { DefaultPartitioner, ICustomPartitioner, LegacyPartitioner, PartitionMetadata } from './partitioner.ts'

const COUNTER_MAX = 2 ** 32 - 1

/**
 * The partition that a message names; else by its key; else one after the other, those with a leader first.
 *
 * @param hash of the key's bytes, an int32
 */
function partitionerBy(hash: (key: Uint8Array) => number): ICustomPartitioner {
  return () => {
    const rounds = new Map<string, Round>()
    const nextIn = (topic: string, partitions: readonly PartitionMetadata[]): number => {
      let round = rounds.get(topic)
      if (round === undefined) {
        round = { next: randomInt(COUNTER_MAX), partitions: [], available: [] }
        rounds.set(topic, round)
      }
      if (round.partitions !== partitions) {
        round.partitions = partitions
        round.available = partitions.filter(({ leader }) => leader >= 0)
      }
      const next = positive(++round.next)
      return round.available[next % round.available.length]?.partitionId ?? next % partitions.length
    }
    return ({ topic, partitionMetadata, message: { partition, key } }) => {
      if (isGiven(partition)) return partition
      return isGiven(key) ? positive(hash(bytesOf(key))) % partitionMetadata.length : nextIn(topic, partitionMetadata)
    }
  }
}

/** Where a topic's messages without a key go, one after the other. */
interface Round {
  next: number
  partitions: readonly PartitionMetadata[]
  /** Those of `partitions` that have a leader. */
  available: readonly PartitionMetadata[]
}

function isGiven<Value>(value: Value | null | undefined): value is Value {
  return value !== null && value !== undefined
}

/** Ignores the sign bit, as Java's client does. */
function positive(int32: number): number {
  return int32 & 0x7fff_ffff
}

/** Whatever else a key is, its partition is that of its text. */
function bytesOf(key: unknown): Uint8Array {
  return Buffer.isBuffer(key) ? key : Buffer.from(String(key))
}

const defaultPartitioner: DefaultPartitioner = partitionerBy(murmur2)

/** Partitioners to give as `createPartitioner`. */
export const Partitioners: {
  /** As Java's client partitions by key. */
  readonly DefaultPartitioner: DefaultPartitioner
  /** As KafkaJS did before version 2. */
  readonly LegacyPartitioner: LegacyPartitioner
  /** The old name of DefaultPartitioner. */
  readonly JavaCompatiblePartitioner: DefaultPartitioner
} = {
  DefaultPartitioner: defaultPartitioner,
  LegacyPartitioner: partitionerBy(legacyMurmur2),
  JavaCompatiblePartitioner: defaultPartitioner,
}
