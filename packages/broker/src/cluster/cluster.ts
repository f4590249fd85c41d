import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { Partition } from './partition.ts'
import { Topic, validateTopicName } from './topic.ts'

const PARTITIONS_MAX = 100_000

/** A broker of the cluster, and where clients reach it. */
export interface Node {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

export interface NewTopic {
  readonly name: string
  readonly partitions: number
  /** Topic configuration under Kafka's names, `{ 'message.timestamp.type': 'LogAppendTime' }`. */
  readonly config?: Readonly<Record<string, string>>
}

/**
 * What all brokers of a cluster agree on: who they are, the topics, and which producer ids are taken.
 *
 * The brokers of one process share one cluster, so that agreeing costs nothing.
 */
export class Cluster {
  readonly clusterId: string
  readonly #randomUuid: () => string
  readonly #nodes = new Map<number, Node>()
  readonly #byName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  #nextProducerId = 0n

  /** @param randomUuid answers 22 letters of url-safe base64 */
  constructor(randomUuid: () => string) {
    this.#randomUuid = randomUuid
    this.clusterId = randomUuid()
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()]
  }

  get topics(): readonly Topic[] {
    return [...this.#byName.values()]
  }

  /** The broker that creates and deletes topics: the one that joined first. */
  get controllerId(): number {
    return this.nodes[0]?.nodeId ?? -1
  }

  /** A broker joins, or comes back with another address. */
  register(node: Node): void {
    this.#nodes.set(node.nodeId, node)
  }

  node(nodeId: number): Node | undefined {
    return this.#nodes.get(nodeId)
  }

  topicNamed(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  topicWithId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  /**
   * @param isDryRun everything is checked and nothing created
   * @throws RequestRefused with the code that CreateTopics answers
   */
  createTopic(newTopic: NewTopic, isDryRun: boolean = false): Topic {
    const { name, partitions: partitionCount, config = {} } = newTopic
    validateTopicName(name)
    if (this.#byName.has(name)) throw new RequestRefused(ErrorCode.TOPIC_ALREADY_EXISTS, `topic ${name} exists`)
    if (partitionCount < 1 || partitionCount > PARTITIONS_MAX) {
      throw new RequestRefused(ErrorCode.INVALID_PARTITIONS, `${partitionCount} partitions: 1 to ${PARTITIONS_MAX}`)
    }
    const nodeIds = [...this.#nodes.keys()]
    const partitions = Array.from({ length: partitionCount }, (_, index) => {
      const leaderId = nodeIds[index % nodeIds.length]
      if (leaderId === undefined) throw new Error('a topic needs a broker in the cluster')
      return new Partition(name, index, [leaderId])
    })
    const topic = new Topic(name, this.#randomUuid(), config, partitions)
    if (isDryRun) return topic
    this.#byName.set(name, topic)
    this.#byId.set(topic.id, topic)
    return topic
  }

  deleteTopic(topic: Topic): void {
    this.#byName.delete(topic.name)
    this.#byId.delete(topic.id)
  }

  /** An id that no producer had before. The first is 0, as at Kafka. */
  allocateProducerId(): bigint {
    return this.#nextProducerId++
  }
}
