import type { CreateTopicsOptions, NewTopic } from './admin/new-topic.ts'
import type { PartitionOffsets, TopicDescription } from './admin/topic-calls.ts'
import type { BatchBuilder } from './batch/batch-builder.ts'
import type { RecordMetadata } from './batch/deliveries.ts'
import type { PartitionInfo } from './cluster/cluster-calls.ts'
import type { ProducerConfig } from './config/producer-config.ts'
import { invalidArgument, type KafkaError } from './errors.ts'
import type { ProducerHealth } from './health.ts'
import { closed } from './lifecycle.ts'
import type { Metrics } from './observe/metrics.ts'
import { metricsOf } from './observe/metrics-of.ts'
import type { StatisticsListener } from './observe/statistics-feed.ts'
import { nodePorts } from './ports/node/node-ports.ts'
import type { Ports } from './ports/ports.ts'
import type { ProducerGroup } from './producer-group.ts'
import { assembleProducer, type ProducerParts } from './producer-parts.ts'
import { configFromProperties, type Properties } from './properties/config-from-properties.ts'
import type { Payload, ProducerRecord } from './record/producer-record.ts'
import { RecordCalls } from './record/record-calls.ts'
import type { BatchTarget } from './record/record-intake.ts'
import type { RecordSource } from './record/record-source.ts'
import type { ConsumerGroupMetadata, ConsumerOffset } from './transaction/consumer-offsets.ts'
import type { Transaction } from './transaction/transaction.ts'
import { invalidCall } from './transaction/transaction-errors.ts'
import type { Transactions } from './transaction/transactions.ts'

/** What a producer is made of, for what is built around one. */
export let partsOf: (producer: Producer<never, never>) => ProducerParts

/**
 * Writes records to Kafka.
 *
 * Records are gathered in a batch per partition and sent in the order of the calls. With the defaults each is
 * acknowledged by all in-sync replicas and written once, in order, whatever is retried on the way.
 */
export class Producer<Key = Payload, Value = Payload> extends RecordCalls<Key, Value> {
  static {
    partsOf = (producer) => producer.#parts
  }

  readonly #parts: ProducerParts

  /**
   * @param ports for simulations and tests; leave it out
   * @param group shares memory and metadata with other producers of the same cluster. Default: nothing is shared
   * @throws KafkaError INVALID_CONFIG that names the key and what would be right
   */
  constructor(config: ProducerConfig<Key, Value>, ports: Ports = nodePorts(), group?: ProducerGroup) {
    const parts = assembleProducer(config, ports, group)
    super(parts.waysIn.choice, () => this.flush())
    this.#parts = parts
  }

  /**
   * A producer from the configuration of another: Kafka's dotted names, as Java and librdkafka have them, or the content of
   * a Java .properties file. docs/configuration.md says what becomes of each.
   *
   * @param more what properties cannot say (`logger`, serializers, `ssl` and `sasl` with functions), or say otherwise: it
   *   wins, and the properties that concern it are not read
   * @throws KafkaError INVALID_CONFIG that names the property and what to do instead
   */
  static fromProperties<Key = Payload, Value = Payload>(
    properties: Properties,
    more: Partial<ProducerConfig<Key, Value>> = {},
  ): Producer<Key, Value> {
    return new Producer(configFromProperties(properties, more))
  }

  /**
   * Finds the cluster, to fail early; sends connect by themselves. After a failure the producer rests, and tries again
   * when something is sent: a process that gives up may simply end.
   *
   * @param options timeoutMs: 1 or more. Default: `maxBlockMs`
   * @returns rejects with CONNECTION_FAILED or NOT_KAFKA once every bootstrap server has failed, or at the timeout; at once, with
   *   their names for it, when brokers do not trust this producer, or are not trusted (TLS, SASL)
   */
  connect(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return this.#parts.clusterCalls.connect(options.timeoutMs ?? this.#parts.options.maxBlockMs)
  }

