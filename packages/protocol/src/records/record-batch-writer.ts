import { crc32c } from './crc32c.ts'
import { TimestampRuns } from './timestamp-runs.ts'

/** Bytes of a record batch before its first record. */
export const BATCH_HEADER_BYTES = 61

/** What a record may carry as key or value once serialized: UTF-8 is made of strings only as they are written. */
export type RecordBytes = Uint8Array | string | null

/** A record's headers in wire order; keys may repeat. */
export type RecordHeaders = readonly (readonly [key: string, value: RecordBytes])[]

export const NO_HEADERS: RecordHeaders = []

/** What is decided about a batch only when it is first sent. */
export interface BatchSeal {
  /** -1 when the producer is not idempotent. */
  readonly producerId: bigint
  /** 0 to 32_767, or -1 when the producer is not idempotent. */
  readonly producerEpoch: number
  /** Sequence of the first record, 0 to 2_147_483_647, or -1 when the producer is not idempotent. */
  readonly baseSequence: number
  /** It belongs to a transaction. */
  readonly isTransactional: boolean
}

/** The records in compressed form, behind the header of the batch. */
interface Compressed {
  readonly id: number
  readonly pieces: readonly Buffer[]
  readonly length: number
}

const TRANSACTIONAL_BIT = 0x10

export const NOT_IDEMPOTENT: BatchSeal = {
  producerId: -1n,
  producerEpoch: -1,
  baseSequence: -1,
  isTransactional: false,
}

/**
 * Writes records as a batch of magic 2, each record's final bytes at once.
 *
 * The writer never allocates and never copies what it wrote: it fills the buffer it was given, and says how many
 * bytes the batch needs when that one is full. Its owner gives it another, in which the batch goes on. A record
 * never crosses from one buffer to the next, so each ends where its last record does.
 *
 * ```
 *   0 baseOffset int64 | 8 batchLength int32 | 12 partitionLeaderEpoch int32 | 16 magic int8 | 17 crc uint32
 *  21 attributes int16 | 23 lastOffsetDelta int32 | 27 baseTimestamp int64 | 35 maxTimestamp int64
 *  43 producerId int64 | 51 producerEpoch int16 | 53 baseSequence int32 | 57 recordCount int32 | 61 records
 * ```
 *
 * @source Kafka DefaultRecordBatch, DefaultRecord
 */
export class RecordBatchWriter {
  /** Where the next record goes, and how far it is filled. */
  #bytes: Buffer
  #end = BATCH_HEADER_BYTES
  #room: number
  /** The buffers before it, and what of them is the batch. */
  #fullBuffers: Buffer[] | undefined
  #fullPieces: Buffer[] | undefined
  #fullBytes = 0
  #capacity: number
  #compressed: Compressed | undefined
  #recordCount = 0
  #baseTimestamp = 0
  readonly #givenBaseTimestamp: number | undefined
  #maxTimestampDelta = 0
  #lastNearDelta = 0
  #timestampRuns: TimestampRuns | undefined

  /**
   * @param bytes room for the header, 61 bytes, and for records; without room every record is refused
   * @param roomBytes how many of them may be filled
   * @param baseTimestamp for records that are written anew: with the one they had they need no more bytes than before.
   *   Default: the first record's
   */
  constructor(bytes: Buffer, roomBytes: number = bytes.length, baseTimestamp?: number) {
    this.#bytes = bytes
    this.#capacity = bytes.length
    this.#room = roomBytes
    this.#givenBaseTimestamp = baseTimestamp
  }

  get recordCount(): number {
    return this.#recordCount
  }

  /** Bytes written so far, with the header, before compression. */
  get length(): number {
    return this.#fullBytes + this.#end
  }

  /** What it comes to when it is sent. */
  get wireLength(): number {
    return this.#compressed?.length ?? this.length
  }

  /** Bytes of all its buffers. */
  get capacity(): number {
    return this.#capacity
  }

