import {
  BATCH_HEADER_BYTES,
  NOT_IDEMPOTENT,
  readRecordBatches,
  type BatchSeal,
  type Record as KafkaRecord,
  type RecordBatchWriter,
  type RecordBytes,
  type RecordHeaders,
} from '@linger/protocol'
import type { BufferMemory } from '../accumulate/buffer-memory.ts'
import { BUFFER_BYTES_MAX, RECORD_OVERHEAD_BYTES } from '../accumulate/buffer-memory.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { RecordGroup } from '../accumulate/record-group.ts'
import type { RecordPlace } from '../accumulate/record-place.ts'
import type { KafkaError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { Deliveries, DeliveriesPool, DeliveryListener, DeliveryResolve } from './deliveries.ts'
import { RecordPlaces } from './record-places.ts'
import { toldTimes } from './told-times.ts'
import { writeAnew } from './write-anew.ts'
import type { BatchCodec } from '../ports/compression.ts'

/** A record's overhead is paid for this many records at once. */
const PLACES_AHEAD = 8

const NONE: readonly ProducerBatch[] = []

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
  /** It never grows beyond. Buffers come in doubling sizes, so the last one may have more room. */
  readonly maxBytes: number
  readonly #deliveriesPool: DeliveriesPool
  #writer: RecordBatchWriter
  #deliveries: Deliveries
  /** Places of records that were taken back. They are left out when the batch is first sealed. */
  #takenBack: Set<number> | undefined
  readonly #places = new RecordPlaces()
  #isOpen = true
  /** With which it was compressed. */
  #codec: BatchCodec | undefined
  #sealed: readonly Buffer[] | undefined
  #seal: BatchSeal | undefined
  /** Sockets that hold its bytes: a retry may leave before the lost connection has let go. */
  #socketCount = 0
  #isSettled = false
  /** Records whose overhead is paid for. It begins with one, so that ten thousand quiet partitions stay cheap. */
  #placeCount: number

  /** Until then it waits for more records. */
  lingersUntilMs = 0
  /** How far it is compressed: 'DONE' also when it stays as it is; an object while that very job runs. */
  compression: 'NONE' | 'WAITING' | 'DONE' | object = 'NONE'
  /** Requests that carried it. */
  attempts = 0
  /** An attempt ended without a definite refusal: its records may be in the log. */
  mayBeWritten = false
  /** The connection of the last attempt. */
  sentTo: Connection | undefined
  /** Why the last attempt failed, if it did. */
  lastError: Error | undefined
  /** What it was split into. */
  pieces: readonly ProducerBatch[] = NONE
  /** Of what it is a piece of: the place of its first record there. */
  #firstPlace = 0

  constructor(
    partition: PartitionQueue,
    writer: RecordBatchWriter,
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
    this.maxBytes = maxBytes
    this.#writer = writer
    this.#placeCount = Math.max(1, writer.recordCount)
  }

  get recordCount(): number {
    return this.#writer.recordCount
  }

  /** Records that somebody still waits for, until the batch is settled. */
  get liveCount(): number {
    return this.#writer.recordCount - (this.#takenBack?.size ?? 0)
  }

  get sizeBytes(): number {
    return this.#writer.length
  }

  /** What it comes to in a request. */
  get wireBytes(): number {
    return this.#writer.wireLength
  }

  /** Of its newest record, in milliseconds since 1970. */
  get maxTimestamp(): number {
    return this.#writer.maxTimestamp
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
    this.#isOpen = false
    this.group.add(this.liveCount)
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
   * Makes room for a record that makes the batch `neededBytes` long. False when that is too long, or memory has none.
   *
   * Each buffer is as large as all before it, up to 64 KiB, so that ten thousand quiet partitions stay cheap and a
   * busy one soon has few.
   */
  grow(neededBytes: number): boolean {
    if (neededBytes > this.maxBytes) return false
    const recordBytes = neededBytes - this.sizeBytes
    const usualBytes = Math.min(this.#writer.capacity, BUFFER_BYTES_MAX)
    const buffer = this.#memory.takeBuffer(Math.max(recordBytes, usualBytes)) ?? this.#takeLastBuffer(recordBytes)
    if (buffer === undefined) return false
    this.#writer.extend(buffer, Math.min(buffer.length, this.maxBytes - this.sizeBytes))
    return true
  }

  /** Where memory is short, records to come make room for the one that is here. */
  #takeLastBuffer(recordBytes: number): Buffer | undefined {
    const aheadCount = this.#placeCount - this.recordCount - 1
    if (aheadCount > 0) {
      this.#placeCount -= aheadCount
      this.#memory.cancel(RECORD_OVERHEAD_BYTES * aheadCount)
    }
    return this.#memory.takeBuffer(recordBytes)
  }

  /** The bytes to send: written at the first attempt, the same at every other. */
  bytesFor(seal: () => BatchSeal): readonly Buffer[] {
    if (this.#sealed === undefined) {
      if (this.#takenBack !== undefined) this.#leaveOut(this.#takenBack)
      this.#seal = seal()
      // Stamped anew it may go while the socket of an attempt before has not let go of it.
      this.#sealed = this.#socketCount > 0 ? this.#writer.sealAnew(this.#seal) : this.#writer.seal(this.#seal)
    }
    return this.#sealed
  }

  /** What is to be compressed: no more records come, and those that were taken back are left out. */
  recordPieces(): readonly Buffer[] {
    if (this.#takenBack !== undefined) this.#leaveOut(this.#takenBack)
    return this.#writer.recordPieces()
  }

  /**
   * Takes what it was compressed to into its buffers, and gives back those that it needs no more; unless that is no shorter.
   *
   * @param bytes undefined: it could not be compressed. They are copied
   */
  onCompressed(codec: BatchCodec, bytes: Uint8Array | undefined): void {
    this.compression = 'DONE'
    const rawBytes = this.#writer.length
    const wireBytes = bytes === undefined ? rawBytes : BATCH_HEADER_BYTES + bytes.length
    this.partition.topic.onCompressed(wireBytes / rawBytes)
    if (bytes === undefined || wireBytes >= rawBytes) return
    this.#codec = codec
    for (const buffer of this.#writer.compress(codec.id, bytes)) this.#memory.returnBuffer(buffer)
  }

  /** Stamps the records anew under another producer id or epoch. Only for a batch that surely was not written. */
  unseal(): void {
    this.#sealed = undefined
    this.#seal = undefined
  }

  /**
   * Nobody took the record back before.
   *
   * @param index its place in the batch
   */
  isLive(index: number): boolean {
    const at = this.#places.currentOf(index)
    return at >= 0 && this.#takenBack?.has(at) !== true
  }

  /**
   * Fails one live record of a batch that was never sent. Its bytes stay until the batch is first sealed.
   *
   * @param index its place in the batch
   */
  takeBack(index: number, error: KafkaError, onThrow: (error: unknown) => void): void {
    const at = this.#places.currentOf(index)
    this.#takenBack ??= new Set()
    this.#takenBack.add(at)
    this.compression = 'NONE'
    this.#memory.release(RECORD_OVERHEAD_BYTES)
    // Whoever is told may close the batch, which then counts without this record.
    const isCounted = !this.#isOpen
    this.#deliveries.failOne(at, error, onThrow)
    if (isCounted) this.group.leave(1)
  }

  /**
   * Where a record is by now: a batch that was never sent may have gone in pieces.
   *
   * @param index its place in the batch when it was appended
   */
  placeOf(index: number): RecordPlace {
    if (this.attempts === 0 && this.pieces.length > 0) {
      const at = this.#places.currentOf(index)
      const piece = this.pieces.findLast((one) => one.#firstPlace <= at)
      if (piece !== undefined) return piece.placeOf(at - piece.#firstPlace)
    }
    return { batch: this, index }
  }

  /** Ends a batch whose records were all taken back. */
  discard(): void {
    this.#settle()
    this.#deliveries.clear()
    this.#end()
  }

  /** What was sealed, or would be, as records. */
  #records(): readonly KafkaRecord[] {
    const bytes = Buffer.concat(this.#sealed ?? this.#writer.sealAnew(NOT_IDEMPOTENT))
    const decompress = (_: unknown, content: Uint8Array): Uint8Array =>
      this.#codec?.decompress(content, this.#writer.length) ?? content
    return readRecordBatches(bytes, { decompress }).flatMap(({ records }) => records)
  }

  #leaveOut(takenBack: ReadonlySet<number>): void {
    const before = this.#writer
    const live = this.#records().filter((_record, index) => !takenBack.has(index))
    const [writer] = writeAnew(live, Infinity, this.#memory, before.baseTimestamp)
    if (writer === undefined) return // none is left, and nobody sends such a batch
    const deliveries = this.#deliveriesPool.take()
    const kept = Array.from({ length: before.recordCount }, (_, index) => index).filter(
      (index) => !takenBack.has(index),
    )
    for (const index of kept) this.#deliveries.move(index, deliveries)
    this.#places.keep(kept)
    this.#deliveries.clear()
    this.#deliveriesPool.giveBack(this.#deliveries)
    this.#deliveries = deliveries
    this.#writer = writer
    this.#takenBack = undefined
    for (const buffer of before.takeBuffers()) this.#memory.returnBuffer(buffer)
    this.#codec = undefined
  }

  /**
   * Ends the batch in favour of smaller ones, which have its records and whom to tell of them, in their order, and what
   * is left of its time.
   *
   * @param maxBytes of each, unless it has a single record
   */
  split(maxBytes: number): readonly ProducerBatch[] {
    let index = 0
    this.pieces = writeAnew(this.#records(), maxBytes, this.#memory).map((writer) => {
      const piece = this.#pieceOf(writer)
      piece.#firstPlace = index
      for (let count = writer.recordCount; count > 0; count--) this.#deliveries.move(index++, piece.#deliveries)
      return piece
    })
    this.#settle()
    this.#deliveries.clear()
    this.#end()
    return this.pieces
  }

  #pieceOf(writer: RecordBatchWriter): ProducerBatch {
    const { partition, createdMs, group } = this
    const piece = new ProducerBatch(
      partition,
      writer,
      createdMs,
      group,
      this.#memory,
      this.#deliveriesPool,
      writer.length,
    )
    piece.#isOpen = false
    // The refusal of the whole uses up no retry of a part.
    piece.attempts = Math.max(0, this.attempts - 1)
    piece.mayBeWritten = this.mayBeWritten
    piece.lastError = this.lastError
    return piece
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
   * @param logStartOffset of the partition, undefined when unknown
   */
  acknowledge(
    baseOffset: number | undefined,
    logAppendTimeMs: number,
    logStartOffset: number | undefined,
    onThrow: (error: unknown) => void,
  ): void {
    this.#settle()
    this.#memory.release(RECORD_OVERHEAD_BYTES * this.liveCount)
    const { topic, index: partition } = this.partition
    const times = toldTimes(logAppendTimeMs, this.#writer, this.mayBeWritten)
    this.#deliveries.acknowledge({ topic: topic.name, partition, baseOffset, logStartOffset, ...times }, onThrow)
    this.#end()
  }

  /** Fails every record. */
  fail(errorOf: (index: number) => KafkaError, onThrow: (error: unknown) => void): void {
    this.#settle()
    this.#memory.release(RECORD_OVERHEAD_BYTES * this.liveCount)
    this.#deliveries.fail(errorOf, onThrow)
    this.#end()
  }

  /** @throws Error the second time: what it has gave back would serve two others, who would be told each other's fate */
  #settle(): void {
    if (this.#isSettled) throw new Error(`a batch of ${this.partition.name} ended twice`)
    this.#isSettled = true
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
