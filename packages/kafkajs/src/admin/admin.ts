import type { KafkaConfig } from '../config/kafka-config.ts'
import { adminEvents, type AdminEvents } from '../events/admin-events.ts'
import type {
  ConnectEvent,
  DisconnectEvent,
  InstrumentationEvent,
  RemoveInstrumentationEventListener,
  RequestEvent,
  RequestQueueSizeEvent,
  RequestTimeoutEvent,
} from '../events/producer-events.ts'
import type { Logger } from '../logger/logger.ts'
import type { PartitionMetadata } from '../partition/partitioner.ts'
import type { RetryOptions } from '../retry/retry.ts'
import type { PartitionOffset } from '../transaction/offsets.ts'
import { keptByKafkaJs, type KeptByKafkaJs } from './kept-by-kafkajs.ts'
import type { ITopicConfig } from './topic-config.ts'
import { Topics } from './topics.ts'

export interface AdminConfig {
  retry?: RetryOptions | undefined
}

export type SeekEntry = PartitionOffset

export interface ITopicMetadata {
  name: string
  partitions: PartitionMetadata[]
}

export interface CreateTopicsRequest {
  validateOnly?: boolean
  /** Wait until every partition has a leader. Default true. */
  waitForLeaders?: boolean
  /** How long a broker may take, in milliseconds. Default 5_000. */
  timeout?: number
  topics: ITopicConfig[]
}

/** What is listened to, and what listeners are told. */
export interface AdminOn {
  (
    eventName: AdminEvents['CONNECT'],
    listener: (event: ConnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: AdminEvents['DISCONNECT'],
    listener: (event: DisconnectEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: AdminEvents['REQUEST'],
    listener: (event: RequestEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: AdminEvents['REQUEST_QUEUE_SIZE'],
    listener: (event: RequestQueueSizeEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: AdminEvents['REQUEST_TIMEOUT'],
    listener: (event: RequestTimeoutEvent) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
  (
    eventName: AdminEvents[keyof AdminEvents],
    listener: (event: InstrumentationEvent<never>) => void,
  ): RemoveInstrumentationEventListener<typeof eventName>
}

/** KafkaJS's admin client, as far as topics go; the rest rejects with KafkaJSNotImplemented. */
export type Admin = KeptByKafkaJs & {
  connect(): Promise<void>
  disconnect(): Promise<void>
  listTopics(): Promise<string[]>
  /** @returns false when all of them were there already */
  createTopics(options: CreateTopicsRequest): Promise<boolean>
  deleteTopics(options: { topics: string[]; timeout?: number }): Promise<void>
  /** Of all topics, if none is named. */
  fetchTopicMetadata(options?: { topics: string[] }): Promise<{ topics: ITopicMetadata[] }>
  fetchTopicOffsets(topic: string): Promise<(SeekEntry & { high: string; low: string })[]>
  logger(): Logger
  on: AdminOn
  readonly events: AdminEvents
}

export function createAdmin(kafka: KafkaConfig, { retry }: AdminConfig, rootLogger: Logger): Admin {
  const topics = new Topics({ ...kafka, retry: { ...kafka.retry, ...retry } }, rootLogger)
  return {
    ...keptByKafkaJs,
    connect: () => topics.connect(),
    disconnect: () => topics.disconnect(),
    listTopics: () => topics.list(),
    createTopics: (options) => topics.create(options),
    deleteTopics: (options) => topics.delete(options),
    fetchTopicMetadata: (options) => topics.metadata(options),
    fetchTopicOffsets: (topic) => topics.offsets(topic),
    logger: () => topics.logger,
    on: ((eventName, listener) => topics.instrumentation.on(eventName, listener)) as AdminOn,
    events: adminEvents,
  }
}
