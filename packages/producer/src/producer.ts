import type { Writable } from 'node:stream'
import type { BatchBuilder } from './batch/batch-builder.ts'
import type { DeliveryCallback, RecordMetadata } from './batch/deliveries.ts'
import { ClusterCalls, type PartitionInfo } from './cluster/cluster-calls.ts'
import type { ProducerConfig, ResolvedConfig } from './config/producer-config.ts'
import { watchProducersMade } from './config/producers-made.ts'
import { resolveConfig } from './config/resolve-config.ts'
import { Engine } from './engine.ts'
import type { KafkaError } from './errors.ts'
import type { ProducerHealth } from './health.ts'
import { closed, Lifecycle } from './lifecycle.ts'
import type { Clock } from './ports/clock.ts'
import { nodePorts } from './ports/node/node-ports.ts'
import type { Ports } from './ports/ports.ts'
import type { ProducerParts } from './producer-parts.ts'
import { configFromProperties, type Properties } from './properties/config-from-properties.ts'
import {
  type GivenRecord,
  type Payload,
  type ProducerRecord,
  recordFor,
  type SendFields,
} from './record/producer-record.ts'
import { ACKS_WINDOW_COUNT } from './record/record-calls.ts'
import { checkTopic } from './record/record-checks.ts'
import { type BatchTarget, RecordIntake } from './record/record-intake.ts'
import type { RecordSource } from './record/record-source.ts'
import type { RecordSender } from './record/record-sender.ts'
import { sendAll } from './record/send-all.ts'
import type { SendOptions } from './record/send-options.ts'
import { senderFor } from './record/sender-for.ts'
import { type Serialization, serializationFor } from './record/serialization.ts'
import { SerializationQueue } from './record/serialization-queue.ts'
import { TopicProducer } from './record/topic-producer.ts'
import { AckStream } from './stream/ack-stream.ts'
import { recordWritable } from './stream/record-writable.ts'
import { recordWritableStream } from './stream/record-writable-stream.ts'
import type { StreamSink, WritableOptions } from './stream/streamed-records.ts'
import type { ConsumerGroupMetadata, ConsumerOffset } from './transaction/consumer-offsets.ts'
import type { Transaction } from './transaction/transaction.ts'
import { invalidCall } from './transaction/transaction-errors.ts'
import { Transactions } from './transaction/transactions.ts'

/** What a producer is made of. */
export let partsOf: (producer: Producer<never, never>) => ProducerParts

/**
 * Writes records to Kafka.
 *
 * Records are gathered in a batch per partition and sent in the order of the calls. With the defaults each is
 * acknowledged by all in-sync replicas and written once, in order, whatever is retried on the way.
 */
export class Producer<Key = Payload, Value = Payload> {
  static {
    partsOf = (producer) => producer.#parts()
  }

  readonly #config: ResolvedConfig
  readonly #engine: Engine
  readonly #clock: Clock
  readonly #lifecycle: Lifecycle
  readonly #intake: RecordIntake
  readonly #sender: RecordSender
  /** Undefined when keys and values are bytes or text. */
  readonly #serialization: Serialization | undefined
  readonly #serializations: SerializationQueue
  readonly #clusterCalls: ClusterCalls
  /** Undefined when the producer is not transactional. */
  readonly #transactions: Transactions | undefined

