import { RecordBatchWriter, type BatchSeal, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import type { BufferMemory } from '../accumulate/buffer-memory.ts'
import { RECORD_OVERHEAD_BYTES } from '../accumulate/buffer-memory.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { RecordGroup } from '../accumulate/record-group.ts'
import type { KafkaError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'

/** Where a record is in the log. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** Undefined when nobody can tell: acks 0, or a retry of a batch that the broker had already. */
  readonly offset: number | undefined
  /** Milliseconds since 1970: the record's own, or the broker's clock where the topic says LogAppendTime. */
  readonly timestamp: number
}

/** Called once, when the record is acknowledged or has failed. Never inside the call that sent it. */
export type DeliveryCallback = (error: KafkaError | null, metadata?: RecordMetadata) => void

/** Either a whole callback, or, where a `resolve` stands beside it, a promise's reject. */
export type DeliveryListener = (error: KafkaError | null, metadata?: RecordMetadata) => void

export type DeliveryResolve = (metadata: RecordMetadata) => void

/** From this size on a buffer grows at once to what the partition's last batch needed. */
const GROWS_TO_LAST_SIZE_FROM_BYTES = 16 * 1024

const NO_BUFFER = Buffer.alloc(0)

/**
 * A batch from its first record to its settlement.
 *
 * Its state is the place where it stands: open or closed in its {@link PartitionQueue}, or in flight. Its buffer
 * goes back to memory when it is settled and no socket holds it, whichever comes last.
 */
export class ProducerBatch {
  readonly partition: PartitionQueue
  readonly createdMs: number
  /** What a flush counts its records under. */
  readonly group: RecordGroup
  readonly #memory: BufferMemory
  readonly #writer = new RecordBatchWriter(NO_BUFFER)
  /** Timestamps as runs, since records of one tick share theirs: from `#runStarts[i]` on it is `#runTimestamps[i]`. */
  readonly #runStarts: number[] = []
  readonly #runTimestamps: number[] = []
  #lastTimestamp = Number.NaN
  readonly #listeners: (DeliveryListener | undefined)[] = []
  /** Only where promises are waited for: a batch of callbacks has none. */
  #resolves: (DeliveryResolve | undefined)[] | undefined
  #sealed: Buffer | undefined
  #seal: BatchSeal | undefined
  #isOnWire = false
  #isSettled = false

  /** Requests that carried it. */
  attempts = 0
  /** An attempt ended without a definite refusal: its records may be in the log. */
  mayBeWritten = false
  /** The connection of the last attempt. */
  sentTo: Connection | undefined
  /** Why the last attempt failed, if it did. */
  lastError: Error | undefined

  constructor(partition: PartitionQueue, createdMs: number, memory: BufferMemory, group: RecordGroup) {
    this.partition = partition
    this.createdMs = createdMs
    this.group = group
    this.#memory = memory
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

  /** 0 when the record is in; else the size that the batch would have with it. */
  tryAppend(timestamp: number, key: RecordBytes, value: RecordBytes, headers: RecordHeaders): number {
    const neededBytes = this.#writer.tryAppend(timestamp, key, value, headers)
    if (neededBytes === 0 && timestamp !== this.#lastTimestamp) this.#startRun(timestamp)
    return neededBytes
  }

  #startRun(timestamp: number): void {
    this.#lastTimestamp = timestamp
    this.#runStarts.push(this.#writer.recordCount - 1)
    this.#runTimestamps.push(timestamp)
  }

  /** Tells the record just appended whom to tell. */
  listen(listener: DeliveryListener | undefined, resolve: DeliveryResolve | undefined): void {
    this.#listeners.push(listener)
    if (resolve !== undefined) {
      this.#resolves ??= []
      this.#resolves[this.#listeners.length - 1] = resolve
    }
  }

  /**
   * Makes room for at least `neededBytes`, doubling up to `maxBytes`. False when memory has no room.
   *
   * The first buffer just fits the first record, so that ten thousand quiet partitions stay cheap; a partition
   * that filled its last batch skips most of the doublings.
   */
  grow(neededBytes: number, maxBytes: number): boolean {
    const doubled = this.#writer.capacity * 2
    const usual = doubled >= GROWS_TO_LAST_SIZE_FROM_BYTES ? this.partition.lastBatchBytes : 0
    const wantedBytes = Math.max(neededBytes, Math.min(Math.max(doubled, usual), maxBytes))
    const larger = this.#memory.takeBuffer(wantedBytes) ?? this.#memory.takeBuffer(neededBytes)
    if (larger === undefined) return false
    const left = this.#writer.moveTo(larger)
    if (left.length > 0) this.#memory.returnBuffer(left)
    return true
  }

  /** The bytes to send: written at the first attempt, the same at every other. */
  bytesFor(seal: () => BatchSeal): Buffer {
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
    this.#isOnWire = true
  }

  /** No socket holds the bytes any more. */
  onReleased(): void {
    this.#isOnWire = false
    if (this.#isSettled) this.#returnBuffer()
  }

  /**
   * Tells every record where it is.
   *
   * @param baseOffset of the first record, undefined when unknown
   * @param logAppendTimeMs the broker's timestamp for all of them, -1 when each keeps its own
   */
  acknowledge(baseOffset: number | undefined, logAppendTimeMs: number, onThrow: (error: unknown) => void): void {
    const listeners = this.#listeners
    const resolves = this.#resolves
    const topic = this.partition.topic.name
    const partition = this.partition.index
    let run = 0
    let timestamp = logAppendTimeMs
    let runEnd = logAppendTimeMs < 0 ? 0 : Infinity
    this.#settle()
    for (let i = 0; i < listeners.length; i++) {
      if (i === runEnd) {
        timestamp = this.#runTimestamps[run] as number
        runEnd = this.#runStarts[++run] ?? Infinity
      }
      const metadata = { topic, partition, offset: baseOffset === undefined ? undefined : baseOffset + i, timestamp }
      const resolve = resolves?.[i]
      if (resolve !== undefined) {
        resolve(metadata)
        continue
      }
      try {
        listeners[i]?.(null, metadata)
      } catch (error) {
        onThrow(error)
      }
    }
  }

  /** Fails every record with the same error. */
  fail(error: KafkaError, onThrow: (error: unknown) => void): void {
    this.#settle()
    for (const listener of this.#listeners) {
      try {
        listener?.(error)
      } catch (thrown) {
        onThrow(thrown)
      }
    }
  }

  /** Memory first: whoever is told may send again at once, and flush counts what is unsettled. */
  #settle(): void {
    this.#isSettled = true
    this.#memory.release(RECORD_OVERHEAD_BYTES * this.recordCount)
    if (!this.#isOnWire) this.#returnBuffer()
  }

  #returnBuffer(): void {
    const buffer = this.#writer.takeBuffer()
    if (buffer.length > 0) this.#memory.returnBuffer(buffer)
  }
}
