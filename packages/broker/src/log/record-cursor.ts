import { ErrorCode } from '../error-code.ts'
import { RecordsRefused } from './records-refused.ts'

const NULL_LENGTH = -1
const VARINT_BYTES_MAX = 5
const VARLONG_BYTES_MAX = 10

/**
 * Walks over the records of an uncompressed batch and judges their form, without making an object of any.
 *
 * ```
 * length | attributes | timestampDelta | offsetDelta | keyLength key | valueLength value | headerCount headers
 * varint | int8       | varlong        | varint      | varint        | varint            | varint
 * ```
 *
 * @source Kafka org.apache.kafka.common.record.DefaultRecord.readFrom
 */
export class RecordCursor {
  timestampDelta = 0
  offsetDelta = 0
  hasKey = false

  readonly #bytes: Uint8Array
  #position: number

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes
    this.#position = start
  }

  get atEnd(): boolean {
    return this.#position === this.#bytes.length
  }

  /** @throws RecordsRefused INVALID_RECORD when the bytes are not a record */
  next(): void {
    const lengthBytes = this.#varint()
    const end = this.#position + lengthBytes
    this.#skip(1) // attributes: no bit of it means anything yet
    this.timestampDelta = this.#varlong()
    this.offsetDelta = this.#varint()
    this.hasKey = this.#skipNullable()
    this.#skipNullable()
    const headerCount = this.#varint()
    if (headerCount < 0) malformed(`${headerCount} headers`)
    for (let index = 0; index < headerCount; index++) {
      if (!this.#skipNullable()) malformed('a header has no key')
      this.#skipNullable()
    }
    // One check for every length: fields that end elsewhere had a wrong one, or the record has.
    if (this.#position !== end) malformed(`a record of ${lengthBytes} bytes ends ${this.#position - end} bytes off`)
  }

  /** Answers whether there was a value: its length is -1 when not. */
  #skipNullable(): boolean {
    const lengthBytes = this.#varint()
    if (lengthBytes === NULL_LENGTH) return false
    this.#skip(lengthBytes)
    return true
  }

  /** Never backwards: a batch could be made that is read for ever. */
  #skip(sizeBytes: number): void {
    const end = this.#position + sizeBytes
    if (sizeBytes < 0 || end > this.#bytes.length) malformed(`a field of ${sizeBytes} bytes`)
    this.#position = end
  }

  #varint(): number {
    let value = 0
    for (let shift = 0; shift < VARINT_BYTES_MAX * 7; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    return malformed('a varint of more than 5 bytes')
  }

  /** Exact to 2^53, which covers every date a record can carry; beyond it only the order of magnitude is right. */
  #varlong(): number {
    let value = 0
    let scale = 1
    for (let count = 0; count < VARLONG_BYTES_MAX; count++, scale *= 0x80) {
      const byte = this.#byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
    }
    return malformed('a varlong of more than 10 bytes')
  }

  #byte(): number {
    if (this.atEnd) malformed('the batch ends inside a record')
    return this.#bytes[this.#position++] ?? 0
  }
}

function malformed(what: string): never {
  throw new RecordsRefused(ErrorCode.INVALID_RECORD, what)
}
