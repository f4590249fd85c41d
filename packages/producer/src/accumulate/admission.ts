import assert from 'node:assert/strict'
import { RecordBatchWriter, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import type { DeliveryListener, DeliveryResolve } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'
import type { Partitioner } from '../partition/partitioner.ts'
import type { Clock } from '../ports/clock.ts'
import { bufferExhausted, metadataTimeout, recordTooLarge, unknownPartition } from './admission-errors.ts'
import { RECORD_OVERHEAD_BYTES, type BufferMemory } from './buffer-memory.ts'
import { Fifo } from './fifo.ts'
import type { RecordAccumulator } from './record-accumulator.ts'
import { RecordGroup } from './record-group.ts'
import type { Topic } from './topic.ts'
import type { WaitingRecord } from './waiting-record.ts'

export interface AdmissionOptions {
  readonly maxBlockMs: number
  readonly maxRequestSize: number
}

export interface AdmissionDeps {
  readonly clock: Clock
  readonly memory: BufferMemory
  readonly accumulator: RecordAccumulator
  readonly partitioner: Partitioner
  readonly options: AdmissionOptions
  /** Somebody began to wait: for the partitions of a topic, or for memory. */
  readonly onWaiting: (topic: Topic) => void
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
  #wasRefused = false
  /** What the next records that wait are counted under. */
  group: RecordGroup = new RecordGroup()

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  /** Nobody may pass: others wait for memory. */
  get isBlocked(): boolean {
    return this.#forMemory.length > 0
  }

  /**
   * Takes a record, now if possible.
   *
   * @param mayWait without it a record that finds no memory is not taken
   * @returns false when the record was not taken
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
  ): boolean {
    if (this.#forMemory.length > 0 || !topic.hasPartition(partition)) {
      return this.#offerToWait(topic, partition, key, value, headers, timestamp, listener, resolve, mayWait)
    }
    // Almost every record takes this way.
    const chosen = partition ?? this.#deps.partitioner(topic, key)
    return (
      this.#append(topic, chosen, key, value, headers, timestamp, listener, resolve) ||
      this.#refuse(topic, chosen, key, value, headers, timestamp, listener, resolve, mayWait)
    )
  }

  /** Something stands in the way: other records wait for memory, or the partition is not known. */
  #offerToWait(
    topic: Topic,
    partition: number | undefined,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
    mayWait: boolean,
  ): boolean {
    if (!this.isBlocked) {
      const record = this.#waiting(topic, partition, key, value, headers, timestamp, listener, resolve)
      if (this.#waitForTopic(topic, record)) {
        record.group.add()
        return true
      }
    }
    return this.#refuse(topic, partition, key, value, headers, timestamp, listener, resolve, mayWait)
  }

  /** Memory has no room: the record waits for it, or is not taken. */
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
  ): boolean {
    this.#wasRefused = true
    this.#deps.accumulator.stopLingering()
    if (mayWait) {
      const record = this.#waiting(topic, partition, key, value, headers, timestamp, listener, resolve)
      record.group.add()
      this.#forMemory.push(record)
    }
    this.#deps.onWaiting(topic)
    return mayWait
  }

  /** Runs `run` when memory was given back and nobody waits for it: at once, if no record was refused since. */
  whenRoom(run: () => void): void {
    if (this.#wasRefused || this.isBlocked) this.#onRoom.push(run)
    else run()
  }

  /** Memory was given back: lets in who waits for it, first come first served. */
  onMemoryReleased(): void {
    for (let record = this.#forMemory.peek(); record !== undefined; record = this.#forMemory.peek()) {
      if (!this.#admit(record)) return
      this.#forMemory.shift()
    }
    this.#wasRefused = false
    for (const run of this.#onRoom.splice(0)) run()
  }

  /** Metadata came: lets in what waited for the topic's partitions, if they are known now. */
  onTopicUpdated(topic: Topic): void {
    if (!topic.isKnown) return
    for (let record = topic.waiting.shift(); record !== undefined; record = topic.waiting.shift()) {
      this.#deps.memory.release(record.reservedBytes)
      record.reservedBytes = 0
      if (record.partition !== undefined && record.partition >= topic.partitions.length) {
        this.#fail(record, unknownPartition(topic, record.partition))
        continue
      }
      try {
        const { key, value, headers, timestamp, listener, resolve } = record
        const isIn = this.#append(topic, this.#partitionOf(record), key, value, headers, timestamp, listener, resolve)
        assert(isIn, 'a record had reserved room for a batch of its own and found none')
      } catch (error) {
        this.#tell(record, error as KafkaError) // the user's partitioner
      }
      record.group.leave(1) // only now: a flush goes on with the batches that there are
    }
    this.#unknownTopics.delete(topic)
  }

  /** Nothing will ever come for the topic: fails what waits for it. */
  failTopic(topic: Topic, error: KafkaError): void {
    for (let record = topic.waiting.shift(); record !== undefined; record = topic.waiting.shift())
      this.#fail(record, error)
    this.#unknownTopics.delete(topic)
  }

  failAll(error: KafkaError): void {
    for (const topic of this.#unknownTopics) this.failTopic(topic, error)
    for (let record = this.#forMemory.shift(); record !== undefined; record = this.#forMemory.shift())
      this.#fail(record, error)
    this.#wasRefused = false
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
        this.#fail(head, metadataTimeout(topic, maxBlockMs))
      }
      if (topic.waiting.length === 0) this.#unknownTopics.delete(topic)
    }
    for (
      let head = this.#forMemory.peek();
      head !== undefined && head.deadlineMs <= nowMs;
      head = this.#forMemory.peek()
    ) {
      this.#forMemory.shift()
      this.#fail(head, bufferExhausted(head, maxBlockMs, this.#deps.memory.limitBytes))
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

  /** A record at the head of the queue for memory goes on. False when memory has no room for it yet. */
  #admit(record: WaitingRecord): boolean {
    const { topic } = record
    if (!topic.hasPartition(record.partition)) return this.#waitForTopic(topic, record)
    const { key, value, headers, timestamp, listener, resolve } = record
    try {
      if (!this.#append(topic, this.#partitionOf(record), key, value, headers, timestamp, listener, resolve))
        return false
      record.group.leave(1)
    } catch (error) {
      this.#fail(record, error as KafkaError)
    }
    return true
  }

  #append(
    topic: Topic,
    partition: number,
    key: Uint8Array | null,
    value: RecordBytes,
    headers: RecordHeaders,
    timestamp: number,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
  ): boolean {
    const queue = topic.partitions[partition]
    if (queue === undefined) throw unknownPartition(topic, partition)
    const neededBytes = this.#deps.accumulator.append(queue, timestamp, key, value, headers, listener, resolve)
    if (neededBytes === 0) return true
    const { maxRequestSize } = this.#deps.options
    if (neededBytes > maxRequestSize) throw recordTooLarge(topic.name, neededBytes, maxRequestSize)
    return false
  }

  /** The partition that the record names, or that the partitioner chooses now. */
  #partitionOf({ topic, partition, key }: WaitingRecord): number {
    return partition ?? this.#deps.partitioner(topic, key)
  }

  #waitForTopic(topic: Topic, record: WaitingRecord): boolean {
    const { memory, onWaiting } = this.#deps
    const reservedBytes = memory.capacityFor(record.sizeBytes) + RECORD_OVERHEAD_BYTES
    if (!memory.reserve(reservedBytes)) return false
    record.reservedBytes = reservedBytes
    topic.waiting.push(record)
    this.#unknownTopics.add(topic)
    onWaiting(topic)
    return true
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
    const { clock, options } = this.#deps
    const sizeBytes = new RecordBatchWriter(NO_BUFFER).tryAppend(timestamp, key, value, headers)
    if (sizeBytes > options.maxRequestSize) throw recordTooLarge(topic.name, sizeBytes, options.maxRequestSize)
    const deadlineMs = clock.now() + options.maxBlockMs
    const own = {
      key: ownBytes(key),
      value: ownBytes(value),
      headers: headers.map(([name, bytes]) => [name, ownBytes(bytes)] as const),
    }
    return {
      topic,
      partition,
      ...own,
      timestamp,
      listener,
      resolve,
      sizeBytes,
      deadlineMs,
      group: this.group,
      reservedBytes: 0,
    }
  }

  #fail(record: WaitingRecord, error: KafkaError): void {
    this.#deps.memory.release(record.reservedBytes)
    record.group.leave(1)
    this.#tell(record, error)
  }

  #tell(record: WaitingRecord, error: KafkaError): void {
    try {
      record.listener?.(error)
    } catch (thrown) {
      this.#deps.onThrow(thrown)
    }
  }
}

/** The caller may change his bytes after the call; a string cannot change. */
function ownBytes<T extends RecordBytes>(bytes: T): T {
  return (bytes instanceof Uint8Array ? Uint8Array.from(bytes) : bytes) as T
}
