import type { RecordBytes, RecordHeaders } from '@linger/protocol'
import { Admission } from './accumulate/admission.ts'
import { BufferMemory, RECORD_OVERHEAD_BYTES } from './accumulate/buffer-memory.ts'
import { Flushes } from './accumulate/flushes.ts'
import type { PartitionQueue } from './accumulate/partition-queue.ts'
import { RecordAccumulator } from './accumulate/record-accumulator.ts'
import type { RecordPlace } from './accumulate/record-place.ts'
import type { Topic } from './accumulate/topic.ts'
import type { WaitingRecord } from './accumulate/waiting-record.ts'
import { BatchJudge } from './ack/batch-judge.ts'
import { BrokerRequests } from './admin/broker-requests.ts'
import { Alarms } from './alarms.ts'
import { BatchBuilder, type WrittenBatch } from './batch/batch-builder.ts'
import { BatchCompressor } from './batch/batch-compressor.ts'
import type { DeliveryListener, DeliveryResolve } from './batch/deliveries.ts'
import { Cluster } from './cluster/cluster.ts'
import { FirstContact } from './cluster/first-contact.ts'
import { Metadata } from './cluster/metadata.ts'
import { parseHostPort } from './config/bootstrap-servers.ts'
import type { ResolvedConfig } from './config/producer-config.ts'
import { KafkaError } from './errors.ts'
import { BatchStamp } from './idempotence/batch-stamp.ts'
import { ProducerIdSource } from './idempotence/producer-id-source.ts'
import { mechanismFor } from './network/sasl/mechanism-for.ts'
import { metricsOf } from './observe/metrics-of.ts'
import { ProducerMeters } from './observe/producer-meters.ts'
import { StatisticsFeed } from './observe/statistics-feed.ts'
import { statisticsOf } from './observe/statistics-of.ts'
import { type Traces, tracesOf } from './observe/traces.ts'
import { partitionerFor } from './partition/partitioner.ts'
import type { Clock } from './ports/clock.ts'
import type { BatchCodec, CompressionName } from './ports/compression.ts'
import type { Ports } from './ports/ports.ts'
import type { ProducerGroup } from './producer-group.ts'
import { Coordinators } from './transaction/coordinators.ts'
import { TransactionManager } from './transaction/transaction-manager.ts'
import { TransactionVersion } from './transaction/transaction-version.ts'
import { Sender } from './sender.ts'
import { TelemetryReporter } from './telemetry/telemetry-reporter.ts'
import type { DelayedRecord } from './timed/delayed-records.ts'
import { TimedRecords } from './timed/timed-records.ts'

/** A batch that is to be compressed may take so much of `bufferMemory`: other partitions need some too. */
const UNCOMPRESSED_SHARE = 1 / 8

/** How large batches become. */
type BatchLimits = Pick<ResolvedConfig, 'batchSize' | 'maxRequestSize'>

/** The parts of a producer, put together. They know each other only through what is handed in here. */
export class Engine {
  readonly admission: Admission
  readonly accumulator: RecordAccumulator
  readonly cluster: Cluster
  readonly memory: BufferMemory
  readonly metadata: Metadata
  /** What is asked of brokers beside sending records. */
  readonly requests: BrokerRequests
  readonly judge: BatchJudge
  readonly sender: Sender
  readonly flushes: Flushes
  /** Undefined when the producer is not transactional. */
  readonly transactions: TransactionManager | undefined
  readonly firstContact: FirstContact = new FirstContact(() => this.cluster)
  readonly alarms: Alarms = new Alarms()
  readonly meters: ProducerMeters = new ProducerMeters()
  readonly statistics: StatisticsFeed
  /** Undefined when no metrics are pushed to brokers. */
  readonly telemetry: TelemetryReporter | undefined
  readonly traces: Traces
  readonly timed: TimedRecords
  readonly #transactionVersion = new TransactionVersion()
  readonly #onThrow: (error: unknown) => void
  readonly #batchLimits: BatchLimits
  /** Undefined when the producer shares nothing. */
  readonly #group: ProducerGroup | undefined

