import type { RecordBytes, RecordHeaders } from '@linger/protocol'
import { NO_HEADERS } from '@linger/protocol'
import { ownBytes } from '../accumulate/waiting-record.ts'
import { noRoomToHold } from '../accumulate/admission-errors.ts'
import { PartitionQueue } from '../accumulate/partition-queue.ts'
import { lastPlaceIn } from '../accumulate/record-place.ts'
import type { Topic } from '../accumulate/topic.ts'
import { BatchBuilder } from '../batch/batch-builder.ts'
import { BatchDelivery } from '../batch/batch-delivery.ts'
import type { DeliveryCallback, DeliveryListener, DeliveryResolve, RecordMetadata } from '../batch/deliveries.ts'
import type { Engine } from '../engine.ts'
import { invalidArgument, KafkaError } from '../errors.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { Clock } from '../ports/clock.ts'
import type { OfferDue, Taken } from '../timed/delayed-records.ts'
import { timingOf } from '../timed/record-timing.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Transactions } from '../transaction/transactions.ts'
import { type GivenRecord, isTimed, untimed } from './producer-record.ts'
import { checkPartition, checkRecord, checkTopic, headersOf, keyOf, payloadOf, timestampOf } from './record-checks.ts'
import { RecordClock } from './record-clock.ts'
import type { RecordSender } from './record-sender.ts'
import { sendUnlessAborted, type SendOptions } from './send-options.ts'

export interface RecordIntakeDeps {
  readonly engine: Engine
  readonly clock: Clock
  readonly lifecycle: Lifecycle
  /** Undefined when the producer is not transactional. */
  readonly transactions: Transactions | undefined
}

/** Where a batch goes. */
export interface BatchTarget {
  readonly topic: string
  readonly partition: number
}

/** Where records come in: checked, as bytes, and in the order of the calls. */
export class RecordIntake implements RecordSender {
  readonly #engine: Engine
  readonly #clock: Clock
  readonly #lifecycle: Lifecycle
  readonly #transactions: Transactions | undefined
  readonly #recordClock: RecordClock
  /** Most producers send to one topic, or to one at a time. */
  #lastTopic: Topic | undefined

  constructor({ engine, clock, lifecycle, transactions }: RecordIntakeDeps) {
    this.#engine = engine
    this.#clock = clock
    this.#lifecycle = lifecycle
    this.#transactions = transactions
    this.#recordClock = new RecordClock(clock)
  }

  send(record: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    if (!this.#lifecycle.isOpen) return new Promise(() => this.#lifecycle.assertOpen('send()'))
    return this.sendAccepted(record, options, within)
  }

  /** Sends a record that was given before the producer was closed, and had to wait for its bytes. */
  sendAccepted(
    record: GivenRecord,
    options: SendOptions | undefined,
    within: AnyTransaction | undefined,
  ): Promise<RecordMetadata> {
    if (options?.signal !== undefined) {
      return sendUnlessAborted(
        options.signal,
        (reject, resolve) => this.#offerSent(within, record, reject, resolve),
        (taken, error) => this.#engine.takeBack(taken, error),
      )
    }
    return new Promise((resolve, reject) => {
      this.#offerSent(within, record, reject, resolve)
    })
  }

  #offerSent(
    within: AnyTransaction | undefined,
    record: GivenRecord,
    reject: DeliveryListener,
    resolve: DeliveryResolve,
  ): Taken | undefined {
    try {
      return this.#offerWithin(within, 'send()', record, reject, resolve, true)
    } catch (error) {
      throw this.refused(error)
    }
  }

  produce(record: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    this.#lifecycle.assertOpen('produce()')
    try {
      return this.#offerWithin(within, 'produce()', record, callback, undefined, false) !== undefined
    } catch (error) {
      return this.refuse(error, callback)
    }
  }

  take(record: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.produce(record, callback, within)
  }

  /** A record that can never be sent counts as taken. Its failure is told, but never inside the call: the caller may hold half-made state. */
  refuse(error: unknown, callback: DeliveryCallback | undefined): true {
    if (!(error instanceof KafkaError)) throw error
    this.refused(error)
    if (callback !== undefined) this.#tellLater(callback, error)
    return true
  }

  /** Counts a record that is refused where its caller is told. What is no KafkaError is told of no record. */
  refused(error: unknown): unknown {
    if (error instanceof KafkaError) this.#engine.meters.failedRecords.record(1, this.#clock.now())
    return error
  }

