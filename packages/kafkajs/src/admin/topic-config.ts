import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import type { NewTopic } from '@linger/producer'

export interface IResourceConfigEntry {
  name: string
  value: string
}

export interface ReplicaAssignment {
  partition: number
  replicas: number[]
}

/** A topic that is to be made. */
export interface ITopicConfig {
  topic: string
  /** Default -1: what the brokers are configured to. */
  numPartitions?: number
  /** Default -1: what the brokers are configured to. */
  replicationFactor?: number
  replicaAssignment?: ReplicaAssignment[]
  configEntries?: IResourceConfigEntry[]
}

/**
 * Refuses what KafkaJS refuses before it asks a broker, in its order and with its sentences.
 *
 * @throws KafkaJSNonRetriableError
 */
export function checkNewTopics(topics: readonly ITopicConfig[]): void {
  const given: unknown = topics
  if (!Array.isArray(given)) throw new KafkaJSNonRetriableError(`Invalid topics array ${String(given)}`)
  if (topics.some(({ topic }: { topic: unknown }) => typeof topic !== 'string')) {
    throw new KafkaJSNonRetriableError('Invalid topics array, the topic names have to be a valid string')
  }
  if (new Set(topics.map(({ topic }) => topic)).size < topics.length) {
    throw new KafkaJSNonRetriableError('Invalid topics array, it cannot have multiple entries for the same topic')
  }
  for (const { topic, configEntries } of topics) checkConfigEntries(topic, configEntries)
}

function checkConfigEntries(topic: string, entries: unknown): void {
  if (entries === null || entries === undefined) return
  const invalid = `Invalid configEntries for topic "${topic}"`
  if (!Array.isArray(entries)) throw new KafkaJSNonRetriableError(`${invalid}, must be an array`)
  entries.forEach((entry: unknown, index) => {
    if (typeof entry !== 'object' || entry === null) {
      throw new KafkaJSNonRetriableError(`${invalid}. Entry ${index} must be an object`)
    }
    for (const property of ['name', 'value']) {
      if (Object.hasOwn(entry, property) && typeof Reflect.get(entry, property) === 'string') continue
      throw new KafkaJSNonRetriableError(`${invalid}. Entry ${index} must have a valid "${property}" property`)
    }
  })
}

/** @throws KafkaJSNonRetriableError */
export function checkTopicNames(topics: readonly string[]): void {
  const given: unknown = topics
  if (!Array.isArray(given)) throw new KafkaJSNonRetriableError(`Invalid topics array ${String(given)}`)
  if (given.some((topic) => typeof topic !== 'string')) {
    throw new KafkaJSNonRetriableError('Invalid topics array, the names must be a valid string')
  }
}

/** @throws KafkaJSNonRetriableError */
export function checkTopicName(topic: unknown): void {
  if (!topic || typeof topic !== 'string') throw new KafkaJSNonRetriableError(`Invalid topic ${String(topic)}`)
}

/** A topic as the engine makes it. */
export function newTopicOf(config: ITopicConfig): NewTopic {
  const { topic, numPartitions, replicationFactor, replicaAssignment, configEntries } = config
  return {
    topic,
    ...(numPartitions === undefined ? undefined : { partitions: numPartitions }),
    ...(replicationFactor === undefined ? undefined : { replicationFactor }),
    ...(replicaAssignment === undefined ? undefined : { assignments: replicaAssignment }),
    configs: Object.fromEntries((configEntries ?? []).map(({ name, value }) => [name, value])),
  }
}
