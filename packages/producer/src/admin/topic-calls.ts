import {
  createTopics,
  deleteTopics,
  errorFor,
  listOffsets,
  metadata,
  ZERO_UUID,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { backoffMs } from '../backoff.ts'
import type { PartitionInfo } from '../cluster/cluster-calls.ts'
import type { Engine } from '../engine.ts'
import { altered, KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import { checkTopicName, creatableTopic, type CreateTopicsOptions, type NewTopic } from './new-topic.ts'
import { assertAccepted, topicRefused, TopicsError } from './topics-error.ts'

/** A topic, and where its partitions are. */
export interface TopicDescription {
  readonly topic: string
  readonly partitions: readonly PartitionInfo[]
}

/** Where the log of a partition begins and ends. */
export interface PartitionOffsets {
  readonly partition: number
  /** Of the first record that is still there. */
  readonly earliest: number
  /** That the next record will have, as consumers see it. */
  readonly latest: number
}

export interface TopicCallsDeps {
  readonly engine: Engine
  readonly clock: Clock
  readonly random: Random
  readonly options: {
    readonly maxBlockMs: number
    readonly requestTimeoutMs: number
    readonly retryBackoffMs: number
    readonly retryBackoffMaxMs: number
  }
  /** @throws KafkaError when the producer is closed or has failed */
  readonly assertOpen: (call: string) => void
}

/** One attempt of several, at a time. */
interface Attempt {
  readonly notBeforeMs: number
  readonly deadlineMs: number
}

type MetadataTopic = ResponseOf<typeof metadata>['topics'][number]

const LEADER_NOT_AVAILABLE = 5
const BROKER_NOT_AVAILABLE = 8

/**
 * A broker that gives up says so. It is told to give up after so much of the time that it is waited for, or its answer would
 * always come too late: the connection ends at requestTimeoutMs, with the records that are on it.
 */
const BROKERS_SHARE = 0.8

/** Who asks is no broker. */
const NO_REPLICA = -1

/** From this version on a topic may be deleted by its id, and stands elsewhere in the request. */
const TOPIC_ID_VERSION = 6

/** @source Kafka ListOffsetsRequest */
const LATEST = -1n
const EARLIEST = -2n

/** Orders and questions of the application about topics. */
export class TopicCalls {
  readonly #deps: TopicCallsDeps

  constructor(deps: TopicCallsDeps) {
    this.#deps = deps
  }

  async create(topics: readonly NewTopic[], options: CreateTopicsOptions): Promise<void> {
    this.#deps.assertOpen('createTopics()')
    const { validateOnly = false } = options
    const request = { topics: topics.map(creatableTopic), validateOnly }
    await this.#tried(this.#within(options.timeoutMs), wasNotDone, async (attempt) => {
      const messageFor = (): RequestInput<typeof createTopics> => ({ ...request, timeoutMs: this.#patience(attempt) })
      const response = await this.#askController(createTopics, messageFor, attempt)
      assertAccepted(response.topics.map(({ name, ...answer }) => ({ topic: name, ...answer })))
    })
    this.#deps.engine.metadata.refresh() // somebody may wait for one of them
    this.#deps.engine.sender.wake()
  }

  async delete(topics: readonly string[], timeoutMs: number | undefined): Promise<void> {
    this.#deps.assertOpen('deleteTopics()')
    for (const topic of topics) checkTopicName(topic)
    const byName = topics.map((name) => ({ name, topicId: ZERO_UUID }))
    const named = (version: number): Pick<RequestInput<typeof deleteTopics>, 'topics' | 'topicNames'> =>
      version < TOPIC_ID_VERSION ? { topicNames: [...topics] } : { topics: byName }
    await this.#tried(this.#within(timeoutMs), wasNotDone, async (attempt) => {
      const messageFor = (version: number): RequestInput<typeof deleteTopics> => ({
        ...named(version),
        timeoutMs: this.#patience(attempt),
      })
      const { responses } = await this.#askController(deleteTopics, messageFor, attempt)
      assertAccepted(responses.map(({ name, ...answer }) => ({ topic: name ?? '', ...answer })))
    })
  }

  async list(timeoutMs: number | undefined): Promise<string[]> {
    this.#deps.assertOpen('listTopics()')
    return this.#tried(this.#within(timeoutMs), mayComeRight, async (attempt) => {
      const { topics } = await this.#askMetadata(null, attempt)
      return topics.flatMap(({ name }) => name ?? [])
    })
  }

  /** @param topics undefined: all of them */
  async describe(topics: readonly string[] | undefined, timeoutMs: number | undefined): Promise<TopicDescription[]> {
    this.#deps.assertOpen('describeTopics()')
    for (const topic of topics ?? []) checkTopicName(topic)
    return this.#tried(this.#within(timeoutMs), mayComeRight, (attempt) => this.#descriptions(topics, attempt))
  }

  async offsets(topic: string, timeoutMs: number | undefined): Promise<PartitionOffsets[]> {
    this.#deps.assertOpen('listOffsets()')
    checkTopicName(topic)
    return this.#tried(this.#within(timeoutMs), mayComeRight, async (attempt) => {
      const partitions = (await this.#descriptions([topic], attempt)).flatMap((described) => described.partitions)
      const [earliest, latest] = await Promise.all(
        [EARLIEST, LATEST].map((timestamp) => this.#offsetsAt(timestamp, topic, partitions, attempt)),
      )
      return partitions.map(({ partition }) => ({
        partition,
        earliest: earliest?.get(partition) ?? -1,
        latest: latest?.get(partition) ?? -1,
      }))
    })
  }

  async #descriptions(topics: readonly string[] | undefined, attempt: Attempt): Promise<TopicDescription[]> {
    const answer = await this.#askMetadata(topics ?? null, attempt)
    assertAccepted(answer.topics.map(({ name, errorCode }) => ({ topic: name ?? '', errorCode })))
    return answer.topics.map(descriptionOf)
  }

  /** Each leader is asked for its own. */
  async #offsetsAt(
    timestamp: bigint,
    topic: string,
    partitions: readonly PartitionInfo[],
    attempt: Attempt,
  ): Promise<Map<number, number>> {
    const { requests } = this.#deps.engine
    const { deadlineMs } = attempt
    const answers = await Promise.all(
      [...byLeader(partitions)].map(([leader, indexes]) => {
        const asked = indexes.map((partitionIndex) => ({ partitionIndex, timestamp }))
        const topics = [{ name: topic, partitions: asked }]
        const request = { replicaId: NO_REPLICA, isolationLevel: 0, topics }
        const messageFor = (): RequestInput<typeof listOffsets> => ({ ...request, timeoutMs: this.#patience(attempt) })
        return requests.ask(leader, listOffsets, messageFor, { deadlineMs })
      }),
    )
    const found = new Map<number, number>()
    for (const answer of answers.flatMap(({ topics }) => topics)) {
      for (const { partitionIndex, errorCode, offset } of answer.partitions) {
        if (errorCode !== 0) throw topicRefused(`${topic}-${partitionIndex}`, errorCode)
        found.set(partitionIndex, Number(offset))
      }
    }
    return found
  }

  /**
   * What metadata says is news to the producer too. A broker that does not know the cluster says nothing about it: another is
   * asked, and the producer asks for itself, so that it begins anew where brokers want that.
   */
  async #askMetadata(topics: readonly string[] | null, attempt: Attempt): Promise<ResponseOf<typeof metadata>> {
    const { requests, metadata: known } = this.#deps.engine
    const request = { topics: topics?.map((name) => ({ name })) ?? null, allowAutoTopicCreation: false }
    const response = await requests.ask('any', metadata, () => request, attempt)
    if (response.errorCode !== 0 || response.brokers.length === 0) {
      known.refresh()
      throw clusterUnknown(response.errorCode)
    }
    known.spread(response)
    return response
  }

  /** Asks metadata each time who the controller is: these calls are rare, and controllers move. */
  async #askController<A extends typeof createTopics | typeof deleteTopics>(
    api: A,
    messageFor: (version: number) => RequestInput<A>,
    attempt: Attempt,
  ): Promise<ResponseOf<A>> {
    const { engine } = this.#deps
    const asked = this.#tried(attempt, mayComeRight, (question) => this.#askMetadata([], question))
    const { controllerId } = await asked.catch(nobodyWasAsked)
    return engine.requests.ask(controllerId, api, messageFor, { deadlineMs: attempt.deadlineMs })
  }

  /** How long a broker may take for what it is asked now, before it answers without an end. */
  #patience({ deadlineMs }: Attempt): number {
    const { clock, options } = this.#deps
    const leftMs = Math.min(options.requestTimeoutMs, deadlineMs - clock.now())
    return Math.max(1, Math.floor(leftMs * BROKERS_SHARE))
  }

  /** The first attempt of a call: at once. */
  #within(timeoutMs: number | undefined): Attempt {
    const { clock, options } = this.#deps
    return { notBeforeMs: 0, deadlineMs: clock.now() + (timeoutMs ?? options.maxBlockMs) }
  }

  /** Again and again with back-off, while it may help and can do no harm. */
  async #tried<Result>(
    first: Attempt,
    mayBeAskedAgain: (error: KafkaError) => boolean,
    attempt: (attempt: Attempt) => Promise<Result>,
  ): Promise<Result> {
    const { clock, random, options } = this.#deps
    const { deadlineMs } = first
    let { notBeforeMs } = first
    for (let failedAttempts = 1; ; failedAttempts++) {
      try {
        return await attempt({ notBeforeMs, deadlineMs })
      } catch (error) {
        if (!(error instanceof KafkaError) || !mayBeAskedAgain(error)) throw error
        notBeforeMs = clock.now() + backoffMs(failedAttempts, options.retryBackoffMs, options.retryBackoffMaxMs, random)
        if (notBeforeMs >= deadlineMs) throw error
      }
    }
  }
}

