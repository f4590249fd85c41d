import { ZERO_UUID, type metadata, type ResponseOf } from '@linger/protocol'
import type { PartitionQueue, PartitionReplicas } from '../accumulate/partition-queue.ts'
import type { Topic } from '../accumulate/topic.ts'
import type { Cluster } from './cluster.ts'

type TopicAnswer = ResponseOf<typeof metadata>['topics'][number]
type ReplicaNodes = Pick<TopicAnswer['partitions'][number], 'replicaNodes' | 'isrNodes' | 'offlineReplicas'>

/**
 * Takes over what metadata says of a topic.
 *
 * A leader of an older epoch than the one we know is the word of a broker that lags behind, and is ignored. A new
 * topic id means that the topic was deleted and made anew: its log is empty, and sequences start again.
 *
 * Brokers that know no ids (before 2.8) can show it only by fewer partitions; with an id, fewer are the word of one that
 * lags behind. Their older epochs are believed: to follow a broker that lags behind costs a retry, and not to follow a
 * topic that was made anew would have no end.
 *
 * @returns false when a partition with records has no leader
 */
export function updateTopic(
  topic: Topic,
  answer: TopicAnswer,
  cluster: Cluster,
  onLeaderChanged: (partition: PartitionQueue) => void,
  onRecreated: (partition: PartitionQueue) => void,
): boolean {
  const id = answer.topicId === ZERO_UUID ? undefined : answer.topicId
  const isRecreated =
    id === undefined ? answer.partitions.length < topic.partitions.length : topic.id !== undefined && topic.id !== id
  topic.id = id ?? topic.id

  const changed: PartitionQueue[] = []
  if (isRecreated) {
    for (const partition of topic.queues) {
      onRecreated(partition)
      partition.forgetLeaderEpochs()
    }
    changed.push(...withoutLeader(topic.partitions.slice(answer.partitions.length)))
  }
  if (isRecreated || answer.partitions.length > topic.partitions.length)
    topic.setPartitionCount(answer.partitions.length)
  if (topic.stickyPartition >= topic.partitions.length) topic.stickyPartition = -1
  for (const { partitionIndex, leaderId, leaderEpoch, ...nodes } of answer.partitions) {
    const partition = topic.partitions[partitionIndex]
    if (partition === undefined) continue
    if (id !== undefined && leaderEpoch >= 0 && leaderEpoch < partition.leaderEpoch) continue
    const leader = cluster.broker(leaderId)
    if (leader !== partition.leader) changed.push(partition)
    partition.leader = leader
    partition.leaderEpoch = leaderEpoch
    partition.replicas = replicasIn(nodes)
  }
  for (const partition of changed) onLeaderChanged(partition)
  return isLed(topic)
}

/** Nothing waits for a leader: each partition with records has one. */
export function isLed({ queues }: Topic): boolean {
  return queues.every((queue) => queue.leader !== undefined || queue.isEmpty)
}

const NONE: readonly number[] = []

/** A hundred thousand partitions are remembered: what is mostly the same is kept once. */
function replicasIn({ replicaNodes: replicas, isrNodes, offlineReplicas }: ReplicaNodes): PartitionReplicas {
  const isInSync = replicas.length === isrNodes.length && replicas.every((nodeId, index) => nodeId === isrNodes[index])
  return {
    replicas,
    inSyncReplicas: isInSync ? replicas : isrNodes,
    offlineReplicas: offlineReplicas.length === 0 ? NONE : offlineReplicas,
  }
}

/** The topic was made anew with fewer partitions: what is left in these waits until there are more, or to the end of its time. */
function withoutLeader(gone: readonly PartitionQueue[]): readonly PartitionQueue[] {
  for (const partition of gone) {
    partition.leader = undefined
    partition.closeOpen()
  }
  return gone
}