  /** A record that fails takes its transaction with it. */
  readonly #asFailed = (error: KafkaError): KafkaError => this.transactions?.onFailed(error) ?? error

  constructor(config: ResolvedConfig, ports: Ports, onFatal: (error: KafkaError) => void, group?: ProducerGroup) {
    const { clock, random } = ports
    this.#group = group
    this.#onThrow = (error) => throwLater(error, clock)
    this.#batchLimits = batchLimitsOf(config)

    const codec = codecFor(config, ports)
    const uncompressedMax = codec === undefined ? undefined : config.bufferMemory * UNCOMPRESSED_SHARE
    this.memory = group?.memory ?? new BufferMemory(config.bufferMemory)
    this.accumulator = new RecordAccumulator({
      clock,
      memory: this.memory,
      options: { lingerMs: config.lingerMs, uncompressedMax, ...this.#batchLimits },
      onReady: (partition) => this.sender.onReady(partition),
      onLingering: () => this.sender.wake(),
      onTakenBack: (topic) => this.meters.onFailed(topic, 1, clock.now()),
    })
    this.traces = tracesOf(ports, config.clientId)
    this.cluster = this.#newCluster(config, ports)
    this.transactions = this.#newTransactions(config, ports, onFatal)
    this.metadata = this.#newMetadata(config, ports, (partition) => {
      this.transactions?.onTopicRecreated(partition)
      stamp.onTopicRecreated(partition)
    })
    this.requests = new BrokerRequests({ cluster: this.cluster, wake: () => this.sender.wake() })
    this.admission = this.#newAdmission(config, ports)
    const stamp = this.#newStamp(config, ports, onFatal)
    this.judge = new BatchJudge({
      clock,
      random,
      accumulator: this.accumulator,
      metadata: this.metadata,
      stamp,
      meters: this.meters,
      options: config,
      onReady: (partition) => this.sender.onReady(partition),
      asFailed: this.#asFailed,
      onFatal,
      onThrow: this.#onThrow,
    })
    this.statistics = this.#newStatistics(config, ports)
    this.telemetry = this.#newTelemetry(config, ports)
    this.timed = this.#newTimed()
    this.sender = new Sender({
      clock,
      memory: this.memory,
      accumulator: this.accumulator,
      admission: this.admission,
      cluster: this.cluster,
      metadata: this.metadata,
      stamp,
      compressor:
        codec && new BatchCompressor({ codec, onCompressed: (partition) => this.sender.onCompressed(partition) }),
      judge: this.judge,
      transactions: this.transactions,
      requests: this.requests,
      alarms: this.alarms,
      onMemoryReleased: () => (group ?? this.admission).onMemoryReleased(),
      meters: this.meters,
      statistics: this.statistics,
      telemetry: this.telemetry,
      timed: this.timed,
      options: config,
    })
    this.flushes = this.#newFlushes()
    group?.join(this)
  }

  /**
   * Takes a record, now if possible.
   *
   * @param mayWait without it a record that finds no memory is not taken
   * @returns where it is: at the end of this partition, or waiting. Undefined when it was not taken
   * @throws KafkaError with outcome 'never' when it can never be taken
   */
  offer(
    topic: Topic,
    partition: number | undefined,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): PartitionQueue | WaitingRecord | undefined {
    const queue = this.admission.openQueueFor(topic, partition, key)
    // Almost every record takes this way.
    if (queue !== undefined && this.accumulator.append(queue, timestamp, key, value, headers, listener, resolve) === 0)
      return queue
    const chosen = queue?.index ?? partition
    return this.admission.wait(topic, chosen, key, value, headers, timestamp, listener, resolve, mayWait)
  }

  /**
   * Takes a batch of the caller's, now or when it may.
   *
   * @param listener told of each of its records
   * @throws KafkaError with outcome 'never' when the topic has no such partition
   */
  offerBatch(topic: Topic, partition: number, batch: WrittenBatch, listener: DeliveryListener): void {
    const queue = this.admission.openQueueFor(topic, partition, null)
    if (queue !== undefined && this.accumulator.appendBatch(queue, batch, listener) === 0) return
    this.admission.waitWithBatch(topic, partition, batch, listener)
  }

  /** @param now the timestamp of records that name none */
  newBatch(now: () => number): BatchBuilder {
    return new BatchBuilder({ memory: this.memory, now, ...this.#batchLimits })
  }

  /** Takes back a record, unless it was sent. */
  takeBack(taken: RecordPlace | WaitingRecord | DelayedRecord, error: KafkaError): void {
    if ('isDelayed' in taken) {
      if (taken.isHeld) this.timed.delayed.takeBack(taken, error)
      else if (taken.taken !== undefined) this.takeBack(taken.taken, error)
    } else if ('batch' in taken) this.accumulator.takeBack(taken, error, this.#onThrow)
    else if (taken.place !== undefined) this.accumulator.takeBack(taken.place, error, this.#onThrow)
    else this.admission.takeBack(taken, error)
    this.sender.wake()
  }

  #newTimed(): TimedRecords {
    return new TimedRecords({
      memory: this.memory,
      takeBack: (taken, error) => this.takeBack(taken, this.#asFailed(error)),
      onThrow: this.#onThrow,
    })
  }

  #newAdmission(config: ResolvedConfig, { clock, random }: Ports): Admission {
    return new Admission({
      clock,
      memory: this.memory,
      accumulator: this.accumulator,
      meters: this.meters,
      partitioner: partitionerFor(config.partitioner, random),
      options: config,
      onWaiting: (topic) => {
        if (topic.waiting.length > 0) this.metadata.want(topic)
        this.sender.wake()
      },
      onMemoryShort: () => (this.#group ?? this.accumulator).stopLingering(),
      asFailed: this.#asFailed,
      onThrow: this.#onThrow,
    })
  }

  #newMetadata(
    config: ResolvedConfig,
    { clock, random }: Ports,
    onRecreated: (partition: PartitionQueue) => void,
  ): Metadata {
    return new Metadata({
      clock,
      random,
      cluster: this.cluster,
      options: config,
      others: () => this.#group?.metadataBeside(this.metadata) ?? [],
      isContactWanted: () => this.firstContact.isAwaited,
      onUpdated: () => this.firstContact.onUp(),
      onTopicUpdated: (topic) => this.admission.onTopicUpdated(topic),
      onTopicFailed: (topic, error) => this.admission.failTopic(topic, error),
      onLeaderChanged: (partition) => this.sender.onLeaderChanged(partition),
      onRecreated,
    })
  }

  #newStatistics({ statisticsIntervalMs, clientId }: ResolvedConfig, { clock }: Ports): StatisticsFeed {
    const bornMs = clock.now()
    return new StatisticsFeed({
      intervalMs: statisticsIntervalMs,
      now: () => clock.now(),
      take: () => {
        const nowMs = clock.now()
        return statisticsOf(this, { clientId, nowMs, wallTimeMs: clock.wallTime(), ageMs: nowMs - bornMs })
      },
      onBegin: () => {
        this.meters.keepsWindows = true
        this.sender.wake()
      },
      onThrow: this.#onThrow,
    })
  }

  #newTelemetry(config: ResolvedConfig, ports: Ports): TelemetryReporter | undefined {
    const { telemetry: encoder, transactionalId, logger } = config
    if (encoder === undefined) return undefined
    return new TelemetryReporter({
      ...ports,
      cluster: this.cluster,
      encoder,
      metrics: () => metricsOf(this, ports.clock.now()),
      transactionalId,
      logger,
      wake: () => this.sender.wake(),
    })
  }

  #newFlushes(): Flushes {
    return new Flushes({
      admission: this.admission,
      accumulator: this.accumulator,
      topics: () => this.metadata.topics,
      onReady: (partition) => this.sender.onReady(partition),
    })
  }

  #newCluster(config: ResolvedConfig, ports: Ports): Cluster {
    const { clock, random, network, dns } = ports
    const addresses = config.bootstrapServers.flatMap((server) => parseHostPort(server) ?? [])
    const { ssl, sasl, socketConnectionSetupTimeoutMs } = config
    return new Cluster(addresses, config.metadataRecoveryStrategy, {
      clock,
      random,
      network,
      dns,
      meters: this.meters,
      traces: this.traces,
      security: {
        tlsOptions: ssl,
        sasl: sasl && mechanismFor(sasl, ports, socketConnectionSetupTimeoutMs),
      },
      options: config,
      onProgress: () => this.sender.wake(),
      onVersions: (response) => this.#transactionVersion.onVersions(response, clock.now()),
      onWritable: (node) => this.sender.onWritable(node),
      onDown: (node, error) => {
        this.firstContact.onDown(node, error)
        this.metadata.refresh() // what it led may be led by another
        const { untrusted } = this.cluster
        if (untrusted !== undefined) {
          this.metadata.failWanted(untrusted)
          this.transactions?.onUntrusted(untrusted)
        }
      },
    })
  }

  #newStamp(config: ResolvedConfig, { clock, random }: Ports, onFatal: (error: KafkaError) => void): BatchStamp {
    const { cluster, transactions } = this
    if (transactions !== undefined) return new BatchStamp(transactions)
    const { enableIdempotence, retryBackoffMs, retryBackoffMaxMs } = config
    const isWanted = (): boolean => this.metadata.isKnown || this.metadata.isWanted
    const deps = { cluster, clock, random, isWanted, retryBackoffMs, retryBackoffMaxMs, onFatal }
    return new BatchStamp(enableIdempotence ? new ProducerIdSource(deps) : undefined)
  }

  #newTransactions(
    config: ResolvedConfig,
    { clock, random }: Ports,
    onFatal: (error: KafkaError) => void,
  ): TransactionManager | undefined {
    const { transactionalId } = config
    if (transactionalId === undefined) return undefined
    return new TransactionManager({
      coordinators: new Coordinators(this.cluster),
      version: this.#transactionVersion,
      clock,
      random,
      options: { ...config, transactionalId },
      flush: (onDone) => void this.flushes.flush(onDone),
      dropUnsent: (error) => {
        this.judge.dropUnsent(error)
        this.admission.failAll(error)
      },
      wake: () => this.sender.wake(),
      refreshMetadata: () => this.metadata.refresh(),
      onFatal,
    })
  }

  /** Fails what is left and lets go of every socket and timer. */
  close(errorFor: (outcome: 'never' | 'unknown') => KafkaError): void {
    this.sender.close()
    this.telemetry?.close(errorFor('never'))
    this.timed.delayed.failAll(errorFor('never'))
    this.firstContact.failAll(errorFor('never'))
    this.transactions?.close(errorFor('never'))
    this.metadata.failWatchers(errorFor('never'))
    this.requests.failAll(errorFor('never'))
    this.admission.failAll(errorFor('never'))
    this.judge.failAll(errorFor)
    this.cluster.close(errorFor('unknown'))
    this.#group?.leave(this)
  }
}

/** A batch must fit into a request, and into memory. */
function batchLimitsOf({ batchSize, maxRequestSize, bufferMemory }: ResolvedConfig): BatchLimits {
  return { batchSize: Math.min(batchSize, maxRequestSize, bufferMemory - RECORD_OVERHEAD_BYTES), maxRequestSize }
}

function codecFor(config: ResolvedConfig, { compression }: Ports): BatchCodec | undefined {
  const { compressionType, compressionGzipLevel, compressionZstdLevel } = config
  if (compressionType === 'none') return undefined
  const levels: Partial<Record<CompressionName, number>> = { gzip: compressionGzipLevel, zstd: compressionZstdLevel }
  try {
    return compression.codecFor(compressionType, levels[compressionType])
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new KafkaError('INVALID_CONFIG', `compressionType '${compressionType}': ${reason}`, {
      outcome: 'never',
      cause,
    })
  }
}

/** A listener's own mistake becomes an uncaught exception, as from any event handler, and disturbs nobody else. */
function throwLater(error: unknown, clock: Clock): void {
  clock.soon(() => {
    throw error
  })
}
