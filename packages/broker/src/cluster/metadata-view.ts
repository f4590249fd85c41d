import type { Node } from './node.ts'
import type { PartitionView } from './partition.ts'
import type { Topic } from './topic.ts'

/** A topic as a broker knows it. */
export interface TopicView extends Pick<Topic, 'name' | 'id' | 'givenConfig' | 'config'> {
  readonly partitions: readonly PartitionView[]
}

/** What a broker knows of the cluster: all of it, what it was some time ago, or nothing yet. */
export interface MetadataView {
  /** The brokers that are there. */
  readonly nodes: readonly Node[]
  readonly controllerId: number
  readonly topics: readonly TopicView[]
  node(nodeId: number): Node | undefined
  topicNamed(name: string): TopicView | undefined
  topicWithId(id: string): TopicView | undefined
}
