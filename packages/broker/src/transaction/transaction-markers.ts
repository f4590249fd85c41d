import type { Cluster } from '../cluster/cluster.ts'
import type { Partition } from '../cluster/partition.ts'
import { OFFSETS_TOPIC } from '../group/consumer-offsets.ts'
import { RecordsRefused } from '../log/records-refused.ts'
import type { BrokerPorts } from '../ports.ts'
import { nameOf, type TopicPartition } from './topic-partition.ts'
import type { CoordinatedTransaction } from './transaction-log.ts'

/** A marker that its leader has, and that its followers may not have yet. */
interface AppendedMarker {
  /** A topic of the same name may have taken the place of the one that has it. */
  readonly partition: Partition
  readonly leaderEpoch: number
  readonly requiredOffset: number
}

/**
 * Writes the outcome of transactions to their partitions. A partition without leader, or with too few replicas, is
 * waited for, and one that is no more needs no marker.
 *
 * @source Kafka 4.3.1 TransactionMarkerChannelManager, KafkaApis.handleWriteTxnMarkersRequest
 */
export class TransactionMarkers {
  readonly #cluster: Cluster
  readonly #ports: BrokerPorts
  /** By the name of a partition, for each transaction. */
  readonly #appended = new Map<CoordinatedTransaction, Map<string, AppendedMarker>>()

  constructor(cluster: Cluster, ports: BrokerPorts) {
    this.#cluster = cluster
    this.#ports = ports
  }

  /** Writes what can be written now. Answers whether anything was: consumers may wait for it. */
  write(transaction: CoordinatedTransaction): boolean {
    const { metadata } = transaction
    const appended = this.#appended.get(transaction) ?? new Map<string, AppendedMarker>()
    this.#appended.set(transaction, appended)
    let hasWritten = false
    for (const partition of metadata.partitions) {
      hasWritten = this.#append(transaction, partition, appended) || hasWritten
      if (this.#isReplicated(partition, appended.get(nameOf(partition)))) metadata.removePartition(partition)
    }
    if (metadata.partitions.length === 0) this.forget(transaction)
    return hasWritten
  }

  /** Another coordinator may have gone on with it, to the end and to the next one. */
  forget(transaction: CoordinatedTransaction): void {
    this.#appended.delete(transaction)
  }

  forgetAll(): void {
    this.#appended.clear()
  }

  /** A leader that was followed by another may have taken the marker with it: the next one gets it again. */
  #append(
    transaction: CoordinatedTransaction,
    topicPartition: TopicPartition,
    appended: Map<string, AppendedMarker>,
  ): boolean {
    const name = nameOf(topicPartition)
    const partition = this.#partition(topicPartition)
    if (partition === undefined) return this.#completeOffsets(transaction, topicPartition)
    const { leaderEpoch } = partition
    if (isIn(partition, appended.get(name)) || !this.#canAppend(partition)) return false
    const { metadata, coordinatorEpoch } = transaction
    const { producerId, producerEpoch, version, state } = metadata
    const result = state === 'PrepareCommit' ? 'commit' : 'abort'
    const marker = { producerId, producerEpoch, coordinatorEpoch, result, version } as const
    try {
      const requiredOffset = partition.log.appendMarker(marker, leaderEpoch, partition.config, this.#ports.now())
      appended.set(name, { partition, leaderEpoch, requiredOffset })
      return true
    } catch (error) {
      // The producer went on without its coordinator. Kafka gives up such a transaction, and it stays as it is.
      if (error instanceof RecordsRefused) return false
      throw error
    }
  }

  #isReplicated(topicPartition: TopicPartition, marker: AppendedMarker | undefined): boolean {
    const partition = this.#partition(topicPartition)
    if (partition === undefined) return true
    return isIn(partition, marker) && partition.highWatermark >= marker.requiredOffset
  }

  #completeOffsets({ metadata }: CoordinatedTransaction, { topic, partition }: TopicPartition): boolean {
    if (topic !== OFFSETS_TOPIC) return false
    const { producerId, producerEpoch, state } = metadata
    this.#cluster.consumerOffsets.endTransaction(
      partition,
      { producerId, producerEpoch },
      state === 'PrepareCommit' ? 'commit' : 'abort',
    )
    return true
  }

  /** @source Kafka Partition.appendRecordsToLeader */
  #canAppend({ leaderId, inSyncReplicaIds, minInsyncReplicas }: Partition): boolean {
    return this.#cluster.isRunning(leaderId) && inSyncReplicaIds.length >= minInsyncReplicas
  }

  #partition({ topic, partition }: TopicPartition): Partition | undefined {
    return this.#cluster.topicNamed(topic)?.partitions[partition]
  }
}

function isIn(partition: Partition, marker: AppendedMarker | undefined): marker is AppendedMarker {
  return marker?.partition === partition && marker.leaderEpoch === partition.leaderEpoch
}
