import { NO_HEADERS, RecordBatchWriter, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import type { WrittenBatch } from '../batch/batch-builder.ts'
import type { DeliveryListener, DeliveryResolve } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'
import type { ProducerMeters } from '../observe/producer-meters.ts'
import type { Partitioner } from '../partition/partitioner.ts'
import type { Clock } from '../ports/clock.ts'
import { bufferExhausted, metadataTimeout, recordTooLarge, unknownPartition } from './admission-errors.ts'
import { RECORD_OVERHEAD_BYTES, type BufferMemory } from './buffer-memory.ts'
import { Fifo } from './fifo.ts'
import { MemoryWait } from './memory-wait.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { RecordAccumulator } from './record-accumulator.ts'
import { lastPlaceIn } from './record-place.ts'
import { RecordGroup } from './record-group.ts'
import type { Topic } from './topic.ts'
import { dropSettled, withOwnBytes, type WaitingRecord } from './waiting-record.ts'

export interface AdmissionOptions {
  readonly maxBlockMs: number
  readonly maxRequestSize: number
}

export interface AdmissionDeps {
  readonly clock: Clock
  readonly memory: BufferMemory
  readonly accumulator: RecordAccumulator
  readonly meters: ProducerMeters
  readonly partitioner: Partitioner
  readonly options: AdmissionOptions
  /** Somebody began to wait: for the partitions of a topic, or for memory. */
  readonly onWaiting: (topic: Topic) => void
  /** Somebody waits for memory, and batches that linger may hold it. */
  readonly onMemoryShort: () => void
  /** A record fails: what is told of it, since it may take its transaction with it. */
  readonly asFailed: (error: KafkaError) => KafkaError
  /** A listener threw. */
  readonly onThrow: (error: unknown) => void
}

const NO_BUFFER = Buffer.alloc(0)

/**
 * Lets records in, in the order of the calls.
 *
 * A record of an unknown topic waits in that topic's queue, counted in memory with room for a batch of its own,
 * so that nothing can stop it once the topic is known. A record that finds no memory waits in one queue for all,
 * and as long as anybody waits there nobody passes. So the order of calls is the order in the log, per partition,
 * whatever a record waited for.
 */
export class Admission {
  readonly #deps: AdmissionDeps
  readonly #forMemory = new Fifo<WaitingRecord>()
  readonly #unknownTopics = new Set<Topic>()
  #onRoom: (() => void)[] = []
  /** Since a record was refused, until memory was given back. */
  readonly #memoryWait: MemoryWait
  /** What the next records that wait are counted under. */
  group: RecordGroup = new RecordGroup()

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
    this.#memoryWait = new MemoryWait(deps.clock, deps.meters.bufferWaitMs)
  }

  /** Memory is what everybody waits for: a record was refused and nothing was given back since. */
  get isWaitedFor(): boolean {
    return this.#memoryWait.isOn
  }

  /** Records that wait for memory: while there are any, no other passes. */
  get memoryWaiterCount(): number {
    return this.#forMemory.length
  }

  /**
   * The partition that a record names, or that the partitioner chooses. Undefined when something stands in the way of
   * the record: somebody waits for memory, or the topic's partitions are not known or do not include the one it names.
   */
  openQueueFor(topic: Topic, partition: number | undefined, key: Uint8Array | null): PartitionQueue | undefined {
    if (this.memoryWaiterCount > 0 || !topic.hasPartition(partition)) return undefined
    return this.#queueFor(topic, partition, key)
  }

  #queueFor(topic: Topic, partition: number | undefined, key: Uint8Array | null): PartitionQueue {
    const chosen = partition ?? this.#deps.partitioner(topic, key)
    const queue = topic.partitions[chosen]
    if (queue === undefined) throw unknownPartition(topic, chosen)
    return queue
  }

  /**
   * Something stands in the way of a record: it waits for its topic's partitions or, if it may, for memory. Whoever waits
   * keeps the partition that was chosen: a partitioner is asked once per record.
   *
   * @param mayWait without it a record that finds no memory is not taken
   * @returns undefined when the record was not taken
   * @throws KafkaError with outcome 'never' when it can never be taken
   */
  wait(
    topic: Topic,
    partition: number | undefined,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): WaitingRecord | undefined {
    if (this.memoryWaiterCount === 0 && !topic.hasPartition(partition)) {
      const record = this.#waiting(topic, partition, key, value, headers, timestamp, listener, resolve)
      if (this.#waitForTopic(topic, record)) {
        record.group.add(record.recordCount)
        return record
      }
    }
    return this.#refuse(topic, partition, key, value, headers, timestamp, listener, resolve, mayWait)
  }

  /** Memory has no room for a record: it waits for it if it may, or is not taken. */
  #refuse(
    topic: Topic,
    partition: number | undefined,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): WaitingRecord | undefined {
    this.sizeOf(topic, key, value, headers, timestamp)
    this.#waitForMemory()
    let record: WaitingRecord | undefined
    if (mayWait) {
      record = this.#waiting(topic, partition, key, value, headers, timestamp, listener, resolve)
      record.group.add(record.recordCount)
      this.#forMemory.push(record)
    }
    this.#deps.onWaiting(topic)
    return record
  }

  /** Something stands in the way of a batch of the caller's: it waits where a record would. */
  waitWithBatch(topic: Topic, partition: number, written: WrittenBatch, listener: DeliveryListener): void {
    const record: WaitingRecord = {
      topic,
      partition,
      key: null,
      value: null,
      headers: NO_HEADERS,
      timestamp: 0,
      written,
      recordCount: written.recordCount,
      listener,
      resolve: undefined,
      sizeBytes: written.memoryBytes,
      ...this.#newWait(),
    }
    record.group.add(record.recordCount)
    if (this.memoryWaiterCount === 0 && !topic.hasPartition(partition) && this.#waitForTopic(topic, record)) return
    this.#waitForMemory()
    this.#forMemory.push(record)
    this.#deps.onWaiting(topic)
  }

  /** Takes back a record that still waits: it fails with this error, and lets those behind it pass. */
  takeBack(record: WaitingRecord, error: KafkaError): void {
    if (record.isSettled) return
    this.#fail(record, error)
    dropSettled(record.topic.waiting)
    dropSettled(this.#forMemory)
    if (record.topic.waiting.length === 0) this.#unknownTopics.delete(record.topic)
  }

  /** Runs `run` when memory was given back and nobody waits for it: at once, if no record was refused since. */
  whenRoom(run: () => void): void {
    if (this.#memoryWait.isOn || this.memoryWaiterCount > 0) this.#onRoom.push(run)
    else run()
  }

  /** Memory was given back: lets in who waits for it, first come first served. */
  onMemoryReleased(): void {
    for (let record = this.#forMemory.peek(); record !== undefined; record = this.#forMemory.peek()) {
      if (!record.isSettled && !this.#admit(record)) {
        this.#waitForMemory() // what was let in before it may linger
        return
      }
      // Whoever was told of its failure may have taken back others, and it is gone with them.
      if (this.#forMemory.peek() === record) this.#forMemory.shift()
    }
    this.#memoryWait.end()
    for (const run of this.#onRoom.splice(0)) run()
  }

  #waitForMemory(): void {
    this.#memoryWait.begin()
    this.#deps.onMemoryShort()
  }

  /** Metadata came: lets in what waited for the topic's partitions, if they are known now. */
  onTopicUpdated(topic: Topic): void {
    if (!topic.isKnown) return
    for (let record = topic.waiting.shift(); record !== undefined; record = topic.waiting.shift()) {
      if (record.isSettled) continue
      if (record.partition !== undefined && record.partition >= topic.partitions.length) {
        this.#refuseWaiting(record, unknownPartition(topic, record.partition))
        continue
      }
      this.#spendReserved(record)
      record.group.leave(record.recordCount) // only now: a flush goes on with the batches that there are
    }
    this.#unknownTopics.delete(topic)
  }

  #spendReserved(record: WaitingRecord): void {
    const { reservedBytes } = record
    record.reservedBytes = 0
    try {
      const isIn = this.#deps.memory.spend(reservedBytes, () => this.#append(record))
      if (!isIn) throw new Error('a record had reserved room for a batch of its own and found none')
    } catch (error) {
      this.#tell(record, this.#deps.asFailed(error as KafkaError)) // the user's partitioner
    }
  }

  /** Nothing will ever come for the topic: fails what waits for it. */
  failTopic(topic: Topic, error: KafkaError): void {
    if (topic.waiting.length > 0) this.#failWaitingFor(topic, this.#deps.asFailed(error))
  }

  #failWaitingFor(topic: Topic, error: KafkaError): void {
    this.#unknownTopics.delete(topic)
    // Only those that are there now: whoever hears of it may send again, and take others back.
    for (const record of topic.waiting.takeAll()) this.#fail(record, error)
  }

  failAll(error: KafkaError): void {
    for (const topic of this.#unknownTopics) this.#failWaitingFor(topic, error)
    for (let record = this.#forMemory.shift(); record !== undefined; record = this.#forMemory.shift())
      this.#fail(record, error)
    this.#memoryWait.end()
    for (const run of this.#onRoom.splice(0)) run()
  }

  /** Fails what has waited for `maxBlockMs`. */
  expire(nowMs: number): void {
    const { maxBlockMs } = this.#deps.options
    for (const topic of this.#unknownTopics) {
      for (
        let head = topic.waiting.peek();
        head !== undefined && head.deadlineMs <= nowMs;
        head = topic.waiting.peek()
      ) {
        topic.waiting.shift()
        this.#refuseWaiting(head, metadataTimeout(topic, maxBlockMs))
        dropSettled(topic.waiting)
      }
      if (topic.waiting.length === 0) this.#unknownTopics.delete(topic)
    }
    for (
      let head = this.#forMemory.peek();
      head !== undefined && head.deadlineMs <= nowMs;
      head = this.#forMemory.peek()
    ) {
      this.#forMemory.shift()
      this.#deps.meters.exhaustedRecords.record(head.recordCount, nowMs)
      this.#refuseWaiting(head, bufferExhausted(head, maxBlockMs, this.#deps.memory.limitBytes))
    }
  }

  /** When `expire` has something to do. */
  get deadlineMs(): number {
    let deadlineMs = this.#forMemory.peek()?.deadlineMs ?? Infinity
    for (const topic of this.#unknownTopics) {
      deadlineMs = Math.min(deadlineMs, topic.waiting.peek()?.deadlineMs ?? Infinity)
    }
    return deadlineMs
  }

  /** When the first of those that wait was given; undefined when nobody waits. */
  get waitingSinceMs(): number | undefined {
    const { deadlineMs } = this
    return deadlineMs === Infinity ? undefined : deadlineMs - this.#deps.options.maxBlockMs
  }

  /** A record at the head of the queue for memory goes on. False when memory has no room for it yet. */
  #admit(record: WaitingRecord): boolean {
    const { topic } = record
    if (!topic.hasPartition(record.partition)) return this.#waitForTopic(topic, record)
    try {
      if (!this.#append(record)) return false
      record.group.leave(record.recordCount)
    } catch (error) {
      this.#refuseWaiting(record, error as KafkaError)
    }
    return true
  }

  #append(record: WaitingRecord): boolean {
    const { topic, partition, key, value, headers, timestamp, written, listener, resolve } = record
    const queue = this.#queueFor(topic, partition, key)
    if (written !== undefined) return this.#deps.accumulator.appendBatch(queue, written, listener) === 0
    if (this.#deps.accumulator.append(queue, timestamp, key, value, headers, listener, resolve) > 0) return false
    record.place = lastPlaceIn(queue)
    return true
  }

  #waitForTopic(topic: Topic, record: WaitingRecord): boolean {
    const { memory, onWaiting } = this.#deps
    const { written, sizeBytes } = record
    const reservedBytes = written?.memoryBytes ?? memory.capacityFor(sizeBytes) + RECORD_OVERHEAD_BYTES
    if (!memory.reserve(reservedBytes)) return false
    record.reservedBytes = reservedBytes
    topic.waiting.push(record)
    this.#unknownTopics.add(topic)
    onWaiting(topic)
    return true
  }

  /** A record that is to be held back found no room: whoever asks for room waits until there is. */
  refuseHeld(topic: Topic): void {
    this.#waitForMemory()
    this.#deps.onWaiting(topic)
  }

  /**
   * Bytes of a batch of this record alone.
   *
   * @throws KafkaError MESSAGE_TOO_LARGE
   */
  sizeOf(topic: Topic, key: Uint8Array | null, value: RecordBytes, headers: RecordHeaders, timestamp: number): number {
    const { maxRequestSize } = this.#deps.options
    const sizeBytes = new RecordBatchWriter(NO_BUFFER).tryAppend(timestamp, key, value, headers)
    if (sizeBytes > maxRequestSize) throw recordTooLarge(topic.name, sizeBytes, maxRequestSize)
    return sizeBytes
  }

  #waiting(
    topic: Topic,
    partition: number | undefined,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
  ): WaitingRecord {
    const sizeBytes = this.sizeOf(topic, key, value, headers, timestamp)
    const given = { topic, partition, key, value, headers, timestamp, listener, resolve, sizeBytes }
    return { ...withOwnBytes(given), written: undefined, recordCount: 1, ...this.#newWait() }
  }

  /** What is the same for all that begin to wait now. */
  #newWait(): Pick<WaitingRecord, 'deadlineMs' | 'group' | 'reservedBytes' | 'isSettled' | 'place'> {
    const { clock, options } = this.#deps
    const deadlineMs = clock.now() + options.maxBlockMs
    return { deadlineMs, group: this.group, reservedBytes: 0, isSettled: false, place: undefined }
  }

  #refuseWaiting(record: WaitingRecord, error: KafkaError): void {
    if (!record.isSettled) this.#fail(record, this.#deps.asFailed(error))
  }

  #fail(record: WaitingRecord, error: KafkaError): void {
    if (record.isSettled) return
    this.#deps.memory.release(record.reservedBytes)
    this.#tell(record, error)
    record.group.leave(record.recordCount) // only now: a flush is done when everyone has been told
  }

  #tell(record: WaitingRecord, error: KafkaError): void {
    const { meters, clock } = this.#deps
    record.isSettled = true
    meters.onFailed(record.topic, record.recordCount, clock.now())
    try {
      for (let count = record.recordCount; count > 0; count--) record.listener?.(error)
    } catch (thrown) {
      this.#deps.onThrow(thrown)
    }
  }
}