/** What changes a cluster is asked for again only if it is certain that nothing was done: the controller is another. */
function wasNotDone(error: KafkaError): boolean {
  if (!(error instanceof TopicsError)) return error.retriable && error.outcome === 'never'
  return [...error.failures.values()].every(({ code }) => code === 'NOT_CONTROLLER')
}

/** Who is not found is told nothing, whatever became of the question. */
function nobodyWasAsked(error: unknown): never {
  throw error instanceof KafkaError ? altered(error, { outcome: 'never' }) : error
}

/** @param errorCode 0: the broker knows no brokers */
function clusterUnknown(errorCode: number): KafkaError {
  const { name, meaning } = errorFor(errorCode === 0 ? BROKER_NOT_AVAILABLE : errorCode)
  return new KafkaError(name, `the broker that was asked does not know the cluster: ${meaning}`, {
    outcome: 'never',
    retriable: true,
  })
}

/** A question does no harm. That a topic does not exist is an answer. */
function mayComeRight(error: KafkaError): boolean {
  return error.retriable && !(error instanceof TopicsError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION')
}

function descriptionOf(answer: MetadataTopic): TopicDescription {
  const topic = answer.name ?? ''
  return {
    topic,
    partitions: answer.partitions
      .toSorted((one, other) => one.partitionIndex - other.partitionIndex)
      .map(({ partitionIndex, leaderId, replicaNodes, isrNodes, offlineReplicas }) => ({
        topic,
        partition: partitionIndex,
        leader: leaderId < 0 ? undefined : leaderId,
        replicas: replicaNodes,
        inSyncReplicas: isrNodes,
        offlineReplicas,
      })),
  }
}

function byLeader(partitions: readonly PartitionInfo[]): Map<number, number[]> {
  const indexes = new Map<number, number[]>()
  for (const { topic, partition, leader } of partitions) {
    if (leader === undefined) throw topicRefused(`${topic}-${partition}`, LEADER_NOT_AVAILABLE)
    const ofLeader = indexes.get(leader) ?? []
    ofLeader.push(partition)
    indexes.set(leader, ofLeader)
  }
  return indexes
}
