import type { ConnectionOptions } from 'node:tls'
import type { logCreator, logLevel } from '../logger/logger.ts'
import type { ISocketFactory } from '../network/socket-factory.ts'
import type { ICustomPartitioner } from '../partition/partitioner.ts'
import type { RetryOptions } from '../retry/retry.ts'
import type { Mechanism, SASLOptions } from '../security/sasl-options.ts'

export type BrokersFunction = () => string[] | Promise<string[]>

/** KafkaJS's client configuration. Times are milliseconds. */
export interface KafkaConfig {
  /** `host:port` of some brokers, or what answers them whenever a client connects. */
  brokers: string[] | BrokersFunction
  /** true, or options of node:tls. */
  ssl?: ConnectionOptions | boolean | undefined
  sasl?: SASLOptions | Mechanism | undefined
  /** Default 'kafkajs'. */
  clientId?: string | undefined
  /** Default 1_000. */
  connectionTimeout?: number | undefined
  /** Default 10_000. */
  authenticationTimeout?: number | undefined
  /** Taken, and not used: the engine renews a session when 85 % of it has passed. */
  reauthenticationThreshold?: number | undefined
  /** Default 30_000. */
  requestTimeout?: number | undefined
  /** false: a broker may take as long as it likes. Default true. */
  enforceRequestTimeout?: boolean | undefined
  retry?: RetryOptions | undefined
  socketFactory?: ISocketFactory | undefined
  /** Default logLevel.INFO. */
  logLevel?: logLevel | undefined
  /** Default: lines of JSON on the console. */
  logCreator?: logCreator | undefined
}

/** KafkaJS's producer configuration. Times are milliseconds. */
export interface ProducerConfig {
  /** Default Partitioners.DefaultPartitioner. */
  createPartitioner?: ICustomPartitioner | undefined
  retry?: RetryOptions | undefined
  /** Default 300_000. */
  metadataMaxAge?: number | undefined
  /** Default true. */
  allowAutoTopicCreation?: boolean | undefined
  /** Retries write nothing twice. Default false. */
  idempotent?: boolean | undefined
  transactionalId?: string | undefined
  /** Default 60_000. */
  transactionTimeout?: number | undefined
  /** More than 5 count as 5. */
  maxInFlightRequests?: number | undefined
}
