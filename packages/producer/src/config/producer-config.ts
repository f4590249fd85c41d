import type { SaslOptions } from '../network/sasl/sasl-options.ts'
import type { CompressionName } from '../ports/compression.ts'
import type { PartitionerName, PartitionFunction } from '../partition/partitioner.ts'
import type { Payload } from '../record/producer-record.ts'
import type { AnyInterceptor, Interceptor } from '../record/interceptor.ts'
import type { Serializer } from '../record/serializer.ts'
import type { TelemetryEncoder } from '../telemetry/telemetry-encoder.ts'
import type { TlsOptions } from '../ports/tls.ts'
import type { SecurityProtocol, SslConfig } from './security.ts'

/** Where the producer writes what an operator should know. `console` and pino fit as they are. */
export interface Logger {
  debug(message: string): void
  info(message: string): void
  warn(message: string): void
  error(message: string): void
}

/**
 * The producer's configuration: Kafka's producer properties in camelCase, with Kafka's defaults save where a
 * line says otherwise. Times are milliseconds, sizes are bytes.
 *
 * @source Kafka ProducerConfig
 */
export interface ProducerConfig<Key = Payload, Value = Payload> {
  /** `host:port` of some brokers, as a list or separated by commas. The rest of the cluster is learned from them. */
  readonly bootstrapServers: string | readonly string[]
  /** Named in the brokers' logs and quotas. Default: 'linger'. */
  readonly clientId?: string
  /**
   * Who must have a record before it is acknowledged: nobody (0), its leader (1), or every in-sync replica
   * ('all', the default).
   */
  readonly acks?: 0 | 1 | -1 | 'all'
  /** Retries write nothing twice and keep the order. Default: true with acks 'all' and retries above 0, else false. */
  readonly enableIdempotence?: boolean
  /**
   * Makes the producer transactional: what it sends in a transaction becomes visible together or never. Unique per
   * producer that runs at a time; one that starts with the id of another takes over from it, and the other can do
   * nothing more. Default: none.
   */
  readonly transactionalId?: string
  /**
   * A transaction that is not ended this long after its first record was sent is aborted by its coordinator. Brokers
   * allow up to 900_000 (transaction.max.timeout.ms). Default 60_000.
   */
  readonly transactionTimeoutMs?: number
  /**
   * How long a batch waits for more records. Default 0 (Kafka: 5): a batch leaves as soon as its partition has
   * none in flight, so batches grow with the load by themselves.
   */
  readonly lingerMs?: number
  /** A batch is full at this size: a cap, not an allocation. Default 1_000_000 (Kafka: 16_384). */
  readonly batchSize?: number
  /** Hard cap on all batch buffers plus 200 bytes per unsettled record. Default 33_554_432. */
  readonly bufferMemory?: number
  /** How long a send may wait for metadata and for buffer memory together. Default 60_000. */
  readonly maxBlockMs?: number
  /**
   * Cap on one record, and on one batch. Default 1_048_576, just below what brokers accept by default, or `bufferMemory` - 200
   * where that is less.
   */
  readonly maxRequestSize?: number
  /** Cap on a Produce request of several batches. Default 16_777_216. Not in Kafka. */
  readonly maxProduceRequestBytes?: number
  /** A batch is acknowledged or failed this long after its first record. Default 120_000, or lingerMs + requestTimeoutMs. */
  readonly deliveryTimeoutMs?: number
  /** A request without an answer for this long ends its connection. Default 30_000. */
  readonly requestTimeoutMs?: number
  /**
   * How long a leader waits for the replicas of a batch before it answers REQUEST_TIMED_OUT. Default: `requestTimeoutMs`.
   * Not in Kafka, whose producer says its requestTimeoutMs too.
   */
  readonly acksTimeoutMs?: number
  /** How often a batch may be sent again. Default 2_147_483_647: `deliveryTimeoutMs` decides. */
  readonly retries?: number
  /** First wait before a retry; it doubles with each. Default 100. */
  readonly retryBackoffMs?: number
  /** Longest wait before a retry. Default 1_000. */
  readonly retryBackoffMaxMs?: number
  /** First wait before connecting again to a broker that failed; it doubles with each. Default 50. */
  readonly reconnectBackoffMs?: number
  /** Longest wait before connecting again. Default 1_000. */
  readonly reconnectBackoffMaxMs?: number
  /**
   * A name that is not resolved, or a connection that is not ready to use, after this long is given up; it doubles with
   * each failed attempt. Default 10_000.
   */
  readonly socketConnectionSetupTimeoutMs?: number
  /** Longest wait for a connection, however often it failed. Default 30_000. */
  readonly socketConnectionSetupTimeoutMaxMs?: number
  /** A connection that nothing went over for this long, 1 or more, is closed; -1 keeps it for ever. Default 540_000. */
  readonly connectionsMaxIdleMs?: number
  /** Unanswered requests per connection, 1 to 5; a partition never has more than one. Default 5. */
  readonly maxInFlightRequestsPerConnection?: number
  /** Metadata is asked for again after this long even without an error. Default 300_000. */
  readonly metadataMaxAgeMs?: number
  /** A topic that nothing was sent to for this long is no longer asked for. Default 300_000. */
  readonly metadataMaxIdleMs?: number
  /**
   * What to do when none of the brokers we know can be reached, or none gives metadata. 'rebootstrap', the default:
   * begin again with the bootstrap servers, whose names are looked up anew. 'none': keep trying those we know.
   */
  readonly metadataRecoveryStrategy?: 'none' | 'rebootstrap'
  /**
   * With 'rebootstrap': all that was learned is forgotten when no metadata came for this long. Default 300_000. Less
   * than a connection and an answer take would mean to begin again for ever.
   */
  readonly metadataRecoveryRebootstrapTriggerMs?: number
  /** May brokers create a topic that does not exist? They must be willing too. Default true. */
  readonly allowAutoTopicCreation?: boolean
  /**
   * Default 'default': Java's murmur2 for records with a key, and sticky batches for the others. 'consistent-random' and
   * 'kafkajs-legacy' put keys where librdkafka's default and KafkaJS before version 2 do. 'round-robin' and 'random' look
   * at no key; 'round-robin' leaves out partitions without a leader. A function answers the partition's number.
   */
  readonly partitioner?: PartitionerName | PartitionFunction
  /**
   * How batches are compressed. 'lz4' and 'snappy' need the packages lz4-napi and snappy, 'zstd' Node 22.15 or the package
   * @mongodb-js/zstd; without it the constructor says what to install. Default: 'none'.
   */
  readonly compressionType?: 'none' | CompressionName
  /** 1 (fast) to 9 (small), or -1 for zlib's own, 6. Default: -1. */
  readonly compressionGzipLevel?: number
  /** -131_072 (fast) to 22 (small). Default: 3. */
  readonly compressionZstdLevel?: number
  /**
   * 'SSL' encrypts connections, 'SASL_SSL' also says who we are. Without SSL anyone on the way can read and change
   * everything. Default 'PLAINTEXT'.
   */
  readonly securityProtocol?: SecurityProtocol
  /**
   * Options of node:tls, or a function that gives them for each connection. Default: TLS 1.2 or newer, and every broker
   * has a certificate for the name it is dialled under, from an authority that Node trusts.
   */
  readonly ssl?: SslConfig
  /** Who we are, and how we prove it. */
  readonly sasl?: SaslOptions
  /** Makes bytes of keys, which are of its type then: `serializers` has some. Default: keys are bytes or text. */
  readonly keySerializer?: Serializer<Key>
  /** The same for values. */
  readonly valueSerializer?: Serializer<Value>
  /**
   * How often `on('statistics')` is told what the producer is doing, up to 86_400_000; 0 is never, and costs nothing.
   * Default 0. Not in Kafka, but librdkafka's.
   */
  readonly statisticsIntervalMs?: number
  /**
   * Pushes the producer's metrics to brokers that ask for them (KIP-714): `otlpTelemetry()` of @linger/opentelemetry makes
   * the bytes. Costs nothing per record. Default: none are pushed. Kafka's enable.metrics.push, which is true there.
   */
  readonly telemetry?: TelemetryEncoder
  /** See every record: to count, to trace, to add a header. Asked in their order. Default: none. */
  readonly interceptors?: readonly Interceptor<Key, Value>[]
  /** Default: warnings and errors go to `console`. */
  readonly logger?: Logger
}

