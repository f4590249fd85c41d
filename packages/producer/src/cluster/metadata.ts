import { errorFor, metadata, type ResponseOf } from '@linger/protocol'
import { Topic } from '../accumulate/topic.ts'
import { backoffMs } from '../backoff.ts'
import { KafkaError } from '../errors.ts'
import { checkTopic } from '../record/record-checks.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Cluster } from './cluster.ts'
import { updateTopic } from './update-topic.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'

export interface MetadataOptions {
  readonly metadataMaxAgeMs: number
  readonly metadataMaxIdleMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly allowAutoTopicCreation: boolean
}

export interface MetadataDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly options: MetadataOptions
  /** A broker has answered. */
  readonly onUpdated: () => void
  /** The topic's partitions are known, or were confirmed. */
  readonly onTopicUpdated: (topic: Topic) => void
  /** The topic cannot be used, whatever is tried. */
  readonly onTopicFailed: (topic: Topic, error: KafkaError) => void
  /** The partition has another leader than before. */
  readonly onLeaderChanged: (partition: PartitionQueue) => void
  /** The partition's log is a new one: its topic was deleted and made anew. */
  readonly onRecreated: (partition: PartitionQueue) => void
}

export interface TopicWatcher {
  readonly onKnown: () => void
  readonly onFailed: (error: KafkaError) => void
}

type MetadataResponse = ResponseOf<typeof metadata>

const INVALID_TOPIC_EXCEPTION = 17
const TOPIC_AUTHORIZATION_FAILED = 29

/**
 * Which topics, partitions and leaders there are, and when to ask again: at once for a new topic, with back-off
 * after an error, and when the answer is old.
 *
 * @source KIP-526: only topics that are produced to are asked for
 */
export class Metadata {
  readonly #deps: MetadataDeps
  readonly #topics = new Map<string, Topic>()
  /** Topics that somebody waits for. */
  readonly #wanted = new Set<Topic>()
  readonly #watchers = new Set<{ readonly topic: Topic; readonly watcher: TopicWatcher }>()
  #isAsking = false
  /** Everything must be asked for again: a leader or a broker is not what we think. */
  #isStale = true
  #hasNewTopic = false
  #failedAttempts = 0
  #retryAtMs = 0
  #updatedAtMs = -Infinity

  constructor(deps: MetadataDeps) {
    this.#deps = deps
  }

  get topics(): Iterable<Topic> {
    return this.#topics.values()
  }

  /** A broker has answered at least once. */
  get isKnown(): boolean {
    return this.#updatedAtMs > -Infinity
  }

  topicFor(name: string): Topic {
    let topic = this.#topics.get(name)
    if (topic === undefined) {
      checkTopic(name)
      topic = new Topic(name)
      this.#topics.set(name, topic)
    }
    return topic
  }