  /**
   * Appends one record, or answers how many bytes the batch would have with it.
   *
   * @param timestamp milliseconds since 1970, any safe integer
   * @returns 0 when the record is in the batch; else nothing was written, and the batch would be this long: the next
   *   buffer must have the difference to `length`
   */
  tryAppend(timestamp: number, key: RecordBytes, value: RecordBytes, headers: RecordHeaders): number {
    const offsetDelta = this.#recordCount
    if (offsetDelta === 0) this.#begin(timestamp)
    const timestampDelta = timestamp - this.#baseTimestamp
    // Almost always an int32, which V8 keeps in a register; what is further apart takes the long way.
    const nearDelta = timestampDelta | 0
    const isNear = nearDelta === timestampDelta
    const zigzagDelta = ((nearDelta << 1) ^ (nearDelta >> 31)) >>> 0
    const keySize = key === null ? -1 : byteLength(key)
    const valueSize = value === null ? -1 : byteLength(value)
    const hasHeaders = headers.length > 0
    const bodySize =
      1 + // attributes
      (isNear ? sizeOfUnsigned(zigzagDelta) : varlongSize(timestampDelta)) +
      sizeOfUnsigned(offsetDelta << 1) +
      (keySize < 0 ? 1 : sizeOfSized(keySize)) +
      (valueSize < 0 ? 1 : sizeOfSized(valueSize)) +
      (hasHeaders ? headersSize(headers) : 1)

    const start = this.#end
    const end = start + sizeOfUnsigned(bodySize << 1) + bodySize
    const bytes = this.#bytes
    if (end > this.#room) return this.#fullBytes + end

    let at = writeUnsigned(bytes, start, bodySize << 1)
    bytes[at++] = 0
    at = isNear ? writeUnsigned(bytes, at, zigzagDelta) : writeVarlong(bytes, at, timestampDelta)
    at = writeUnsigned(bytes, at, offsetDelta << 1)
    if (key === null) bytes[at++] = NULL_SIZE
    else at = writeSized(bytes, at, key, keySize)
    if (value === null) bytes[at++] = NULL_SIZE
    else if (typeof value === 'string') at = writeSized(bytes, at, value, valueSize)
    else {
      at = writeUnsigned(bytes, at, valueSize << 1)
      bytes.set(value, at)
      at += valueSize
    }
    if (hasHeaders) writeHeaders(bytes, at, headers)
    else bytes[at] = 0

    this.#end = end
    this.#recordCount = offsetDelta + 1
    if (nearDelta !== this.#lastNearDelta || !isNear) this.#startTimestampRun(offsetDelta, timestampDelta)
    return 0
  }

  #begin(timestamp: number): void {
    this.#baseTimestamp = this.#givenBaseTimestamp ?? timestamp
    this.#maxTimestampDelta = timestamp - this.#baseTimestamp
  }

  #startTimestampRun(offsetDelta: number, timestampDelta: number): void {
    this.#lastNearDelta = timestampDelta | 0
    if (timestampDelta > this.#maxTimestampDelta) this.#maxTimestampDelta = timestampDelta
    this.#timestampRuns ??= new TimestampRuns()
    this.#timestampRuns.start(offsetDelta, timestampDelta)
  }

  /**
   * Goes on in another buffer.
   *
   * @param roomBytes how many bytes of it may be filled
   */
  extend(bytes: Buffer, roomBytes: number = bytes.length): void {
    this.#fullBuffers ??= []
    this.#fullPieces ??= []
    this.#fullBuffers.push(this.#bytes)
    this.#fullPieces.push(this.#bytes.subarray(0, this.#end))
    this.#fullBytes += this.#end
    this.#bytes = bytes
    this.#capacity += bytes.length
    this.#room = roomBytes
    this.#end = 0
  }

  /**
   * Writes the header and the checksum, and answers the batch's bytes, in pieces.
   *
   * They are views of the buffers and must not change from here on: a retry sends the same bytes again, or the
   * broker could not tell that it has them already.
   */
  seal(seal: BatchSeal): Buffer[] {
    const pieces = this.#pieces()
    this.#writeHeader(pieces, seal)
    return pieces
  }

  /** The same with the header in memory of its own: somebody still holds the batch as it was sealed before. */
  sealAnew(seal: BatchSeal): Buffer[] {
    const pieces = [Buffer.alloc(BATCH_HEADER_BYTES), ...this.recordPieces()]
    this.#writeHeader(pieces, seal)
    return pieces
  }

  /** All but its header. */
  recordPieces(): Buffer[] {
    const [first = NO_BYTES, ...rest] = this.#pieces()
    return [first.subarray(BATCH_HEADER_BYTES), ...rest]
  }

  /**
   * Puts the compressed records in the place of the records.
   *
   * @param id Kafka's number of the compression, 1 to 4
   * @param bytes what it made of `recordPieces()`, and not more of them. They are copied
   * @returns the buffers that are not needed any more
   */
  compress(id: number, bytes: Uint8Array): Buffer[] {
    const buffers = this.takeBuffers()
    const pieces: Buffer[] = []
    let start = BATCH_HEADER_BYTES
    let taken = 0
    while (taken < bytes.length) {
      const buffer = buffers[pieces.length]
      if (buffer === undefined) throw new RangeError('compressed records are longer than the records')
      const end = Math.min(buffer.length, start + bytes.length - taken)
      buffer.set(bytes.subarray(taken, taken + end - start), start)
      pieces.push(buffer.subarray(0, end))
      taken += end - start
      start = 0
    }
    this.#fullBuffers = buffers.splice(0, pieces.length)
    this.#compressed = { id, pieces, length: BATCH_HEADER_BYTES + bytes.length }
    return buffers
  }

  #writeHeader(pieces: readonly Buffer[], seal: BatchSeal): void {
    const { producerId, producerEpoch, baseSequence, isTransactional } = seal
    const compressionId = this.#compressed?.id ?? 0
    const [first = NO_BYTES, ...rest] = pieces
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0)
    writeInt64(first, 0, 0)
    first.writeInt32BE(sizeBytes - 12, 8)
    first.writeInt32BE(-1, 12) // the leader writes its epoch
    first[16] = 2
    first.writeInt16BE(compressionId | (isTransactional ? TRANSACTIONAL_BIT : 0), 21)
    first.writeInt32BE(this.#recordCount - 1, 23)
    writeInt64(first, 27, this.#baseTimestamp)
    writeInt64(first, 35, this.maxTimestamp)
    first.writeBigInt64BE(producerId, 43)
    first.writeInt16BE(producerEpoch, 51)
    first.writeInt32BE(baseSequence, 53)
    first.writeInt32BE(this.#recordCount, 57)
    let crc = crc32c(first.subarray(21))
    for (const piece of rest) crc = crc32c(piece, crc)
    first.writeUInt32BE(crc, 17)
  }

  /** Milliseconds since 1970 from which the records' timestamps are counted: the first record's, unless given. */
  get baseTimestamp(): number {
    return this.#baseTimestamp
  }

  /** Milliseconds since 1970 of the latest record. */
  get maxTimestamp(): number {
    return this.#baseTimestamp + this.#maxTimestampDelta
  }

  /** How far the records' timestamps are from the base; undefined when they are the same. */
  get timestampRuns(): TimestampRuns | undefined {
    return this.#timestampRuns
  }

  #pieces(): Buffer[] {
    if (this.#compressed !== undefined) return [...this.#compressed.pieces]
    const last = this.#bytes.subarray(0, this.#end)
    return this.#fullPieces === undefined ? [last] : [...this.#fullPieces, last]
  }

  /** The buffers, to give them back when the batch is settled and no socket holds it. The writer's life ends. */
  takeBuffers(): Buffer[] {
    const buffers = this.#fullBuffers ?? []
    if (this.#bytes.length > 0) buffers.push(this.#bytes)
    this.#bytes = NO_BYTES
    this.#fullBuffers = undefined
    this.#fullPieces = undefined
    return buffers
  }
}

const NO_BYTES = Buffer.alloc(0)

/** -1 as a zigzag varint. */
const NULL_SIZE = 1

function byteLength(value: Uint8Array | string): number {
  return typeof value === 'string' ? utf8Size(value) : value.length
}

/** A safe integer as an int64, without a bigint in between. */
function writeInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / 0x1_0000_0000), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

/** UTF-8 bytes of `text`. Short ASCII is counted here: a call into V8's own counter costs more than the loop. */
function utf8Size(text: string): number {
  if (text.length > 32) return Buffer.byteLength(text)
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) > 0x7f) return Buffer.byteLength(text)
  }
  return text.length
}

