import { errorFor, metadata, type ResponseOf } from '@linger/protocol'
import { Topic } from '../accumulate/topic.ts'
import { backoffMs } from '../backoff.ts'
import { KafkaError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import { checkTopic } from '../record/record-checks.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Cluster, ListedBroker } from './cluster.ts'
import { answerFrom } from './known-topic.ts'
import { MetadataAge } from './metadata-age.ts'
import { brokerGone, rebootstrapRequired, unanswered } from './metadata-errors.ts'
import { isLed, updateTopic } from './update-topic.ts'
import { type TopicWatcher, WantedTopics } from './wanted-topics.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'

export interface MetadataOptions {
  readonly metadataMaxAgeMs: number
  readonly metadataMaxIdleMs: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly allowAutoTopicCreation: boolean
  readonly metadataRecoveryStrategy: 'none' | 'rebootstrap'
  readonly metadataRecoveryRebootstrapTriggerMs: number
}

export interface MetadataDeps {
  readonly cluster: Cluster
  readonly clock: Clock
  readonly random: Random
  readonly options: MetadataOptions
  /** What other producers of a group know. */
  readonly others: () => Iterable<Metadata>
  /** Somebody waits for any answer, whatever is in it. */
  readonly isContactWanted: () => boolean
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

/** Who leads a partition, as the answer to a Produce request says it. */
export interface NamedLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
  /** The answer calls the topic by its id. By name alone (before Produce 13), it may be about the one before it was made anew. */
  readonly isById: boolean
}

type MetadataResponse = ResponseOf<typeof metadata>

const INVALID_TOPIC_EXCEPTION = 17
const TOPIC_AUTHORIZATION_FAILED = 29
const REBOOTSTRAP_REQUIRED = 129

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
  readonly #wanted = new WantedTopics()
  readonly #age: MetadataAge
  #isAsking = false
  /** Everything must be asked for again: a leader or a broker is not what we think. */
  #isStale = true
  #hasNewTopic = false
  #failedAttempts = 0
  #retryAtMs = 0
  /** Since when an answer is wanted and none was good. */
  #unansweredSinceMs: number | undefined

  constructor(deps: MetadataDeps) {
    this.#deps = deps
    this.#age = new MetadataAge(deps.options)
  }

  get topics(): Iterable<Topic> {
    return this.#topics.values()
  }

  /** A broker has answered at least once. */
  get isKnown(): boolean {
    return this.#age.updatedAtMs > -Infinity
  }

  /** When everything was last asked for and answered. -Infinity before. */
  get updatedAtMs(): number {
    return this.#age.updatedAtMs
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
    if (this.#wanted.add(topic, this.#deps.clock.now())) this.#hasNewTopic = true
  }

  /**
   * Tells once when the topic's partitions are known, or that they never will be.
   *
   * @returns what stops waiting
   */
  watch(topic: Topic, watcher: TopicWatcher): () => void {
    this.want(topic)
    return this.#wanted.watch(topic, watcher)
  }

  /** The producer ends: nobody will ever be answered. */
  failWatchers(error: KafkaError): void {
    this.#wanted.failWatchers(error)
  }

  /** No broker can be asked, and waiting does not help: whoever waits for a topic hears it now. */
  failWanted(cause: KafkaError): void {
    const failed = this.#wanted.all
    for (const topic of failed) this.#wanted.delete(topic) // whoever hears of it may send again
    for (const topic of failed) {
      const error = new KafkaError(cause.code, `${topic.name}: no broker can be asked: ${cause.message}`, {
        outcome: 'never',
        cause,
      })
      this.#deps.onTopicFailed(topic, error)
      this.#wanted.tellFailed(topic, error)
    }
  }

  /** What we know proved wrong. */
  refresh(): void {
    this.#isStale = true
  }

  /** Somebody would use an answer now, or soon. */
  get isWanted(): boolean {
    return !this.#wanted.isEmpty || this.isAwaited
  }

  /** Somebody waits for it, or will soon. */
  get isAwaited(): boolean {
    return this.#wanted.isAwaited || (this.#isStale && this.#hasKnownTopic) || this.#deps.isContactWanted()
  }

  /** Of one that nobody knows, and nobody waits for any more, nothing can be old. */
  get #hasKnownTopic(): boolean {
    for (const { isKnown } of this.#topics.values()) if (isKnown) return true
    return false
  }

  /** When `run` or `expire` has something to do that no event announces. */
  deadlineMs(nowMs: number): number {
    const askAtMs = this.#askAtMs > nowMs ? this.#askAtMs : Infinity // else it waits for a broker that can be asked
    return this.isWanted ? Math.min(askAtMs, this.#rebootstrapAtMs) : askAtMs
  }

  get #askAtMs(): number {
    if (this.#isAsking) return Infinity
    if (this.isWanted) return this.#retryAtMs
    return this.#hasKnownTopic ? this.#age.endMs : Infinity
  }

  /** Asks if it is time and a broker can be asked. */
  run(nowMs: number): void {
    this.#wanted.leaveGivenUp(this.#wanted.all, nowMs - this.#deps.options.metadataMaxIdleMs)
    if (this.#hasNewTopic) this.#takeFromOthers(nowMs)
    if (this.#isAsking || (nowMs < this.#askAtMs && !this.#hasNewTopic)) return
    if (!this.isWanted && !this.#hasKnownTopic) return
    this.#unansweredSinceMs ??= nowMs
    const connection = this.#deps.cluster.anyConnection(metadata, nowMs)
    if (connection !== undefined) this.#ask(connection, nowMs)
  }

  /** Gives up brokers that have not answered for too long. */
  expire(nowMs: number): void {
    if (nowMs < this.#rebootstrapAtMs || (!this.isWanted && !this.#hasKnownTopic)) return
    this.#rebootstrap(nowMs, unanswered(nowMs - (this.#unansweredSinceMs ?? nowMs)))
  }

  #ask(connection: Connection, nowMs: number): void {
    const { allowAutoTopicCreation, metadataRecoveryStrategy } = this.#deps.options
    const isFull = this.#isStale || nowMs >= this.#age.endMs || this.#wanted.isEmpty
    const asked = isFull ? [...this.#topics.values()].filter((topic) => this.#isUsed(topic, nowMs)) : this.#wanted.all
    this.#isAsking = true
    this.#isStale = false
    this.#hasNewTopic = false
    const request = { topics: asked.map(({ name }) => ({ name })), allowAutoTopicCreation }
    connection.request(metadata, request, (_error, response) => {
      this.#isAsking = false
      if (response !== undefined && response.errorCode === 0 && response.brokers.length > 0) {
        this.#onResponse(response, asked, nowMs, isFull)
        for (const other of this.#deps.others()) other.learn(response)
        return
      }
      this.#isStale ||= isFull
      this.#backOff()
      const mayRebootstrap = metadataRecoveryStrategy === 'rebootstrap'
      if (mayRebootstrap && response?.errorCode === REBOOTSTRAP_REQUIRED)
        this.#rebootstrap(this.#deps.clock.now(), rebootstrapRequired())
    })
  }

  /** Where no broker is known there is nothing to forget: who connects to a bootstrap server takes his time. */
  get #rebootstrapAtMs(): number {
    const { cluster, options } = this.#deps
    if (this.#isAsking || options.metadataRecoveryStrategy === 'none' || !cluster.hasBrokers) return Infinity
    return (this.#unansweredSinceMs ?? Infinity) + options.metadataRecoveryRebootstrapTriggerMs
  }

  /**
   * The brokers we know are of no use: begins again with the bootstrap servers. Leader epochs too, since what comes
   * may be another cluster; what is known of topics and sequences stays.
   *
   * @source KIP-899, KIP-1102
   */
  #rebootstrap(nowMs: number, reason: KafkaError): void {
    this.#unansweredSinceMs = nowMs
    this.#isStale = true
    this.#deps.cluster.rebootstrap(reason)
    for (const { partitions } of this.#topics.values()) {
      for (const partition of partitions) partition.forgetLeaderEpochs()
    }
    this.#leaveGoneLeaders()
  }

  #onResponse(response: MetadataResponse, asked: readonly Topic[], askedMs: number, isFull: boolean): void {
    this.#unansweredSinceMs = undefined
    if (isFull) this.#age.renew(this.#deps.clock.now())
    this.#deps.onUpdated()
    const isComplete = this.#takeOver(response)
    this.#wanted.leaveGivenUp(asked, askedMs)
    // A broker may deny what it was asked for, or leave it out.
    const isEachLed = asked.every(isLed)
    if (!isEachLed) this.#isStale = true
    if (isComplete && isEachLed && !asked.some((topic) => this.#wanted.has(topic))) this.#failedAttempts = 0
    else this.#backOff()
  }

  /**
   * A broker was asked by another producer of the group: what it says is news here too. If it tells of all topics there are
   * here, nobody need ask for a while.
   */
  learn(response: MetadataResponse): void {
    if (response.errorCode !== 0 || response.brokers.length === 0) return
    const told = new Set(response.topics.map(({ name }) => name))
    this.#takeOver(response)
    if (this.#topics.size === 0 || ![...this.#topics.keys()].every((name) => told.has(name))) return
    // Who found out that a leader has changed asks all the same: the other may have asked before it did.
    this.#age.renewByHearsay(this.#deps.clock.now())
  }

  /** The application has asked about topics: what a broker said is news to this producer, and to the others of its group. */
  spread(response: MetadataResponse): void {
    this.learn(response)
    for (const other of this.#deps.others()) other.learn(response)
  }

  /** A topic that another producer of the group knows need not be asked for. */
  #takeFromOthers(nowMs: number): void {
    for (const topic of this.#wanted.all) {
      for (const other of this.#deps.others()) {
        if (other.#tell(topic.name, this, nowMs)) break
      }
    }
    if (this.#wanted.isEmpty) this.#hasNewTopic = false
  }

  /** Tells what is known of a topic. False when nothing is, or it is old. */
  #tell(name: string, other: Metadata, nowMs: number): boolean {
    const topic = this.#topics.get(name)
    if (topic?.isKnown !== true || this.#isStale || nowMs >= this.#age.endMs) return false
    const theirs = other.#deps.cluster
    const brokers = [...this.#deps.cluster.brokers].map(({ id, address }) => ({ nodeId: id, ...address }))
    // Of those that the other knows he may know newer addresses.
    const unknown = brokers.filter(({ nodeId }) => theirs.broker(nodeId) === undefined)
    theirs.meet(unknown, brokerGone())
    if (!other.isKnown) {
      other.#age.renewAs(this.#age)
      other.#isStale = false
      other.#deps.onUpdated()
    }
    other.#onTopic(other.topicFor(name), answerFrom(topic))
    return true
  }

  /** @returns false when a topic must be asked for again soon */
  #takeOver(response: MetadataResponse): boolean {
    if (this.#deps.cluster.update(response.brokers, brokerGone())) this.#leaveGoneLeaders()
    let isComplete = true
    for (const answer of response.topics) {
      const topic = answer.name === null ? undefined : this.#topics.get(answer.name)
      if (topic === undefined) continue
      if (!this.#onTopic(topic, answer)) isComplete = false
    }
    return isComplete
  }

  /**
   * A broker that refused a batch has said who leads the partition now: the batch need not wait for metadata. What is
   * said is taken only if it is newer than what we know. Without the topic's id it is a hint, since a broker that lags behind
   * may tell of a topic that is gone, whose epochs were higher: metadata need not be newer.
   *
   * @param endpoints where the leaders are that the answer names
   * @source KIP-951
   */
  onLeaderNamed(
    partition: PartitionQueue,
    { leaderId, leaderEpoch, isById }: NamedLeader,
    endpoints: readonly ListedBroker[],
  ): void {
    const { cluster, onLeaderChanged } = this.#deps
    const isGone = partition.topic.partitions[partition.index] === undefined
    if (isGone || leaderEpoch <= Math.max(partition.leaderEpoch, partition.hintedLeaderEpoch)) return
    if (cluster.meet(endpoints, brokerGone())) this.#leaveGoneLeaders()
    const leader = cluster.broker(leaderId)
    if (leader === undefined) return
    if (isById) partition.leaderEpoch = leaderEpoch
    else partition.hintedLeaderEpoch = leaderEpoch
    if (leader === partition.leader) return
    partition.leader = leader
    onLeaderChanged(partition)
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
      this.#wanted.tellFailed(topic, error)
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
    this.#wanted.tellKnown(topic)
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
    if (this.#wanted.has(topic)) return true
    const isIdle = nowMs - topic.lastUsedMs > this.#deps.options.metadataMaxIdleMs
    return topic.isKnown && (!isIdle || topic.queues.some((queue) => !queue.isEmpty))
  }
}
