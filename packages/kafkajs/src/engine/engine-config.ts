import type { Logger as EngineLogger, ProducerConfig as EngineConfig } from '@linger/producer'
import { compressionNames } from '../compression/compression-codecs.ts'
import type { Logger } from '../logger/logger.ts'
import { retrySchedule, totalRetryTimeMs, type RetrySchedule } from '../retry/retry.ts'
import { engineSecurity } from '../security/engine-security.ts'
import type { KafkaConfig, ProducerConfig } from '../config/kafka-config.ts'

const INT32_MAX = 2 ** 31 - 1

/** KafkaJS has no limit of its own on messages; brokers do. */
const RECORD_BYTES_MAX = 100 * 1024 * 1024

/** Nor has it one on memory. That of a client's engines together is above the largest message. */
export const BUFFER_BYTES_MAX: number = 128 * 1024 * 1024

const IN_FLIGHT_MAX = 5

/** Metadata takes a moment, also where nothing is to be tried again. */
const MAX_BLOCK_MS_MIN = 1_000

const CONNECTION_TIMEOUT_MS = 1_000
const AUTHENTICATION_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 30_000

/** How long a leader waits for its replicas where a call says nothing. */
export const ACKS_TIMEOUT_MS = 30_000

/** What an engine is for: KafkaJS decides these by the call, the engine by its configuration. */
export interface EnginePurpose {
  readonly acks: number
  /** KafkaJS's number of a compression. */
  readonly compression: number
  /** How long a leader may wait for its replicas, in milliseconds. */
  readonly timeout: number
  readonly isTransactional: boolean
}

/** With what KafkaJS has defaults of its own for. */
export type CompleteEngineConfig = EngineConfig & Required<Pick<EngineConfig, 'clientId' | 'requestTimeoutMs'>>

/** The engine's configuration from KafkaJS's. */
export function engineConfig(
  kafka: KafkaConfig,
  producer: ProducerConfig,
  { acks, compression, timeout, isTransactional }: EnginePurpose,
  bootstrapServers: readonly string[],
  logger: Logger,
): CompleteEngineConfig {
  const schedule = producerSchedule(kafka, producer)
  const requestTimeoutMs =
    kafka.enforceRequestTimeout === false ? INT32_MAX : (kafka.requestTimeout ?? REQUEST_TIMEOUT_MS)
  const { transactionalId, transactionTimeout, metadataMaxAge, allowAutoTopicCreation, maxInFlightRequests } = producer
  const setupTimeoutMs = connectionTimeoutOf(kafka)
  return {
    bootstrapServers,
    clientId: kafka.clientId ?? 'kafkajs',
    acks: acks as 0 | 1 | -1,
    enableIdempotence: isTransactional || producer.idempotent === true,
    ...(isTransactional && transactionalId !== undefined ? { transactionalId } : undefined),
    ...(isTransactional && transactionTimeout !== undefined ? { transactionTimeoutMs: transactionTimeout } : undefined),
    ...(metadataMaxAge === undefined ? undefined : { metadataMaxAgeMs: metadataMaxAge }),
    ...(allowAutoTopicCreation === undefined ? undefined : { allowAutoTopicCreation }),
    maxInFlightRequestsPerConnection: Math.min(maxInFlightRequests ?? IN_FLIGHT_MAX, IN_FLIGHT_MAX),
    compressionType: compressionNames[compression] ?? 'none',
    requestTimeoutMs,
    acksTimeoutMs: timeout,
    ...retryConfig(schedule, requestTimeoutMs, isTransactional),
    socketConnectionSetupTimeoutMs: setupTimeoutMs,
    socketConnectionSetupTimeoutMaxMs: setupTimeoutMs,
    maxRequestSize: RECORD_BYTES_MAX,
    bufferMemory: BUFFER_BYTES_MAX,
    ...engineSecurity(kafka, logger),
    logger: engineLogger(logger),
  }
}

export function producerSchedule(kafka: KafkaConfig, producer: ProducerConfig): RetrySchedule {
  return retrySchedule({ ...kafka.retry, ...producer.retry })
}

/** How long one broker may take until it can be used. */
export function connectionTimeoutOf({ connectionTimeout, authenticationTimeout, sasl }: KafkaConfig): number {
  const authenticationMs = sasl === undefined ? 0 : (authenticationTimeout ?? AUTHENTICATION_TIMEOUT_MS)
  return (connectionTimeout ?? CONNECTION_TIMEOUT_MS) + authenticationMs
}

/**
 * KafkaJS counts attempts, however long each takes. The engine counts them too, but not while a broker cannot be reached:
 * that ends with the time that all attempts could have taken.
 */
function retryConfig(
  schedule: RetrySchedule,
  requestTimeoutMs: number,
  isTransactional: boolean,
): Partial<EngineConfig> {
  const totalMs = totalRetryTimeMs(schedule)
  return {
    retries: asInt32(Math.max(schedule.retries, isTransactional ? 1 : 0)), // without any it promises nothing
    retryBackoffMs: asInt32(schedule.initialRetryTime),
    retryBackoffMaxMs: asInt32(Math.max(schedule.initialRetryTime, schedule.maxRetryTime)),
    maxBlockMs: asInt32(Math.max(MAX_BLOCK_MS_MIN, totalMs) + (isTransactional ? requestTimeoutMs : 0)),
    deliveryTimeoutMs: asInt32((schedule.retries + 1) * requestTimeoutMs + totalMs),
  }
}

function asInt32(value: number): number {
  return Math.min(Math.ceil(value), INT32_MAX)
}

function engineLogger(logger: Logger): EngineLogger {
  return {
    debug: (message) => logger.debug(message),
    info: (message) => logger.info(message),
    warn: (message) => logger.warn(message),
    error: (message) => logger.error(message),
  }
}
