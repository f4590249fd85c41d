import type { PartitionInfo } from '@linger/producer'
import type { PartitionMetadata } from './partitioner.ts'

/** A partition as KafkaJS tells of it. */
export function partitionMetadataOf(info: PartitionInfo): PartitionMetadata {
  const { partition, leader, replicas, inSyncReplicas, offlineReplicas } = info
  return {
    partitionErrorCode: 0,
    partitionId: partition,
    leader: leader ?? -1,
    replicas: [...replicas],
    isr: [...inSyncReplicas],
    offlineReplicas: [...offlineReplicas],
  }
}
