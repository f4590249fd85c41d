import { KafkaError, TopicsError, type Producer as Engine, type TopicDescription } from '@linger/producer'
import type { KafkaConfig } from '../config/kafka-config.ts'
import { ACKS_TIMEOUT_MS } from '../engine/engine-config.ts'
import { EngineSource } from '../engine/engine-source.ts'
import { reasonOf } from '../errors/broker-refusals.ts'
import { failureOf } from '../errors/error-from-engine.ts'
import { KafkaJSAggregateError } from '../errors/kafkajs-error.ts'
import { KafkaJSTimeout } from '../errors/network-errors.ts'
import { KafkaJSCreateTopicError, KafkaJSProtocolError } from '../errors/protocol-errors.ts'
import { adminEvents } from '../events/admin-events.ts'
import { Instrumentation } from '../events/instrumentation.ts'
import type { Logger } from '../logger/logger.ts'
import { partitionMetadataOf } from '../partition/partition-metadata.ts'
import { retriedOn, retrySchedule, type RetrySchedule } from '../retry/retry.ts'
import type { CreateTopicsRequest, ITopicMetadata, SeekEntry } from './admin.ts'
import { checkNewTopics, checkTopicName, checkTopicNames, newTopicOf } from './topic-config.ts'

/** How long a broker may take where a call says nothing. */
const TIMEOUT_MS = 5_000

/** How long leaders are waited for where a call says nothing, and how often they are asked for. */
const LEADERS_TIMEOUT_MS = 10_000
const LEADERS_PAUSE_MS = 100

const MAY_BE_DELETED_LATER: readonly string[] = ['NOT_CONTROLLER', 'UNKNOWN_TOPIC_OR_PARTITION']

const DELETE_TIMED_OUT =
  'Could not delete topics, check if "delete.topic.enable" is set to "true" (the default value is "false") or increase the timeout'

const NO_RECORDS = { acks: -1, compression: 0, timeout: ACKS_TIMEOUT_MS, isTransactional: false }

/** What KafkaJS's admin does with topics, by an engine that sends no records. */
export class Topics {
  readonly logger: Logger
  readonly instrumentation: Instrumentation
  readonly #source: EngineSource
  readonly #schedule: RetrySchedule
  /** Connected by the first call, whoever made it. */
  #engine: Promise<Engine> | undefined

