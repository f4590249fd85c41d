import { RecordBatchWriter, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import type { WrittenBatch } from '../batch/batch-builder.ts'
import { DeliveriesPool, type DeliveryListener, type DeliveryResolve } from '../batch/deliveries.ts'
import { ProducerBatch } from '../batch/producer-batch.ts'
import type { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { BUFFER_BYTES_MAX, RECORD_OVERHEAD_BYTES, type BufferMemory } from './buffer-memory.ts'
import { Fifo } from './fifo.ts'
import { LingerQueue } from './linger-queue.ts'
import type { PartitionQueue } from './partition-queue.ts'
import { RecordGroup } from './record-group.ts'
import type { RecordPlace } from './record-place.ts'
import type { Topic } from './topic.ts'

/** What is not known of a batch that is still written. @source Kafka MemoryRecordsBuilder.COMPRESSION_RATE_ESTIMATION_FACTOR */
const COMPRESSION_SAFETY = 1.05

export interface AccumulatorOptions {
  readonly lingerMs: number
  /** A batch with several records is never larger. */
  readonly batchSize: number
  /** A record that needs more as a batch of its own is not taken. */
  readonly maxRequestSize: number
  /** Where batches are compressed: how long they may be before. Undefined where they are not. */
  readonly uncompressedMax: number | undefined
}

export interface AccumulatorDeps {
  readonly clock: Clock
  readonly memory: BufferMemory
  readonly options: AccumulatorOptions
  /** A partition has a batch that may leave. */
  readonly onReady: (partition: PartitionQueue) => void
  /** A batch began to linger: the timer may have to be set. */
  readonly onLingering: () => void
  /** A record fails that was never sent. */
  readonly onTakenBack: (topic: Topic) => void
}

/** Puts records into the open batches of their partitions and says which batches may leave. */
export class RecordAccumulator {
  readonly #deps: AccumulatorDeps
  readonly #lingering: LingerQueue
  readonly #lingers: boolean
  readonly #deliveries = new DeliveriesPool()
  /** Has no room for anything, so it tells how much a batch of one record would take. */
  readonly #measure = new RecordBatchWriter(Buffer.alloc(0))
  /** Unsettled batches in the order in which their delivery time runs out; settled ones are dropped at the head. */
  readonly #byAge = new Fifo<ProducerBatch>()
  /** What the next records are counted under. */
  group: RecordGroup = new RecordGroup()
  /** How many reasons there are for batches not to linger: flushes, closing, callers that wait for memory. */
  #hurries = 0

  constructor(deps: AccumulatorDeps) {
    this.#deps = deps
    this.#lingering = new LingerQueue(deps.options.lingerMs)
    this.#lingers = deps.options.lingerMs > 0
  }

  /**
   * Appends a record to its partition's open batch, which it closes and replaces when the record does not fit.
   *
   * @returns 0 when the record is in; else nothing was taken, and it is the bytes for which memory has no room, or
   *   more than `maxRequestSize`
   */
  append(
    partition: PartitionQueue,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: RecordHeaders,
    listener: DeliveryListener | undefined,
    resolve: DeliveryResolve | undefined,
  ): number {
    const { open } = partition
    const isIn = open !== undefined && open.hasPlace && open.tryAppend(timestamp, key, value, headers) === 0
    const missingBytes = isIn ? 0 : this.#appendWithMore(partition, timestamp, key, value, headers)
    if (missingBytes === 0) partition.open?.listen(listener, resolve)
    return missingBytes
  }

  /**
   * Takes memory for the record: a place in the open batch, another buffer of it, or another batch.
   *
   * @returns as `append`
   */
  #appendWithMore(
    partition: PartitionQueue,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: RecordHeaders,
  ): number {
    const { open } = partition
    if (open === undefined) return this.#appendToNewBatch(partition, timestamp, key, value, headers)
    if (!open.hasPlace && !open.addPlaces()) return RECORD_OVERHEAD_BYTES
    const missingBytes = open.tryAppend(timestamp, key, value, headers)
    if (missingBytes === 0) return 0
    if (missingBytes > open.maxBytes) return this.#appendToNewBatch(partition, timestamp, key, value, headers)
    return open.grow(missingBytes) ? open.tryAppend(timestamp, key, value, headers) : missingBytes
  }

  /** Closes the open batch, if there is one, and opens another whose buffer fits the record. */
  #appendToNewBatch(
    partition: PartitionQueue,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: RecordHeaders,
  ): number {
    const { clock, memory, options } = this.#deps
    const neededBytes = this.#measure.tryAppend(timestamp, key, value, headers)
    if (neededBytes > options.maxRequestSize) return neededBytes
    if (partition.open !== undefined) {
      partition.closeOpen()
      this.#deps.onReady(partition)
    }
    if (!memory.reserve(RECORD_OVERHEAD_BYTES)) return RECORD_OVERHEAD_BYTES
    const buffer = this.#takeFirstBuffer(partition, neededBytes)
    if (buffer === undefined) {
      memory.cancel(RECORD_OVERHEAD_BYTES)
      return neededBytes
    }
    const maxBytes = Math.max(neededBytes, this.#batchBytesMax(partition.topic))
    const writer = new RecordBatchWriter(buffer, Math.min(buffer.length, maxBytes))
    const batch = new ProducerBatch(partition, writer, clock.now(), this.group, memory, this.#deliveries, maxBytes)
    batch.tryAppend(timestamp, key, value, headers)
    this.#open(batch)
    return 0
  }

  #open(batch: ProducerBatch): void {
    const { partition } = batch
    batch.lingersUntilMs = this.#hurries > 0 ? 0 : batch.createdMs + this.#deps.options.lingerMs
    partition.open = batch
    partition.topic.lastUsedMs = batch.createdMs
    this.#byAge.push(batch)
    if (this.#lingers && this.#hurries === 0) {
      this.#lingering.push(batch)
      this.#deps.onLingering()
    } else {
      this.#deps.onReady(partition)
    }
  }

  /**
   * Puts a batch that was written elsewhere behind what the partition has. Unless it is closed it stays open for records
   * until it leaves.
   *
   * @param listener told of each of its records
   * @returns 0 when it is in; else nothing was taken, and it is the bytes for which memory has no room
   */
  appendBatch(partition: PartitionQueue, written: WrittenBatch, listener: DeliveryListener | undefined): number {
    const { clock, memory } = this.#deps
    const { writer, recordCount, isClosed, maxBytes, memoryBytes } = written
    if (!memory.reserve(memoryBytes)) return memoryBytes
    if (partition.open !== undefined) {
      partition.closeOpen()
      this.#deps.onReady(partition)
    }
    const batch = new ProducerBatch(partition, writer, clock.now(), this.group, memory, this.#deliveries, maxBytes)
    for (let count = recordCount; count > 0; count--) batch.listen(listener, undefined)
    this.#open(batch)
    if (isClosed) {
      partition.closeOpen()
      this.#deps.onReady(partition)
    }
    return 0
  }

  /** How long a batch may become, so that it comes out at `batchSize` when it is compressed. */
  #batchBytesMax(topic: Topic): number {
    const { batchSize, uncompressedMax } = this.#deps.options
    const { batchBytesMax, compressionRatio } = topic
    if (uncompressedMax === undefined) return Math.min(batchSize, batchBytesMax)
    const estimated = batchSize / (compressionRatio * COMPRESSION_SAFETY)
    return Math.min(estimated, Math.max(batchSize, uncompressedMax), batchBytesMax)
  }

  /**
   * A buffer for a new batch: as large as the partition's last batch, so that a batch is one piece. That of a quiet
   * partition just fits its first record, so that ten thousand of them stay cheap.
   */
  #takeFirstBuffer(partition: PartitionQueue, neededBytes: number): Buffer | undefined {
    const { memory } = this.#deps
    const usualBytes = Math.min(partition.lastBatchBytes, BUFFER_BYTES_MAX)
    const usual = usualBytes > neededBytes ? memory.takeBuffer(usualBytes) : undefined
    return usual ?? memory.takeBuffer(neededBytes)
  }

  /**
   * The broker found a batch too large: it goes in smaller ones, and so do the next batches of its topic. Each is at most
   * half as large, so this ends with single records at the latest.
   */
  split(batch: ProducerBatch): void {
    const { topic, closed } = batch.partition
    topic.batchBytesMax = Math.min(topic.batchBytesMax, Math.floor(batch.sizeBytes / 2))
    topic.forgetCompression()
    closed.unshift(...batch.split(topic.batchBytesMax))
  }

  /** True for a batch that compressed worse than its topic has so far, and is too large for a request now. */
  isTooLarge(batch: ProducerBatch): boolean {
    return batch.wireBytes > this.#deps.options.maxRequestSize && batch.recordCount > 1
  }

  /** A batch that was not sent goes in smaller ones, which fit whatever they compress to. */
  splitUnsent(batch: ProducerBatch): void {
    const { closed } = batch.partition
    const pieces = batch.split(this.#deps.options.maxRequestSize)
    closed.splice(closed.indexOf(batch), 1, ...pieces)
  }

  /** Takes back a record that was never sent: it fails with this error. Of one that was sent, nothing changes. */
  takeBack(place: RecordPlace, error: KafkaError, onThrow: (error: unknown) => void): void {
    const { batch, index } = place.batch.placeOf(place.index)
    if (batch.attempts > 0 || batch.isSettled) return
    if (!batch.isLive(index)) return
    this.#deps.onTakenBack(batch.partition.topic)
    batch.takeBack(index, error, onThrow)
    if (batch.liveCount === 0) this.#discard(batch)
  }

  /** Nobody waits for any of its records: whoever heard of one may have taken back the rest. */
  #discard(batch: ProducerBatch): void {
    if (batch.isSettled) return
    batch.partition.remove(batch)
    batch.discard()
  }

  /** Nothing lingers from here on, until `endHurry`. */
  hurry(): void {
    this.#hurries++
    this.stopLingering()
  }

  endHurry(): void {
    this.#hurries--
  }

  get isHurried(): boolean {
    return this.#hurries > 0
  }

  /**
   * Declares ready every batch that lingers now: somebody waits for its memory or its end. It stays open for records until
   * it leaves: closed here, batches would become the smaller the longer memory is short.
   */
  stopLingering(): void {
    this.#lingering.takeLingered(Infinity, (batch) => {
      batch.lingersUntilMs = 0
      this.#deps.onReady(batch.partition)
    })
  }

  /** Declares ready what has lingered by `nowMs`. It stays open for records until it leaves. */
  takeLingered(nowMs: number): void {
    if (this.#lingers) this.#lingering.takeLingered(nowMs, (batch) => this.#deps.onReady(batch.partition))
  }

  /** True when the partition has a batch that may leave by now, whatever is in flight. */
  hasReadyBatch(partition: PartitionQueue, nowMs: number): boolean {
    if (partition.closed.length > 0) return true
    const batch = partition.open
    if (batch === undefined) return false
    // Without linger whatever is there may leave: one that was opened during this run is younger than `nowMs`.
    return !this.#lingers || this.#hurries > 0 || batch.lingersUntilMs <= nowMs
  }

  get lingerDeadlineMs(): number {
    return this.#lingers ? this.#lingering.deadlineMs : Infinity
  }

  /** The unsettled batch that was created first. */
  get oldestBatch(): ProducerBatch | undefined {
    let batch = this.#byAge.peek()
    while (batch !== undefined && batch.isSettled) {
      this.#byAge.shift()
      if (batch.pieces.length > 0) this.#byAge.unshift(batch.pieces)
      batch = this.#byAge.peek()
    }
    return batch
  }
}
