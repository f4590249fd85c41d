import type { MetadataView, TopicView } from './metadata-view.ts'
import type { Node } from './node.ts'
import type { Partition, PartitionView } from './partition.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import type { Topic } from './topic.ts'

/** A broker that has only just started has heard of nobody but itself and the controller. */
export function emptyImage(self: Node | undefined, controllerId: number): MetadataView {
  return new MetadataImage(self === undefined ? [] : [self], controllerId, [])
}

/** The cluster as it is now, to be what a broker knows for as long as it hears of nothing new. */
export function imageOf(cluster: {
  readonly nodes: readonly Node[]
  readonly controllerId: number
  readonly topics: readonly Topic[]
}): MetadataView {
  return new MetadataImage(cluster.nodes, cluster.controllerId, cluster.topics.map(topicImage))
}

class MetadataImage implements MetadataView {
  readonly nodes: readonly Node[]
  readonly controllerId: number
  readonly topics: readonly TopicView[]

  constructor(nodes: readonly Node[], controllerId: number, topics: readonly TopicView[]) {
    this.nodes = nodes
    this.controllerId = controllerId
    this.topics = topics
  }

  node(nodeId: number): Node | undefined {
    return this.nodes.find((node) => node.nodeId === nodeId)
  }

  topicNamed(name: string): TopicView | undefined {
    return this.topics.find((topic) => topic.name === name)
  }

  topicWithId(id: string): TopicView | undefined {
    return this.topics.find((topic) => topic.id === id)
  }
}

function topicImage({ name, id, givenConfig, config, partitions }: Topic): TopicView {
  return { name, id, givenConfig, config, partitions: partitions.map((partition) => new PartitionImage(partition)) }
}

/** Who led when the broker last heard of it. The log goes on for as long as that leader does. */
class PartitionImage implements PartitionView {
  readonly topicName: string
  readonly index: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaIds: readonly number[]
  readonly inSyncReplicaIds: readonly number[]
  readonly minInsyncReplicas: number
  readonly #partition: Partition

  constructor(partition: Partition) {
    this.topicName = partition.topicName
    this.index = partition.index
    this.leaderId = partition.leaderId
    this.leaderEpoch = partition.leaderEpoch
    this.replicaIds = partition.replicaIds
    this.inSyncReplicaIds = partition.inSyncReplicaIds
    this.minInsyncReplicas = partition.minInsyncReplicas
    this.#partition = partition
  }

  get log(): PartitionLog {
    return this.#partition.logOf(this.leaderEpoch).log
  }

  get highWatermark(): number {
    return this.#partition.logOf(this.leaderEpoch).highWatermark
  }
}