  constructor(kafka: KafkaConfig, rootLogger: Logger) {
    this.logger = rootLogger.namespace('Admin')
    this.instrumentation = new Instrumentation(adminEvents, 'admin.events', this.logger)
    this.#schedule = retrySchedule(kafka.retry)
    this.#source = new EngineSource({
      kafka,
      producer: { allowAutoTopicCreation: false },
      logger: rootLogger,
      instrumentation: this.instrumentation,
      events: adminEvents,
    })
  }

  async connect(): Promise<void> {
    await this.#connected()
    this.instrumentation.emit(adminEvents.CONNECT)
  }

  async disconnect(): Promise<void> {
    const engine = this.#engine
    this.#engine = undefined
    this.#source.forgetBrokers()
    await (await engine?.catch(() => undefined))?.close({ timeoutMs: 0 })
    this.instrumentation.emit(adminEvents.DISCONNECT)
  }

  #connected(): Promise<Engine> {
    this.#engine ??= this.#source.connected(NO_RECORDS).catch((error: unknown) => {
      this.#engine = undefined
      throw error
    })
    return this.#engine
  }

  async list(): Promise<string[]> {
    return this.#asked((engine) => engine.listTopics())
  }

  async metadata({ topics = [] }: { topics?: string[] } = {}): Promise<{ topics: ITopicMetadata[] }> {
    for (const topic of topics) checkTopicName(topic)
    const described = await retriedOn(['LEADER_NOT_AVAILABLE'], this.#schedule, async () => {
      const found = await this.#asked((engine) => engine.describeTopics(topics.length === 0 ? undefined : topics))
      if (found.some(isLeaderless)) throw new KafkaJSProtocolError(reasonOf('LEADER_NOT_AVAILABLE'))
      return found
    })
    return {
      topics: described.map(({ topic, partitions }) => ({
        name: topic,
        partitions: partitions.map(partitionMetadataOf),
      })),
    }
  }

  async create({
    topics,
    validateOnly = false,
    timeout,
    waitForLeaders = true,
  }: CreateTopicsRequest): Promise<boolean> {
    checkNewTopics(topics)
    const engine = await this.#connected()
    try {
      await engine.createTopics(topics.map(newTopicOf), { validateOnly, timeoutMs: timeout ?? TIMEOUT_MS })
    } catch (error) {
      if (!(error instanceof TopicsError)) throw asKafkaJs(error)
      const failures = [...error.failures]
      if (failures.every(([, { code }]) => code === 'TOPIC_ALREADY_EXISTS')) return false
      throw creationErrors(failures)
    }
    if (waitForLeaders && !validateOnly)
      await this.#waitForLeaders(
        engine,
        topics.map(({ topic }) => topic),
        timeout,
      )
    return true
  }

  /** Not every broker knows a new topic at once, nor has every partition a leader. */
  async #waitForLeaders(engine: Engine, topics: readonly string[], timeoutMs = LEADERS_TIMEOUT_MS): Promise<void> {
    const endMs = performance.now() + timeoutMs
    for (;;) {
      const described = await engine.describeTopics(topics).catch(notYet)
      if (described !== undefined && !described.some(isLeaderless)) return
      if (performance.now() >= endMs) throw new KafkaJSTimeout('Timed out while waiting for topic leaders')
      await new Promise((resolve) => {
        setTimeout(resolve, LEADERS_PAUSE_MS)
      })
    }
  }

  /** A topic that is not there is waited for, as by KafkaJS. */
  async delete({ topics, timeout }: { topics: string[]; timeout?: number }): Promise<void> {
    checkTopicNames(topics)
    await retriedOn(MAY_BE_DELETED_LATER, this.#schedule, async (retryCount, retryTime) => {
      try {
        await this.#asked((engine) => engine.deleteTopics(topics, { timeoutMs: timeout ?? TIMEOUT_MS }))
      } catch (error) {
        if (error instanceof KafkaJSProtocolError) this.#logDeleteFailed(error, { retryCount, retryTime })
        throw error
      }
    })
  }

  #logDeleteFailed({ type, message }: KafkaJSProtocolError, attempt: object): void {
    const facts = { error: message, ...attempt }
    if (MAY_BE_DELETED_LATER.includes(type)) this.logger.warn('Could not delete topics', facts)
    if (type === 'REQUEST_TIMED_OUT') this.logger.error(DELETE_TIMED_OUT, facts)
  }

  async offsets(topic: string): Promise<(SeekEntry & { high: string; low: string })[]> {
    checkTopicName(topic)
    const offsets = await retriedOn(['UNKNOWN_TOPIC_OR_PARTITION'], this.#schedule, () =>
      this.#asked((engine) => engine.listOffsets(topic)),
    )
    return offsets.map(({ partition, earliest, latest }) => {
      const high = String(latest)
      return { partition, offset: high, high, low: String(earliest) }
    })
  }

  /** @returns rejects as KafkaJS says it */
  async #asked<Result>(ask: (engine: Engine) => Promise<Result>): Promise<Result> {
    const engine = await this.#connected()
    try {
      return await ask(engine)
    } catch (error) {
      throw asKafkaJs(error)
    }
  }
}

function isLeaderless({ partitions }: TopicDescription): boolean {
  return partitions.some(({ leader }) => leader === undefined)
}

/** A broker that does not know the topic yet, or whom nobody leads yet. */
function notYet(error: unknown): undefined {
  if (error instanceof KafkaError && error.retriable) return undefined
  throw asKafkaJs(error)
}

function creationErrors(failures: readonly (readonly [topic: string, error: KafkaError])[]): KafkaJSAggregateError {
  const errors = failures.map(
    ([topic, { code, message }]) => new KafkaJSCreateTopicError(reasonOf(code, message), topic),
  )
  return new KafkaJSAggregateError('Topic creation errors', errors.toSorted(byTopic))
}

function byTopic(one: KafkaJSCreateTopicError, other: KafkaJSCreateTopicError): number {
  return one.topic.localeCompare(other.topic)
}

/** Of several topics that were refused KafkaJS tells of the first by name. */
function asKafkaJs(error: unknown): unknown {
  if (!(error instanceof KafkaError)) return error
  if (!(error instanceof TopicsError)) return failureOf(error)
  const [first] = [...error.failures].toSorted(([one], [other]) => one.localeCompare(other))
  return new KafkaJSProtocolError(reasonOf(first?.[1].code ?? error.code, error.message), { cause: error })
}
