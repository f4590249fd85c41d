import type { RecordBytes, RecordHeaders } from '@linger/protocol'
import { NO_HEADERS } from '@linger/protocol'
import type { PartitionQueue } from './accumulate/partition-queue.ts'
import type { Topic } from './accumulate/topic.ts'
import type { WaitingRecord } from './accumulate/waiting-record.ts'
import type { DeliveryCallback, DeliveryListener, DeliveryResolve, RecordMetadata } from './batch/deliveries.ts'
import { ClusterCalls, type PartitionInfo } from './cluster/cluster-calls.ts'
import type { ProducerConfig, ResolvedConfig } from './config/producer-config.ts'
import { resolveConfig } from './config/resolve-config.ts'
import { Engine } from './engine.ts'
import { KafkaError, type Outcome } from './errors.ts'
import { nodePorts } from './ports/node/node-ports.ts'
import type { Ports } from './ports/ports.ts'
import type { ProducerRecord } from './record/producer-record.ts'
import {
  checkPartition,
  checkRecord,
  checkTopic,
  headersOf,
  keyOf,
  payloadOf,
  timestampOf,
} from './record/record-checks.ts'
import { RecordClock } from './record/record-clock.ts'
import { sendAll } from './record/send-all.ts'
import { sendUnlessAborted, type SendOptions } from './record/send-options.ts'
import type { ConsumerGroupMetadata, ConsumerOffset } from './transaction/consumer-offsets.ts'
import type { Transaction } from './transaction/transaction.ts'
import { invalidCall } from './transaction/transaction-errors.ts'
import { Transactions } from './transaction/transactions.ts'

/** How a producer stands. What exists only in one state lives there. */
type State = { readonly name: 'OPEN' } | Closing | { readonly name: 'FAILED'; readonly error: KafkaError }

interface Closing {
  readonly name: 'CLOSING'
  readonly done: Promise<void>
  /** Fails what is left, now. */
  readonly end: () => void
}

/**
 * Writes records to Kafka.
 *
 * Records are gathered in a batch per partition and sent in the order of the calls. With the defaults each is
 * acknowledged by all in-sync replicas and written once, in order, whatever is retried on the way.
 */
export class Producer {
  readonly #config: ResolvedConfig
  readonly #ports: Ports
  readonly #engine: Engine
  readonly #clusterCalls: ClusterCalls
  readonly #recordClock: RecordClock
  /** Undefined when the producer is not transactional. */
  readonly #transactions: Transactions | undefined
  /** Most producers send to one topic, or to one at a time. */
  #lastTopic: Topic | undefined
  #state: State = { name: 'OPEN' }

