import { ErrorCode } from '../error-code.ts'
import { Faults } from '../faults/faults.ts'
import { RequestLog, type RequestLogLimits } from '../faults/request-log.ts'
import { ClientMetrics } from '../telemetry/client-metrics.ts'
import { ConsumerOffsets } from '../group/consumer-offsets.ts'
import { RequestRefused } from '../request-refused.ts'
import type { TransactionCoordinator } from '../transaction/transaction-coordinator.ts'
import type { TransactionLog } from '../transaction/transaction-log.ts'
import { coordinatorSlotOf } from './coordinator-slot.ts'
import { Features } from './features.ts'
import type { MetadataView } from './metadata-view.ts'
import type { Node } from './node.ts'
import { Partition, type PartitionCluster } from './partition.ts'
import { Topic, unifyCollisionChars, validateTopicName } from './topic.ts'

const PARTITIONS_MAX = 100_000

export interface NewTopic {
  readonly name: string
  /** How many, or the brokers of each, the leader first. */
  readonly partitions: number | readonly (readonly number[])[]
  /** Default: 1. Of no effect where brokers are named. */
  readonly replicationFactor?: number
  /** Topic configuration under Kafka's names, `{ 'message.timestamp.type': 'LogAppendTime' }`. */
  readonly config?: Readonly<Record<string, string>>
}

/** A broker, as its cluster tells it what has changed. */
export interface ClusterMember {
  readonly nodeId: number
  /** It hears of nothing, and may believe that it leads what others lead by now. */
  readonly isStale: boolean
  /** Its process neither stands still nor is gone. */
  readonly isRunning: boolean
  readonly transactions: TransactionCoordinator
  onClusterChanged(): void
}

/**
 * What all brokers of a cluster agree on: who they are, the topics, and which producer ids are taken; and, for tests,
 * what goes wrong.
 *
 * The brokers of one process share one cluster, so that agreeing costs nothing. Every change takes effect at once,
 * everywhere but at brokers that were told not to listen.
 */
export class Cluster implements MetadataView, PartitionCluster {
  readonly clusterId: string
  /** What goes wrong with requests. */
  readonly faults: Faults = new Faults()
  /** What was asked and answered, if anybody wants to know. */
  readonly requests: RequestLog
  /** Which protocols all brokers have agreed on. */
  readonly features: Features = new Features()
  /** What the coordinators know, whoever they are. */
  readonly transactions: TransactionLog = new Map()
  /** The offsets of consumer groups, and of transactions that are not decided yet. */
  readonly consumerOffsets: ConsumerOffsets = new ConsumerOffsets()
  /** Which metrics of clients are wanted, and what they have pushed. */
  readonly clientMetrics: ClientMetrics = new ClientMetrics()
  readonly #randomUuid: () => string
  readonly #members = new Map<number, ClusterMember>()
  readonly #nodes = new Map<number, Node>()
  readonly #fenced = new Set<number>()
  readonly #byName = new Map<string, Topic>()
  /** By name with '_' for '.': no two topics may share one. @source Kafka ReplicationControlManager */
  readonly #byUnifiedName = new Map<string, Topic>()
  readonly #byId = new Map<string, Topic>()
  readonly #coordinators = new Map<string, number>()
  readonly #loading = new Set<string>()
  #controllerId: number | undefined
  #nextProducerId = 0n
  #changesAtOnce = 0

  /** @param randomUuid answers 22 letters of url-safe base64 */
  constructor(randomUuid: () => string, requestLog: Partial<RequestLogLimits> = {}) {
    this.#randomUuid = randomUuid
    this.clusterId = randomUuid()
    this.requests = new RequestLog(requestLog)
  }

