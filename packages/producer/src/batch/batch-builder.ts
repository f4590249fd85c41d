import { RecordBatchWriter, type RecordBytes, type RecordHeaders } from '@linger/protocol'
import { BUFFER_BYTES_MAX, RECORD_OVERHEAD_BYTES, type BufferMemory } from '../accumulate/buffer-memory.ts'
import { recordTooLarge } from '../accumulate/admission-errors.ts'
import { invalidArgument } from '../errors.ts'
import type { Headers, Payload } from '../record/producer-record.ts'
import { checkRecord, headersOf, keyOf, payloadOf, timestampOf } from '../record/record-checks.ts'

/** A record for a batch, whose topic and partition are those of the batch. No serializer and no interceptor is asked. */
export interface BatchRecord {
  readonly key?: Payload
  readonly value?: Payload
  readonly headers?: Headers | undefined
  /** Milliseconds since 1970. Default: now. */
  readonly timestamp?: number | undefined
}

/** Where a record is in its batch. */
export interface RecordPosition {
  /** From 0. Its offset will be that of the batch and this. */
  readonly index: number
  /** Milliseconds since 1970. */
  readonly timestamp: number
  /** What the batch comes to with it, before compression. */
  readonly batchSizeBytes: number
}

/** A batch as it is handed over to be sent. */
export interface WrittenBatch {
  readonly writer: RecordBatchWriter
  readonly recordCount: number
  /** Nothing is added to it. */
  readonly isClosed: boolean
  /** It never grows beyond. */
  readonly maxBytes: number
  /** What it takes of `bufferMemory`. */
  readonly memoryBytes: number
}

export interface BatchBuilderDeps {
  readonly memory: BufferMemory
  readonly batchSize: number
  readonly maxRequestSize: number
  /** The timestamp of records that name none. */
  readonly now: () => number
}

type State = 'OPEN' | 'CLOSED' | 'SENT'

const NO_BUFFER = Buffer.alloc(0)

/** What errors call it: it has no topic yet. */
const A_BATCH = 'a batch'

/**
 * A batch in the caller's hands: he decides what is in it and when it leaves. Until it is sent it is in nobody's
 * way, and takes nothing of `bufferMemory`.
 */
export class BatchBuilder {
  readonly #deps: BatchBuilderDeps
  /** Has no room until the first record says how much it needs. */
  #writer = new RecordBatchWriter(NO_BUFFER)
  /** Of its buffers. */
  #capacityBytes = 0
  #maxBytes: number
  #state: State = 'OPEN'

  /** @internal `producer.createBatch()` makes it. */
  constructor(deps: BatchBuilderDeps) {
    this.#deps = deps
    this.#maxBytes = deps.batchSize
  }

  get recordCount(): number {
    return this.#writer.recordCount
  }

  /** With its header, before compression. */
  get sizeBytes(): number {
    return this.#writer.length
  }

  /**
   * Adds a record, whose bytes are taken now.
   *
   * @returns where it is; undefined when the batch has no room for it
   * @throws KafkaError INVALID_ARGUMENT after close() or sendBatch(), and for what is no record; MESSAGE_TOO_LARGE when
   *   no batch can hold it
   */
  append(record: BatchRecord): RecordPosition | undefined {
    if (this.#state !== 'OPEN') throw invalidArgument(`append() to a batch that was ${this.#state.toLowerCase()}`)
    checkRecord(record)
    const key = record.key === undefined ? null : keyOf(record.key, A_BATCH)
    const value = payloadOf(record.value, A_BATCH, 'value')
    const headers = headersOf(record.headers, A_BATCH)
    const timestamp = record.timestamp === undefined ? this.#deps.now() : timestampOf(record.timestamp, A_BATCH)
    if (!this.#tryAppend(timestamp, key, value, headers)) return undefined
    const { recordCount, length } = this.#writer
    return { index: recordCount - 1, timestamp, batchSizeBytes: length }
  }

  /** No more records. Otherwise the producer may add some to it after sendBatch(), until it leaves. */
  close(): void {
    if (this.#state === 'OPEN') this.#state = 'CLOSED'
  }

  /**
   * Hands it over. It can be sent once.
   *
   * @internal
   * @throws KafkaError INVALID_ARGUMENT when it was sent, or is empty
   */
  take(): WrittenBatch {
    const { recordCount } = this
    if (this.#state === 'SENT') throw invalidArgument('a batch can be sent once, and this one was')
    if (recordCount === 0) throw invalidArgument('a batch needs a record before it is sent')
    const isClosed = this.#state === 'CLOSED'
    this.#state = 'SENT'
    return {
      writer: this.#writer,
      recordCount,
      isClosed,
      maxBytes: this.#maxBytes,
      memoryBytes: this.#memoryBytes(0),
    }
  }

  #tryAppend(timestamp: number, key: RecordBytes, value: RecordBytes, headers: RecordHeaders): boolean {
    // One that takes more than there is would wait for memory for ever.
    if (this.#memoryBytes(1) > this.#deps.memory.limitBytes) return false
    const neededBytes = this.#writer.tryAppend(timestamp, key, value, headers)
    if (neededBytes === 0) return true
    if (this.recordCount === 0) return this.#begin(neededBytes, timestamp, key, value, headers)
    const { memory, maxRequestSize } = this.#deps
    if (neededBytes > this.#maxBytes) {
      const aloneBytes = new RecordBatchWriter(NO_BUFFER).tryAppend(timestamp, key, value, headers)
      if (aloneBytes > maxRequestSize) throw recordTooLarge(A_BATCH, aloneBytes, maxRequestSize)
      return false
    }
    const { length } = this.#writer
    const usualBytes = Math.min(this.#capacityBytes, BUFFER_BYTES_MAX)
    const bufferBytes = memory.capacityFor(Math.max(neededBytes - length, usualBytes))
    if (this.#memoryBytes(1) + bufferBytes > memory.limitBytes) return false
    this.#capacityBytes += bufferBytes
    this.#writer.extend(Buffer.allocUnsafeSlow(bufferBytes), Math.min(bufferBytes, this.#maxBytes - length))
    return this.#writer.tryAppend(timestamp, key, value, headers) === 0
  }

  #begin(
    neededBytes: number,
    timestamp: number,
    key: RecordBytes,
    value: RecordBytes,
    headers: RecordHeaders,
  ): boolean {
    const { memory, batchSize, maxRequestSize } = this.#deps
    if (neededBytes > maxRequestSize) throw recordTooLarge(A_BATCH, neededBytes, maxRequestSize)
    this.#maxBytes = Math.max(neededBytes, batchSize)
    const buffer = Buffer.allocUnsafeSlow(memory.capacityFor(neededBytes))
    this.#capacityBytes = buffer.length
    this.#writer = new RecordBatchWriter(buffer, Math.min(buffer.length, this.#maxBytes))
    return this.#writer.tryAppend(timestamp, key, value, headers) === 0
  }

  /** What it takes of memory with so many records more. */
  #memoryBytes(moreCount: number): number {
    return this.#capacityBytes + RECORD_OVERHEAD_BYTES * (this.recordCount + moreCount)
  }
}