/** A configuration whatever its records are made of. */
export type AnyProducerConfig = Omit<ProducerConfig<never, never>, 'interceptors'> & {
  readonly interceptors?: readonly AnyInterceptor[]
}

/** The configuration with every default in its place. */
export type ResolvedConfig = Readonly<{
  bootstrapServers: readonly string[]
  clientId: string
  acks: 0 | 1 | -1
  enableIdempotence: boolean
  transactionalId: string | undefined
  transactionTimeoutMs: number
  lingerMs: number
  batchSize: number
  bufferMemory: number
  maxBlockMs: number
  maxRequestSize: number
  maxProduceRequestBytes: number
  deliveryTimeoutMs: number
  requestTimeoutMs: number
  acksTimeoutMs: number
  retries: number
  retryBackoffMs: number
  retryBackoffMaxMs: number
  reconnectBackoffMs: number
  reconnectBackoffMaxMs: number
  socketConnectionSetupTimeoutMs: number
  socketConnectionSetupTimeoutMaxMs: number
  connectionsMaxIdleMs: number
  maxInFlightRequestsPerConnection: number
  metadataMaxAgeMs: number
  metadataMaxIdleMs: number
  metadataRecoveryStrategy: 'none' | 'rebootstrap'
  metadataRecoveryRebootstrapTriggerMs: number
  allowAutoTopicCreation: boolean
  partitioner: PartitionerName | PartitionFunction
  compressionType: 'none' | CompressionName
  compressionGzipLevel: number
  compressionZstdLevel: number
  securityProtocol: SecurityProtocol
  ssl: (() => TlsOptions | Promise<TlsOptions>) | undefined
  sasl: SaslOptions | undefined
  keySerializer: Serializer<unknown> | undefined
  valueSerializer: Serializer<unknown> | undefined
  statisticsIntervalMs: number
  telemetry: TelemetryEncoder | undefined
  interceptors: readonly Interceptor<unknown, unknown>[]
  logger: Logger
}>