  /**
   * @param ports for simulations and tests; leave it out
   * @throws KafkaError INVALID_CONFIG that names the key and what would be right
   */
  constructor(config: ProducerConfig, ports: Ports = nodePorts()) {
    this.#config = resolveConfig(config)
    this.#ports = ports
    this.#engine = new Engine(this.#config, ports, (error) => this.#onFatal(error))
    this.#clusterCalls = new ClusterCalls({
      engine: this.#engine,
      clock: ports.clock,
      maxBlockMs: this.#config.maxBlockMs,
      assertOpen: (call) => this.#assertOpen(call),
    })
    this.#recordClock = new RecordClock(ports.clock)
    this.#transactions = this.#newTransactions()
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
  send(record: ProducerRecord, options?: SendOptions): Promise<RecordMetadata> {
    return this.#send(record, options, undefined)
  }

  #send(
    record: ProducerRecord,
    options: SendOptions | undefined,
    within: Transaction | undefined,
  ): Promise<RecordMetadata> {
    if (options?.signal !== undefined) {
      return sendUnlessAborted(
        options.signal,
        (reject, resolve) => this.#offerWithin(within, 'send()', record, reject, resolve, true),
        (taken, error) => this.#engine.takeBack(taken, error),
      )
    }
    return new Promise((resolve, reject) => {
      this.#offerWithin(within, 'send()', record, reject, resolve, true)
    })
  }

  /**
   * Sends a record without a promise: the fastest way in. Never waits.
   *
   * @param callback called once, later, with the error or where the record is. Without it failures are only counted
   * @returns true: taken, the callback will come. False: the buffer is full and the record was NOT taken; wait for
   *   {@link Producer.drained} and call again
   * @throws KafkaError CLOSED after close()
   */
  produce(record: ProducerRecord, callback?: DeliveryCallback): boolean {
    return this.#produce(record, callback, undefined)
  }

  #produce(record: ProducerRecord, callback: DeliveryCallback | undefined, within: Transaction | undefined): boolean {
    this.#assertOpen('produce()')
    try {
      return this.#offerWithin(within, 'produce()', record, callback, undefined, false) !== undefined
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      // Never inside the call: the caller may hold half-made state.
      if (callback !== undefined) this.#tellLater(callback, error)
      return true
    }
  }

  /** A flush waits for the one who is told, as for any other. */
  #tellLater(callback: DeliveryCallback, error: KafkaError): void {
    const { group } = this.#engine.admission
    group.add(1)
    this.#ports.clock.soon(() => {
      group.leave(1)
      callback(error)
    })
  }

  /** Resolves when there may be room again after `produce` returned false. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#engine.admission.whenRoom(resolve)
      this.#engine.sender.wake()
    })
  }

  /**
   * Sends many records, with backpressure, and waits for all.
   *
   * @returns where each record is, in the order of the input; rejects with a {@link SendAllError} that holds every
   *   record's own result if any failed
   */
  sendAll(records: Iterable<ProducerRecord> | AsyncIterable<ProducerRecord>): Promise<RecordMetadata[]> {
    const sent = sendAll(this, records)
    this.#transactions?.awaitBeforeCommit(sent)
    return sent
  }

  /**
   * Waits until every record taken before this call is acknowledged or has failed. Nothing lingers meanwhile.
   *
   * @param options timeoutMs: 0 or more. Default: no limit but the records' own
   * @returns how many of them are still unsettled: 0, or more after the timeout
   */
  flush(options: { readonly timeoutMs?: number } = {}): Promise<number> {
    const { flushes, alarms, sender } = this.#engine
    return new Promise((resolve) => {
      let cancelAlarm = (): void => {}
      const unsettledCount = flushes.flush(() => {
        cancelAlarm()
        resolve(0)
      })
      if (options.timeoutMs !== undefined) {
        cancelAlarm = alarms.set(this.#ports.clock.now() + options.timeoutMs, () => resolve(unsettledCount()))
      }
      sender.wake()
    })
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
  beginTransaction(): Transaction {
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
  transaction<Result>(run: (transaction: Transaction) => Promise<Result> | Result): Promise<Result> {
    return this.#transactional('transaction()', (transactions) => transactions.run(run))
  }

  #transactional<Result>(call: string, run: (transactions: Transactions) => Promise<Result>): Promise<Result> {
    return this.#transactions === undefined ? Promise.reject(notTransactional(call)) : run(this.#transactions)
  }

  #newTransactions(): Transactions | undefined {
    const { transactions: manager, alarms, sender } = this.#engine
    if (manager === undefined) return undefined
    return new Transactions({
      manager,
      clock: this.#ports.clock,
      alarms,
      maxBlockMs: this.#config.maxBlockMs,
      wake: () => sender.wake(),
      assertOpen: (call) => this.#assertOpen(call),
      send: (record, options, within) => this.#send(record, options, within),
      produce: (record, callback, within) => this.#produce(record, callback, within),
      drained: () => this.drained(),
    })
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
   *   no limit but the records' own, and `maxBlockMs` for the end of a transaction
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const closing = this.#state.name === 'CLOSING' ? this.#state : this.#beginClosing()
    const drained = options.timeoutMs === 0 ? Promise.resolve(0) : this.#drain(options)
    void drained.then(closing.end)
    return closing.done
  }

  /** An open transaction is aborted: nobody is left who could commit it. Out of reach its coordinator does it alone. */
  async #drain(options: { readonly timeoutMs?: number }): Promise<void> {
    const transactions = this.#transactions
    if (transactions === undefined) {
      await this.flush(options)
      return
    }
    const limitMs = options.timeoutMs ?? this.#config.deliveryTimeoutMs + this.#config.maxBlockMs
    await new Promise<void>((resolve) => {
      this.#engine.alarms.set(this.#ports.clock.now() + limitMs, resolve)
      transactions.finish(resolve)
      this.#engine.sender.wake()
    })
  }

  #beginClosing(): Closing {
    let end = (): void => {}
    const done = new Promise<void>((resolve) => {
      end = () => {
        this.#engine.close((outcome) => closed('the producer was closed before the record was acknowledged', outcome))
        this.#ports.clock.soon(resolve) // after the callbacks that are due
      }
    })
    const closing: Closing = { name: 'CLOSING', done, end }
    this.#state = closing
    return closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** A record has its place in a transaction, or the producer is not transactional. */
  #offerWithin(
    within: Transaction | undefined,
    call: string,
    record: ProducerRecord,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): PartitionQueue | WaitingRecord | undefined {
    const transactions = this.#transactions
    if (transactions === undefined) return this.#offer(record, listener, resolve, mayWait)
    this.#assertOpen(call)
    transactions.assertMaySend(call, within)
    try {
      return this.#offer(record, listener, resolve, mayWait)
    } catch (error) {
      throw error instanceof KafkaError ? transactions.onFailed(error) : error
    }
  }

  /** Checks a record and lets it in. The hot path: nothing here may allocate for a plain record. */
  #offer(
    record: ProducerRecord,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): PartitionQueue | WaitingRecord | undefined {
    if (this.#state.name !== 'OPEN') this.#assertOpen('send()')
    checkRecord(record)
    const last = this.#lastTopic
    const topic = last !== undefined && last.name === record.topic ? last : this.#topicFor(record.topic)
    const { name } = topic
    const { value, partition } = record
    const key = record.key === undefined ? null : keyOf(record.key, name)
    const bytes: RecordBytes = value instanceof Uint8Array ? value : payloadOf(value, name, 'value')
    const headers: RecordHeaders = record.headers === undefined ? NO_HEADERS : headersOf(record.headers, name)
    if (partition !== undefined) checkPartition(partition, name)
    const timestamp = record.timestamp === undefined ? this.#recordClock.now() : timestampOf(record.timestamp, name)
    return this.#engine.offer(topic, partition, key, bytes, headers, timestamp, listener, resolve, mayWait)
  }

  #topicFor(name: unknown): Topic {
    // The name itself is checked where a new topic is met, not whenever two topics take turns.
    if (typeof name !== 'string') checkTopic(name)
    const topic = this.#engine.metadata.topicFor(name)
    this.#lastTopic = topic
    return topic
  }

  #assertOpen(call: string): void {
    switch (this.#state.name) {
      case 'OPEN':
        return
      case 'CLOSING':
        throw closed(`${call} after close()`, 'never')
      case 'FAILED':
        throw this.#state.error
    }
  }

  #onFatal(error: KafkaError): void {
    if (this.#state.name !== 'OPEN') return
    this.#state = { name: 'FAILED', error }
    this.#engine.sender.close() // at once: nothing may take the sequences of what has just failed
    this.#config.logger.error(`linger: this producer can send nothing more: ${error.message}`)
    this.#ports.clock.soon(() => {
      this.#engine.close((outcome) => new KafkaError(error.code, error.message, { outcome, fatal: true, cause: error }))
    })
  }
}

function notTransactional(call: string): KafkaError {
  return invalidCall(`${call} needs a transactionalId in the producer's configuration`)
}

function closed(message: string, outcome: Outcome): KafkaError {
  return new KafkaError('CLOSED', message, { outcome })
}