  /**
   * @param ports for simulations and tests; leave it out
   * @throws KafkaError INVALID_CONFIG that names the key and what would be right
   */
  constructor(config: ProducerConfig<Key, Value>, ports: Ports = nodePorts()) {
    const options = resolveConfig(config)
    const { clock } = ports
    watchProducersMade(options.clientId, options.logger, clock.now())
    const engine = new Engine(options, ports, (error) => this.#lifecycle.fail(error))
    this.#config = options
    this.#engine = engine
    this.#clock = clock
    this.#lifecycle = new Lifecycle({
      engine,
      clock,
      options,
      transactions: () => this.#transactions,
      failWaiting: (error) => this.#serializations.failAll(error),
    })
    this.#clusterCalls = new ClusterCalls({
      engine,
      clock,
      maxBlockMs: options.maxBlockMs,
      assertOpen: (call) => this.#lifecycle.assertOpen(call),
    })
    this.#transactions = this.#newTransactions(engine, ports)
    this.#intake = new RecordIntake({ engine, clock, lifecycle: this.#lifecycle, transactions: this.#transactions })
    this.#serializations = new SerializationQueue({ engine, clock, maxBlockMs: options.maxBlockMs })
    this.#serialization = serializationFor(options)
    this.#sender = senderFor({
      intake: this.#intake,
      serialization: this.#serialization,
      queue: this.#serializations,
      admission: engine.admission,
      lifecycle: this.#lifecycle,
      transactions: this.#transactions,
      options,
    })
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

  #parts(): ProducerParts {
    return {
      engine: this.#engine,
      clock: this.#clock,
      logger: this.#config.logger,
      intake: this.#intake,
      sender: this.#sender,
      serialization: this.#serialization,
      isTransactional: this.#transactions !== undefined,
    }
  }

  /**
   * Finds the cluster, to fail early; sends connect by themselves. After a failure the producer rests, and tries again
   * when something is sent: a process that gives up may simply end.
   *
   * @param options timeoutMs: 1 or more. Default: `maxBlockMs`
   * @returns rejects with CONNECTION_FAILED or NOT_KAFKA once every bootstrap server has failed, or at the timeout
   */
  connect(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return this.#clusterCalls.connect(options.timeoutMs ?? this.#config.maxBlockMs)
  }

  /**
   * Sends a record.
   *
   * Waits up to `maxBlockMs` for metadata and memory. An un-awaited call that fails is an unhandled rejection, as
   * everywhere in Node: where nobody awaits, use {@link Producer.produce}.
   *
   * @param options signal: takes the record back, with ABORTED, if it was not sent yet
   * @returns where the record is; rejects with a {@link KafkaError} whose `outcome` says if it may be in the log
   */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata>
  /** The same with topic and value as arguments. The value must be there: null writes a tombstone. */
  send(topic: string, value: NonNullable<Value> | null, fields?: SendFields<Key>): Promise<RecordMetadata>
  send(
    first: ProducerRecord<Key, Value> | string,
    second?: Value | SendOptions | null,
    fields?: SendFields<Key>,
  ): Promise<RecordMetadata> {
    return typeof first === 'string' && second !== undefined
      ? this.#sender.send(recordFor(first, second, fields), fields)
      : this.#sender.send(first as GivenRecord, second as SendOptions | undefined)
  }

  /**
   * Sends a record without a promise: the fastest way in. Never waits.
   *
   * @param callback called once, later, with the error or where the record is. Without it failures are only counted
   * @returns true: taken, the callback will come. False: the buffer is full and the record was NOT taken; wait for
   *   {@link Producer.drained} and call again
   * @throws KafkaError CLOSED after close()
   */
  produce(record: ProducerRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#sender.produce(record, callback)
  }

  /** Resolves when there may be room again after `produce` returned false. */
  drained(): Promise<void> {
    return this.#sender.drained()
  }

  /**
   * Sends many records, with backpressure, and waits for all.
   *
   * @returns where each record is, in the order of the input; rejects with a {@link SendAllError} that holds every
   *   record's own result if any failed
   */
  sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    return this.#sendAll(records)
  }

  /** A commit waits until the last record was taken, also where nobody awaits this. */
  #sendAll(records: RecordSource<GivenRecord>): Promise<RecordMetadata[]> {
    const sent = sendAll(this.#sender, records)
    this.#transactions?.awaitBeforeCommit(sent)
    return sent
  }

  /**
   * Sends what it reads, and tells what became of each record, in the order of the input: an acknowledgement stream.
   * Nothing is sent before it is read. Who leaves its loop ends the input too; what was sent has its own end.
   *
   * @param options windowCount: how many records may be sent and not yet be read as acknowledgements. Default 10_000
   * @returns throws only what the input throws, after the acknowledgements of what it gave before
   */
  acks<Item extends ProducerRecord<Key, Value>>(
    records: RecordSource<Item>,
    options: { readonly windowCount?: number } = {},
  ): AckStream<Item> {
    return new AckStream(this.#sender, records, options.windowCount ?? ACKS_WINDOW_COUNT)
  }

  /**
   * A stream of Node's that writes records, and makes its source wait while there is no room. It finishes when all that
   * the producer has taken is settled. A record that fails destroys it with that error, and those taken before go on.
   */
  writable<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): Writable {
    return recordWritable(this.#streamSink(), options)
  }

  /** As {@link Producer.writable}, of the web's. */
  writableStream<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): WritableStream<Item> {
    return recordWritableStream(this.#streamSink(), options)
  }

  #streamSink(): StreamSink {
    return {
      take: (record, callback) => this.#sender.take(record, callback),
      drained: () => this.#sender.drained(),
      flush: () => this.flush(),
    }
  }

  /** A batch to fill by hand, and to send with {@link Producer.sendBatch}. It is full at `batchSize`. */
  createBatch(): BatchBuilder {
    return this.#intake.newBatch()
  }

  /**
   * Sends a batch as it is, behind what its partition has: a second one waits for the first. Unless it was closed, the
   * producer may add records to it until it leaves.
   *
   * @returns the offset of its first record, undefined when nobody can tell it: acks 0, or a retry of a batch that the
   *   broker had already. Rejects with outcome 'never' only if none of its records is in the log
   */
  sendBatch(batch: BatchBuilder, target: BatchTarget): Promise<number | undefined> {
    return this.#intake.sendBatch(batch, target)
  }

  /**
   * The calls that send, for one topic: what is given to them need not name it.
   *
   * @throws KafkaError INVALID_ARGUMENT when no topic can have that name
   */
  forTopic(topic: string): TopicProducer<Key, Value> {
    checkTopic(topic)
    return new TopicProducer(topic, this.#sender, (records) => this.#sendAll(records))
  }

  /**
   * Waits until every record taken before this call is acknowledged or has failed. Nothing lingers meanwhile.
   *
   * @param options timeoutMs: 0 or more. Default: no limit but the records' own. delayed: records with `delayMs` or
   *   `deliverAt` whose time has not come are neither sent nor waited for; 'send' sends them now
   * @returns how many of them are still unsettled: 0, or more after the timeout
   */
  flush(options: { readonly timeoutMs?: number; readonly delayed?: 'keep' | 'send' } = {}): Promise<number> {
    if (options.delayed === 'send') this.#engine.timed.delayed.releaseAll()
    return this.#lifecycle.flush(options.timeoutMs)
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
    if (this.#transactions === undefined) throw notTransactional('beginTransaction()')
    return this.#transactions.begin()
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
    return this.#transactions === undefined ? Promise.reject(notTransactional(call)) : run(this.#transactions)
  }

  #newTransactions(engine: Engine, { clock }: Ports): Transactions | undefined {
    const { transactions: manager, alarms, sender } = engine
    if (manager === undefined) return undefined
    return new Transactions({
      manager,
      clock,
      alarms,
      maxBlockMs: this.#config.maxBlockMs,
      wake: () => sender.wake(),
      assertOpen: (call) => this.#lifecycle.assertOpen(call),
      sender: () => this.#sender,
    })
  }

  /** How the producer stands, for a readiness probe: cheap, and asks no broker. */
  health(): ProducerHealth {
    return this.#lifecycle.health
  }

  /** The topic's partitions, asked for if they are not known. Rejects after `maxBlockMs`. */
  partitionsFor(topicName: string): Promise<PartitionInfo[]> {
    return this.#clusterCalls.partitionsFor(topicName)
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
    const { delayed } = this.#engine.timed
    if (options.delayed === 'send') delayed.releaseAll()
    else delayed.failAll(closed('the producer was closed before it was time to send the record', 'never'))
    return this.#lifecycle.close(options.timeoutMs)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

function notTransactional(call: string): KafkaError {
  return invalidCall(`${call} needs a transactionalId in the producer's configuration`)
}