  /** As any, and a commit waits until the last record was taken, also where nobody awaits this. */
  override sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    const sent = super.sendAll(records)
    this.#parts.transactions?.awaitBeforeCommit(sent)
    return sent
  }

  /** A batch to fill by hand, and to send with {@link Producer.sendBatch}. It is full at `batchSize`. */
  createBatch(): BatchBuilder {
    return this.#parts.intake.newBatch()
  }

  /**
   * Sends a batch as it is, behind what its partition has: a second one waits for the first. Unless it was closed, the
   * producer may add records to it until it leaves.
   *
   * @returns the offset of its first record, undefined when nobody can tell it: acks 0, or a retry of a batch that the
   *   broker had already. Rejects with outcome 'never' only if none of its records is in the log
   */
  sendBatch(batch: BatchBuilder, target: BatchTarget): Promise<number | undefined> {
    return this.#parts.waysIn.sendBatch(batch, target)
  }

  /**
   * Waits until every record taken before this call is acknowledged or has failed. Nothing lingers meanwhile.
   *
   * @param options timeoutMs: 0 or more. Default: no limit but the records' own. delayed: records with `delayMs` or
   *   `deliverAt` whose time has not come are neither sent nor waited for; 'send' sends them now
   * @returns how many of them are still unsettled: 0, or more after the timeout
   */
  flush(options: { readonly timeoutMs?: number; readonly delayed?: 'keep' | 'send' } = {}): Promise<number> {
    if (options.delayed === 'send') this.#parts.engine.timed.delayed.releaseAll()
    return this.#parts.lifecycle.flush(options.timeoutMs)
  }

  /**
   * Gets the producer's id, which aborts what an earlier producer with the same `transactionalId` left open, and ends
   * that one for good. Once, before the first transaction; {@link Producer.transaction} does it by itself.
   *
   * @returns rejects with TRANSACTION_TIMEOUT after `maxBlockMs`: call it again to go on waiting
   */
  initTransactions(): Promise<void> {
    return this.#transactional('initTransactions()', (transactions) => transactions.init())
  }

  /**
   * Begins a transaction, to which belongs what is sent from here on.
   *
   * @returns to send with, and to commit or abort; the calls of the producer do the same
   * @throws KafkaError INVALID_TRANSACTION_CALL before `initTransactions()`, or while another one is open
   */
  beginTransaction(): Transaction<Key, Value> {
    if (this.#parts.transactions === undefined) throw notTransactional('beginTransaction()')
    return this.#parts.transactions.begin()
  }

  /**
   * Commits how far a consumer has come together with the transaction.
   *
   * @param offsets of the next records to read
   * @param group as the consumer tells it (KIP-447)
   */
  sendOffsetsToTransaction(offsets: Iterable<ConsumerOffset>, group: ConsumerGroupMetadata): Promise<void> {
    return this.#transactional('sendOffsetsToTransaction()', (transactions) =>
      transactions.sendOffsets(offsets, group, undefined),
    )
  }

  /**
   * Waits for every record of the transaction, without lingering, and commits it.
   *
   * @returns rejects, with nothing committed, when anything of it failed: then `abortTransaction()` leads on. After
   *   TRANSACTION_TIMEOUT it goes on by itself: call it again to learn how it ended
   */
  commitTransaction(): Promise<void> {
    return this.#transactional('commitTransaction()', (transactions) => transactions.commit())
  }

  /** Drops what was not sent, and aborts the transaction: nobody sees what was. */
  abortTransaction(): Promise<void> {
    return this.#transactional('abortTransaction()', (transactions) => transactions.abort())
  }

  /**
   * Runs a transaction: commits when `run` has returned, aborts when it throws.
   *
   * `run` is called once. It sends with the transaction that it is given; un-awaited sends are waited for.
   *
   * @returns what `run` returned, once committed. Rejects with what `run` threw; or with why it was not committed, where
   *   outcome 'unknown' says that it may be all the same
   */
  transaction<Result>(run: (transaction: Transaction<Key, Value>) => Promise<Result> | Result): Promise<Result> {
    return this.#transactional('transaction()', (transactions) => transactions.run(run))
  }

  #transactional<Result>(call: string, run: (transactions: Transactions) => Promise<Result>): Promise<Result> {
    return this.#parts.transactions === undefined
      ? Promise.reject(notTransactional(call))
      : run(this.#parts.transactions)
  }

  /** How the producer stands, for a readiness probe: cheap, and asks no broker. */
  health(): ProducerHealth {
    return this.#parts.lifecycle.health
  }

  /** The topic's partitions, asked for if they are not known. Rejects after `maxBlockMs`. */
  partitionsFor(topicName: string): Promise<PartitionInfo[]> {
    return this.#parts.clusterCalls.partitionsFor(topicName)
  }

  /**
   * What brokers call this producer, which pushes its metrics to them: 22 letters of url-safe base64.
   *
   * @param options timeoutMs: how long to wait for a broker that gives a name. Default: `maxBlockMs`
   * @returns rejects with INVALID_ARGUMENT without `telemetry` in the configuration, with REQUEST_TIMED_OUT, and
   *   as `connect()` does
   */
  clientInstanceId(options: { readonly timeoutMs?: number } = {}): Promise<string> {
    return this.#parts.clusterCalls.clientInstanceId(options.timeoutMs ?? this.#parts.options.maxBlockMs)
  }

  /** A snapshot of what the producer is doing, under Kafka's names. Counting costs nothing per record. */
  metrics(): Metrics {
    const { engine, clock } = this.#parts
    return metricsOf(engine, clock.now())
  }

  /**
   * Creates topics. Their partitions may need a moment more until they have leaders, for which sends wait by themselves.
   *
   * @returns rejects with a {@link TopicsError} when some were refused, like TOPIC_ALREADY_EXISTS: the others are there.
   *   Outcome 'unknown': nobody can tell, so ask {@link Producer.listTopics}
   */
  createTopics(topics: readonly NewTopic[], options: CreateTopicsOptions = {}): Promise<void> {
    return this.#parts.topicCalls.create(topics, options)
  }

  /**
   * Deletes topics with all that is in them.
   *
   * @param options timeoutMs: how long this may take. Default: `maxBlockMs`
   * @returns rejects with a {@link TopicsError} when some were refused: the others are gone, or will be soon
   */
  deleteTopics(topics: readonly string[], options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return this.#parts.topicCalls.delete(topics, options.timeoutMs)
  }

  /** The names of all topics that this producer may know of. Rejects after `timeoutMs`, or `maxBlockMs`. */
  listTopics(options: { readonly timeoutMs?: number } = {}): Promise<string[]> {
    return this.#parts.topicCalls.list(options.timeoutMs)
  }

  /**
   * Topics as the brokers know them now. Creates none: rejects with a {@link TopicsError} when one does not exist.
   *
   * @param topics default: all of them
   */
  describeTopics(
    topics?: readonly string[],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<TopicDescription[]> {
    return this.#parts.topicCalls.describe(topics, options.timeoutMs)
  }

  /** Where the log of each partition of a topic begins and ends. Rejects after `timeoutMs`, or `maxBlockMs`. */
  listOffsets(topic: string, options: { readonly timeoutMs?: number } = {}): Promise<PartitionOffsets[]> {
    return this.#parts.topicCalls.offsets(topic, options.timeoutMs)
  }

  /**
   * Calls `listener` every `statisticsIntervalMs` with statistics as librdkafka gives them. That keeps no process alive.
   *
   * @throws KafkaError INVALID_ARGUMENT when `statisticsIntervalMs` is 0, or there is no such event
   */
  on(event: 'statistics', listener: StatisticsListener): this {
    assertEvent(event)
    this.#parts.engine.statistics.add(listener)
    return this
  }

  /** Calls `listener` no more. */
  off(event: 'statistics', listener: StatisticsListener): this {
    assertEvent(event)
    this.#parts.engine.statistics.remove(listener)
    return this
  }

  /**
   * Sends what is buffered, then lets go of every socket and timer. A second call ends together with the first, and
   * sooner if its timeout says so.
   *
   * @param options timeoutMs: how long sending may take; 0 discards what was never sent (outcome 'never'). Default:
   *   no limit but the records' own, and `maxBlockMs` for the end of a transaction. delayed: records with `delayMs` or
   *   `deliverAt` whose time has not come fail with CLOSED and 'never'; 'send' sends them now
   */
  close(options: { readonly timeoutMs?: number; readonly delayed?: 'discard' | 'send' } = {}): Promise<void> {
    const { delayed } = this.#parts.engine.timed
    if (options.delayed === 'send') delayed.releaseAll()
    const done = this.#parts.lifecycle.close(options.timeoutMs)
    // It is closed already: whoever hears of it cannot hold back another.
    delayed.failAll(closed('the producer was closed before it was time to send the record', 'never'))
    return done
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function assertEvent(event: unknown): void {
  if (event !== 'statistics') throw invalidArgument(`a producer has the event 'statistics', and no ${String(event)}`)
}

function notTransactional(call: string): KafkaError {
  return invalidCall(`${call} needs a transactionalId in the producer's configuration`)
}