  get nodes(): readonly Node[] {
    return [...this.#nodes.values()].filter(({ nodeId }) => !this.#fenced.has(nodeId))
  }

  get topics(): readonly Topic[] {
    return [...this.#byName.values()]
  }

  /** The broker that metadata calls the controller: the one that joined first, unless it was moved. */
  get controllerId(): number {
    if (this.#controllerId !== undefined && this.isAlive(this.#controllerId)) return this.#controllerId
    return this.nodes[0]?.nodeId ?? -1
  }

  moveController(nodeId: number): void {
    this.#controllerId = nodeId
  }

  /** A broker of this process, which is to hear of changes. */
  join(member: ClusterMember): void {
    this.#members.set(member.nodeId, member)
  }

  /** A broker joins, or comes back with another address. */
  register(node: Node): void {
    this.#nodes.set(node.nodeId, node)
  }

  /** Where a broker is reached, if it is there. */
  node(nodeId: number): Node | undefined {
    return this.isAlive(nodeId) ? this.#nodes.get(nodeId) : undefined
  }

  isAlive(nodeId: number): boolean {
    return this.#nodes.has(nodeId) && !this.#fenced.has(nodeId)
  }

  isRunning(nodeId: number): boolean {
    return this.#members.get(nodeId)?.isRunning ?? false
  }

  isStale(nodeId: number): boolean {
    return this.#members.get(nodeId)?.isStale ?? false
  }

  /** The controller has noticed that a broker is gone: others lead what it led. */
  fence(nodeId: number): void {
    this.#fenced.add(nodeId)
    this.atOnce(() => {
      for (const partition of this.#partitions()) if (partition.replicaIds.includes(nodeId)) partition.onFenced(nodeId)
    })
  }

  /** A broker's process begins anew, and knows nothing of producers whose records are older than `expiredMs`. */
  forgetOldProducers(nodeId: number, expiredMs: number): void {
    for (const partition of this.#partitions()) {
      if (partition.replicaIds.includes(nodeId)) partition.onRestarted(nodeId, expiredMs)
    }
  }

  /** A broker is back, has fetched what it lacked, and follows. */
  unfence(nodeId: number): void {
    this.#fenced.delete(nodeId)
    this.atOnce(() => {
      for (const partition of this.#partitions()) partition.onUnfenced(nodeId)
    })
  }

  /** A broker fetches nothing any more, as a follower of any partition. */
  stallReplicas(nodeId: number): void {
    for (const partition of this.#partitions()) if (partition.replicaIds.includes(nodeId)) partition.stall(nodeId)
  }

  /** A broker has heard of everything again. */
  forgetDeposed(nodeId: number): void {
    for (const partition of this.#partitions()) partition.forgetDeposed(nodeId)
  }

  topicNamed(name: string): Topic | undefined {
    return this.#byName.get(name)
  }

  topicWithId(id: string): Topic | undefined {
    return this.#byId.get(id)
  }

  /** @throws Error when it is not there */
  partition(topicName: string, index: number): Partition {
    const partition = this.#byName.get(topicName)?.partitions[index]
    if (partition === undefined) throw new Error(`there is no ${topicName}-${index}`)
    return partition
  }

  /**
   * @param isDryRun everything is checked and nothing created
   * @throws RequestRefused with the code that CreateTopics answers
   */
  createTopic(newTopic: NewTopic, isDryRun: boolean = false): Topic {
    const { name, partitions, config = {}, replicationFactor = 1 } = newTopic
    validateTopicName(name)
    if (this.#byName.has(name)) throw new RequestRefused(ErrorCode.TOPIC_ALREADY_EXISTS, `topic ${name} exists`)
    const collides = this.#byUnifiedName.get(unifyCollisionChars(name))
    if (collides !== undefined) {
      const message = `topic ${name} collides with existing topic: ${collides.name}`
      throw new RequestRefused(ErrorCode.INVALID_TOPIC_EXCEPTION, message)
    }
    const topic = new Topic(name, this.#randomUuid(), config)
    const replicas = typeof partitions === 'number' ? this.#assign(0, partitions, replicationFactor) : partitions
    this.#extend(topic, replicas)
    if (isDryRun) return topic
    this.#byName.set(name, topic)
    this.#byUnifiedName.set(unifyCollisionChars(name), topic)
    this.#byId.set(topic.id, topic)
    return topic
  }

  /** More partitions for a topic, as CreatePartitions makes them. */
  addPartitions(topicName: string, partitionCount: number): void {
    const topic = this.#byName.get(topicName)
    if (topic === undefined) throw new Error(`there is no topic ${topicName}`)
    const { length } = topic.partitions
    if (partitionCount <= length) {
      throw new RequestRefused(ErrorCode.INVALID_PARTITIONS, `${topicName} has ${length} partitions already`)
    }
    this.#extend(topic, this.#assign(length, partitionCount, topic.replicationFactor))
  }

  deleteTopic(topic: Topic): void {
    this.#byName.delete(topic.name)
    this.#byUnifiedName.delete(unifyCollisionChars(topic.name))
    this.#byId.delete(topic.id)
    this.changed()
  }

  /**
   * The same name, another topic: no records, another id.
   *
   * @param givenPartitions Default: as many, on the same brokers
   */
  recreateTopic(topicName: string, givenPartitions?: NewTopic['partitions']): Topic {
    const topic = this.#byName.get(topicName)
    if (topic === undefined) throw new Error(`there is no topic ${topicName}`)
    this.deleteTopic(topic)
    const partitions = givenPartitions ?? topic.partitions.map(({ replicaIds }) => replicaIds)
    const { givenConfig: config, replicationFactor } = topic
    return this.createTopic({ name: topicName, partitions, config, replicationFactor })
  }

  /** The broker that coordinates a group or a transactional id, if any broker is there. */
  coordinatorFor(key: string): Node | undefined {
    const moved = this.node(this.#coordinators.get(key) ?? -1)
    if (moved !== undefined) return moved
    const nodeIds = [...this.#nodes.keys()]
    const first = coordinatorSlotOf(key) % nodeIds.length
    const nodeId = [...nodeIds.slice(first), ...nodeIds.slice(0, first)].find((id) => this.isAlive(id))
    return this.node(nodeId ?? -1)
  }

  /** @throws RequestRefused COORDINATOR_NOT_AVAILABLE where no broker can be asked */
  transactionCoordinatorFor(transactionalId: string): TransactionCoordinator {
    const { nodeId = -1 } = this.coordinatorFor(transactionalId) ?? {}
    const member = this.#members.get(nodeId)
    if (member?.isRunning === true) return member.transactions
    throw new RequestRefused(ErrorCode.COORDINATOR_NOT_AVAILABLE, `nobody coordinates ${transactionalId}`)
  }

  /** Another broker coordinates a group or a transactional id. */
  moveCoordinator(key: string, nodeId: number): void {
    this.#coordinators.set(key, nodeId)
    this.changed()
  }

  /** A coordinator reads what it needs to know, and can answer nothing until the returned function is called. */
  loadCoordinator(key: string): () => void {
    this.#loading.add(key)
    return () => {
      this.#loading.delete(key)
      this.changed()
    }
  }

  isLoading(key: string): boolean {
    return this.#loading.has(key)
  }

  /** An id that no producer had before. The first is 0, as at Kafka. */
  allocateProducerId(): bigint {
    return this.#nextProducerId++
  }

  /** Changes of which nobody hears before the last one: as when several happen between two looks of a broker. */
  atOnce(change: () => void): void {
    this.#changesAtOnce++
    try {
      change()
    } finally {
      this.#changesAtOnce--
    }
    this.changed()
  }

  changed(): void {
    if (this.#changesAtOnce > 0) return
    for (const member of this.#members.values()) member.onClusterChanged()
  }

  /** The brokers of partitions, each partition beginning with the next broker. @source Kafka StripedReplicaPlacer */
  #assign(fromIndex: number, partitionCount: number, replicationFactor: number): number[][] {
    const nodeIds = this.nodes.map(({ nodeId }) => nodeId)
    if (nodeIds.length === 0) throw new Error('a topic needs a broker in the cluster')
    if (partitionCount < 1 || partitionCount > PARTITIONS_MAX) {
      throw new RequestRefused(ErrorCode.INVALID_PARTITIONS, `${partitionCount} partitions: 1 to ${PARTITIONS_MAX}`)
    }
    if (replicationFactor < 1 || replicationFactor > nodeIds.length) {
      const message = `${replicationFactor} replicas: 1 to ${nodeIds.length}, one on each broker`
      throw new RequestRefused(ErrorCode.INVALID_REPLICATION_FACTOR, message)
    }
    return Array.from({ length: partitionCount - fromIndex }, (_, added) => {
      const first = (fromIndex + added) % nodeIds.length
      return [...nodeIds.slice(first), ...nodeIds.slice(0, first)].slice(0, replicationFactor)
    })
  }

  #extend(topic: Topic, replicas: readonly (readonly number[])[]): void {
    for (const replicaIds of replicas) topic.partitions.push(new Partition(topic, replicaIds, this))
  }

  *#partitions(): Iterable<Partition> {
    for (const topic of this.#byName.values()) yield* topic.partitions
  }
}