  /** A flush waits for the one who is told, as for any other. */
  #tellLater(callback: DeliveryCallback, error: KafkaError): void {
    const { group } = this.#engine.admission
    group.add(1)
    this.#clock.soon(() => {
      group.leave(1)
      callback(error)
    })
  }

  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#engine.admission.whenRoom(resolve)
      this.#engine.sender.wake()
    })
  }

  newBatch(): BatchBuilder {
    return this.#engine.newBatch(() => this.#recordClock.now())
  }

  /** @returns the offset of its first record */
  sendBatch(
    batch: BatchBuilder,
    { topic, partition }: BatchTarget,
    within?: AnyTransaction,
  ): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      this.#lifecycle.assertOpen('sendBatch()')
      this.#transactions?.assertMaySend('sendBatch()', within)
      if (!((batch as unknown) instanceof BatchBuilder))
        throw invalidArgument('sendBatch() needs what createBatch() gives')
      checkTopic(topic)
      checkPartition(partition, topic)
      const written = batch.take()
      const { onSettled } = new BatchDelivery(written.recordCount, resolve, reject)
      try {
        this.#engine.offerBatch(this.#topicFor(topic), partition, written, onSettled)
      } catch (error) {
        throw this.#transactions?.onFailed(error) ?? error
      }
    })
  }

  /** A record has its place in a transaction, or the producer is not transactional. */
  #offerWithin(
    within: AnyTransaction | undefined,
    call: string,
    record: GivenRecord,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): Taken | undefined {
    const transactions = this.#transactions
    if (transactions === undefined) return this.#offer(record, listener, resolve, mayWait)
    this.#lifecycle.assertOpen(call)
    transactions.assertMaySend(call, within)
    try {
      return this.#offer(record, listener, resolve, mayWait)
    } catch (error) {
      throw transactions.onFailed(error)
    }
  }

  /** Checks a record and lets it in. The hot path: nothing here may allocate for a plain record. */
  #offer(
    record: GivenRecord,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): Taken | undefined {
    checkRecord(record)
    if (isTimed(record)) return this.#offerTimed(record, listener, resolve, mayWait)
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

  /** A record that expires, or is held back. It takes the usual way with what remains of it. */
  #offerTimed(
    record: GivenRecord,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): Taken | undefined {
    const { ttlMs, dueMs } = timingOf(record, this.#clock)
    const rest = untimed(record)
    if (dueMs !== undefined) return this.#hold({ ...rest, ttlMs }, dueMs, listener, resolve, mayWait)
    const taken = this.#offer(rest, listener, resolve, mayWait)
    if (taken === undefined || ttlMs === undefined || 'isDelayed' in taken) return taken
    const place = taken instanceof PartitionQueue ? lastPlaceIn(taken) : taken
    this.#engine.timed.expiring.watch(place, ttlMs, this.#clock.now())
    this.#engine.sender.wake()
    return taken
  }

  #hold(
    record: GivenRecord,
    dueMs: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): Taken | undefined {
    const { admission, memory, sender, timed } = this.#engine
    if (this.#transactions !== undefined)
      throw invalidArgument(`${record.topic}: a transaction cannot hold back its records: send them when it is time`)
    const topic = this.#topicFor(record.topic)
    const { name } = topic
    const key = ownBytes(keyOf(record.key, name))
    const value = ownBytes(payloadOf(record.value, name, 'value'))
    const headers = headersOf(record.headers, name).map(([header, bytes]) => [header, ownBytes(bytes)] as const)
    if (record.partition !== undefined) checkPartition(record.partition, name)
    const timestamp = record.timestamp === undefined ? 0 : timestampOf(record.timestamp, name)
    const sizeBytes = admission.sizeOf(topic, key, value, headers, timestamp)
    const held = timed.delayed.hold(dueMs, sizeBytes, {
      record: { ...record, key, value, headers },
      listener,
      resolve,
      offer: this.#offerDue,
    })
    if (held === undefined) {
      if (mayWait) throw noRoomToHold(topic, sizeBytes, memory.limitBytes)
      admission.refuseHeld(topic)
    }
    sender.wake()
    return held
  }

  readonly #offerDue: OfferDue = (record, listener, resolve) => {
    const taken = this.#offer(record, listener, resolve, true)
    if (taken === undefined || 'isDelayed' in taken) return undefined
    return taken instanceof PartitionQueue ? lastPlaceIn(taken) : taken
  }

  #topicFor(name: unknown): Topic {
    // The name itself is checked where a new topic is met, not whenever two topics take turns.
    if (typeof name !== 'string') checkTopic(name)
    const topic = this.#engine.metadata.topicFor(name)
    this.#lastTopic = topic
    return topic
  }
}
