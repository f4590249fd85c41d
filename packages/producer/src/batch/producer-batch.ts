import { RecordBatchWriter, type BatchSeal, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import type { BufferMemory } from '../accumulate/buffer-memory.ts'
import { BUFFER_BYTES_MAX, RECORD_OVERHEAD_BYTES } from '../accumulate/buffer-memory.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { RecordGroup } from '../accumulate/record-group.ts'
import type { KafkaError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { Deliveries, DeliveriesPool, DeliveryListener, DeliveryResolve } from './deliveries.ts'

/** A record's overhead is paid for this many records at once. */
const PLACES_AHEAD = 8

/**
 * A batch from its first record to its settlement.
 *
 * Its state is the place where it stands: open or closed in its {@link PartitionQueue}, or in flight. Its buffers
 * go back to memory when it is settled and no socket holds it, whichever comes last.
 */
export class ProducerBatch {
  readonly partition: PartitionQueue
  readonly createdMs: number
  /** What a flush counts its records under. */
  readonly group: RecordGroup
  readonly #memory: BufferMemory
  readonly #writer: RecordBatchWriter
  /** Buffers come in doubling sizes, so the last one may have more room than the batch. */
  readonly #maxBytes: number
  readonly #deliveriesPool: DeliveriesPool
  readonly #deliveries: Deliveries
  #sealed: readonly Buffer[] | undefined
  #seal: BatchSeal | undefined
  /** Sockets that hold its bytes: a retry may leave before the lost connection has let go. */
  #socketCount = 0
  #isSettled = false
  /** Records whose overhead is paid for. It begins with one, so that ten thousand quiet partitions stay cheap. */
  #placeCount = 1

  /** Requests that carried it. */
  attempts = 0
  /** An attempt ended without a definite refusal: its records may be in the log. */
  mayBeWritten = false
  /** The connection of the last attempt. */
  sentTo: Connection | undefined
  /** Why the last attempt failed, if it did. */
  lastError: Error | undefined

  constructor(
    partition: PartitionQueue,
    buffer: Buffer,
    createdMs: number,
    group: RecordGroup,
    memory: BufferMemory,
    deliveriesPool: DeliveriesPool,
    maxBytes: number,
  ) {
    this.partition = partition
    this.createdMs = createdMs
    this.group = group
    this.#memory = memory
    this.#deliveriesPool = deliveriesPool
    this.#deliveries = deliveriesPool.take()
    this.#maxBytes = maxBytes
    this.#writer = new RecordBatchWriter(buffer, Math.min(buffer.length, maxBytes))
  }

  get recordCount(): number {
    return this.#writer.recordCount
  }

  get sizeBytes(): number {
    return this.#writer.length
  }

  get isSettled(): boolean {
    return this.#isSettled
  }

  /** Producer id, epoch and sequence, once it was sealed. */
  get seal(): BatchSeal | undefined {
    return this.#seal
  }

  /** The next record's overhead is paid for. */
  get hasPlace(): boolean {
    return this.#writer.recordCount < this.#placeCount
  }

  /** Pays for the next records. False when memory has no room for one. */
  addPlaces(): boolean {
    const isAhead = this.#memory.reserve(RECORD_OVERHEAD_BYTES * PLACES_AHEAD)
    if (!isAhead && !this.#memory.reserve(RECORD_OVERHEAD_BYTES)) return false
    this.#placeCount += isAhead ? PLACES_AHEAD : 1
    return true
  }

  /** No more records: gives back what was paid for them. */
  close(): void {
    const unused = this.#placeCount - this.recordCount
    this.#placeCount = this.recordCount
    if (unused > 0) this.#memory.release(RECORD_OVERHEAD_BYTES * unused)
    this.group.add(this.recordCount)
  }

  /** 0 when the record is in; else the size that the batch would have with it. */
  tryAppend(timestamp: number, key: RecordBytes, value: RecordBytes, headers: RecordHeaders): number {
    return this.#writer.tryAppend(timestamp, key, value, headers)
  }

  /** Tells the record just appended whom to tell. */
  listen(listener: DeliveryListener | undefined, resolve: DeliveryResolve | undefined): void {
    this.#deliveries.add(listener, resolve)
  }

  /**
   * Makes room for a record that makes the batch `neededBytes` long. False when memory has none.
   *
   * Each buffer is as large as all before it, up to 64 KiB, so that ten thousand quiet partitions stay cheap and a
   * busy one soon has few.
   */
  grow(neededBytes: number): boolean {
    const recordBytes = neededBytes - this.sizeBytes
    const usualBytes = Math.min(this.#writer.capacity, BUFFER_BYTES_MAX)
    const buffer = this.#memory.takeBuffer(Math.max(recordBytes, usualBytes)) ?? this.#memory.takeBuffer(recordBytes)
    if (buffer === undefined) return false
    this.#writer.extend(buffer, Math.min(buffer.length, this.#maxBytes - this.sizeBytes))
    return true
  }

  /** The bytes to send: written at the first attempt, the same at every other. */
  bytesFor(seal: () => BatchSeal): readonly Buffer[] {
    if (this.#sealed === undefined) {
      this.#seal = seal()
      this.#sealed = this.#writer.seal(this.#seal)
    }
    return this.#sealed
  }

  /** Stamps the records anew under another producer id or epoch. Only for a batch that surely was not written. */
  unseal(): void {
    this.#sealed = undefined
    this.#seal = undefined
  }

  onSent(connection: Connection): void {
    this.attempts++
    this.sentTo = connection
    this.#socketCount++
  }

  /** One of the sockets no longer holds the bytes. */
  onReleased(): void {
    this.#socketCount--
    if (this.#isSettled) this.#returnBuffers()
  }

  /**
   * Tells every record where it is.
   *
   * @param baseOffset of the first record, undefined when unknown
   * @param logAppendTimeMs the broker's timestamp for all of them, -1 when each keeps its own
   */
  acknowledge(baseOffset: number | undefined, logAppendTimeMs: number, onThrow: (error: unknown) => void): void {
    this.#isSettled = true
    this.#memory.release(RECORD_OVERHEAD_BYTES * this.recordCount)
    const { topic, index: partition } = this.partition
    // Asked for a batch that it has already, Kafka answers with the batch's latest CreateTime in this place
    // (UnifiedLog.append). Where the topic says LogAppendTime that would be another time than any of ours.
    const isDuplicatesTime = this.mayBeWritten && logAppendTimeMs === this.#writer.maxTimestamp
    const isOwnTime = logAppendTimeMs < 0 || isDuplicatesTime
    this.#deliveries.acknowledge(
      {
        topic: topic.name,
        partition,
        baseOffset,
        baseTimestamp: isOwnTime ? this.#writer.baseTimestamp : logAppendTimeMs,
        timestampRuns: isOwnTime ? this.#writer.timestampRuns : undefined,
      },
      onThrow,
    )
    this.#end()
  }

  /** Fails every record with the same error. */
  fail(error: KafkaError, onThrow: (error: unknown) => void): void {
    this.#isSettled = true
    this.#memory.release(RECORD_OVERHEAD_BYTES * this.recordCount)
    this.#deliveries.fail(error, onThrow)
    this.#end()
  }

  #end(): void {
    this.#deliveriesPool.giveBack(this.#deliveries)
    this.#returnBuffers()
  }

  #returnBuffers(): void {
    if (this.#socketCount > 0) return
    this.#sealed = undefined
    for (const buffer of this.#writer.takeBuffers()) this.#memory.returnBuffer(buffer)
  }
}