  /** Somebody waits for the topic's partitions. */
  want(topic: Topic): void {
    if (this.#wanted.has(topic)) return
    this.#wanted.add(topic)
    this.#hasNewTopic = true
  }

  /**
   * Tells once when the topic's partitions are known, or that they never will be.
   *
   * @returns what stops waiting
   */
  watch(topic: Topic, watcher: TopicWatcher): () => void {
    this.#watchers.add({ topic, watcher })
    this.want(topic)
    return () => {
      for (const entry of this.#watchers) if (entry.watcher === watcher) this.#watchers.delete(entry)
    }
  }

  /** The producer ends: nobody will ever be answered. */
  failWatchers(error: KafkaError): void {
    for (const { watcher } of this.#watchers) watcher.onFailed(error)
    this.#watchers.clear()
  }

  #tellWatchers(topic: Topic, tell: (watcher: TopicWatcher) => void): void {
    for (const entry of this.#watchers) {
      if (entry.topic !== topic) continue
      this.#watchers.delete(entry)
      tell(entry.watcher)
    }
  }

  /** What we know proved wrong. */
  refresh(): void {
    this.#isStale = true
  }

  /** Somebody would use an answer now, or soon. */
  get isWanted(): boolean {
    return this.#isStale || this.#wanted.size > 0
  }

  /** When `run` has something to do that no event announces. */
  get deadlineMs(): number {
    if (this.#isAsking) return Infinity
    if (this.isWanted) return this.#retryAtMs
    return this.#topics.size > 0 ? this.#updatedAtMs + this.#deps.options.metadataMaxAgeMs : Infinity
  }

  /** Asks if it is time and a broker can be asked. */
  run(nowMs: number): void {
    if (this.#isAsking || (nowMs < this.deadlineMs && !this.#hasNewTopic)) return
    if (!this.isWanted && this.#topics.size === 0) return
    const connection = this.#deps.cluster.anyConnection(nowMs)
    if (connection === undefined) return

    const isOld = nowMs >= this.#updatedAtMs + this.#deps.options.metadataMaxAgeMs
    const isFull = this.#isStale || isOld || this.#wanted.size === 0
    const asked = isFull ? [...this.#topics.values()].filter((topic) => this.#isUsed(topic, nowMs)) : [...this.#wanted]
    this.#isAsking = true
    this.#isStale = false
    this.#hasNewTopic = false
    const request = {
      topics: asked.map(({ name }) => ({ name })),
      allowAutoTopicCreation: this.#deps.options.allowAutoTopicCreation,
    }
    connection.request(metadata, request, (_error, response) => {
      this.#isAsking = false
      if (response === undefined || response.brokers.length === 0) {
        this.#isStale ||= isFull
        this.#backOff()
      } else {
        this.#onResponse(response, isFull)
      }
    })
  }

  #onResponse(response: MetadataResponse, isFull: boolean): void {
    const { cluster, clock } = this.#deps
    if (isFull) this.#updatedAtMs = clock.now()
    this.#deps.onUpdated()
    if (cluster.update(response.brokers, brokerGone())) this.#leaveGoneLeaders()
    let isComplete = true
    for (const answer of response.topics) {
      const topic = answer.name === null ? undefined : this.#topics.get(answer.name)
      if (topic === undefined) continue
      if (!this.#onTopic(topic, answer)) isComplete = false
    }
    if (isComplete) this.#failedAttempts = 0
    else this.#backOff()
  }

  /** A node that was replaced or has gone leads nothing any more, in topics that were not asked for too. */
  #leaveGoneLeaders(): void {
    const { cluster, onLeaderChanged } = this.#deps
    for (const { partitions } of this.#topics.values()) {
      for (const partition of partitions) {
        const { leader } = partition
        if (leader === undefined || cluster.broker(leader.id) === leader) continue
        partition.leader = cluster.broker(leader.id)
        onLeaderChanged(partition)
      }
    }
  }

  /** False when the topic must be asked for again soon. */
  #onTopic(topic: Topic, answer: MetadataResponse['topics'][number]): boolean {
    const { errorCode } = answer
    if (errorCode === INVALID_TOPIC_EXCEPTION || errorCode === TOPIC_AUTHORIZATION_FAILED) {
      this.#wanted.delete(topic)
      const { name, meaning } = errorFor(errorCode)
      topic.lastError = name
      const error = new KafkaError(name, `${topic.name}: ${meaning}`, { outcome: 'never' })
      this.#deps.onTopicFailed(topic, error)
      this.#tellWatchers(topic, ({ onFailed }) => onFailed(error))
      return true
    }
    if (errorCode !== 0 || answer.partitions.length === 0) {
      // A broker that starts up may not know a topic that exists. What we know of it is kept: dropping its
      // sequences would make the broker take new records for old ones.
      topic.lastError = errorFor(errorCode).name
      return !this.#wanted.has(topic)
    }
    topic.lastError = undefined
    const { cluster, onLeaderChanged, onRecreated } = this.#deps
    const hasLeaders = updateTopic(topic, answer, cluster, onLeaderChanged, onRecreated)
    this.#wanted.delete(topic)
    this.#deps.onTopicUpdated(topic)
    this.#tellWatchers(topic, ({ onKnown }) => onKnown())
    if (!hasLeaders) this.#isStale = true
    return hasLeaders
  }

  #backOff(): void {
    const { clock, random, options } = this.#deps
    this.#failedAttempts++
    this.#retryAtMs =
      clock.now() + backoffMs(this.#failedAttempts, options.retryBackoffMs, options.retryBackoffMaxMs, random)
  }

  /** Nobody needs the partitions of a topic that nothing was sent to for long; what we know of it is kept. */
  #isUsed(topic: Topic, nowMs: number): boolean {
    const isIdle = nowMs - topic.lastUsedMs > this.#deps.options.metadataMaxIdleMs
    return !isIdle || this.#wanted.has(topic) || topic.partitions.some((partition) => !partition.isEmpty)
  }
}

function brokerGone(): KafkaError {
  return new KafkaError('NETWORK_EXCEPTION', 'the broker has left its address, says metadata', {
    outcome: 'unknown',
    retriable: true,
  })
}