/** Bytes of an unsigned varint below 2^31. */
function sizeOfUnsigned(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
}

/** Bytes of a length and of what it counts. */
function sizeOfSized(size: number): number {
  return sizeOfUnsigned(size << 1) + size
}

function headersSize(headers: RecordHeaders): number {
  let size = sizeOfUnsigned(headers.length << 1)
  for (const [key, value] of headers) {
    size += sizeOfSized(utf8Size(key))
    size += value === null ? 1 : sizeOfSized(byteLength(value))
  }
  return size
}

/** Bytes of a zigzag varlong of a safe integer. */
function varlongSize(value: number): number {
  const magnitude = value < 0 ? -(value + 1) : value
  if (magnitude < 0x40) return 1
  let size = 1
  for (let rest = magnitude / 0x40; rest >= 1; rest /= 0x80) size++
  return size
}

function writeUnsigned(bytes: Uint8Array, at: number, value: number): number {
  while (value > 0x7f) {
    bytes[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  bytes[at] = value
  return at + 1
}

/** A zigzag varlong beyond the 32 bits that JavaScript's shifts can do. */
function writeVarlong(bytes: Uint8Array, at: number, value: number): number {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  for (; rest > 0x7fn; rest >>= 7n) bytes[at++] = Number(rest & 0x7fn) | 0x80
  bytes[at] = Number(rest)
  return at + 1
}

/** A length and what it counts. */
function writeSized(bytes: Buffer, at: number, value: Uint8Array | string, size: number): number {
  at = writeUnsigned(bytes, at, size << 1)
  if (typeof value !== 'string') bytes.set(value, at)
  else if (size === value.length && size <= 32) writeAscii(bytes, at, value)
  else bytes.write(value, at, size, 'utf8')
  return at + size
}

function writeAscii(bytes: Uint8Array, at: number, text: string): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i)
}

function writeHeaders(bytes: Buffer, at: number, headers: RecordHeaders): void {
  at = writeUnsigned(bytes, at, headers.length << 1)
  for (const [key, value] of headers) {
    at = writeSized(bytes, at, key, utf8Size(key))
    if (value === null) bytes[at++] = NULL_SIZE
    else at = writeSized(bytes, at, value, byteLength(value))
  }
}
