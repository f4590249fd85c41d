import { ProtocolError } from './protocol-error.ts'

const UUID_BYTES = 16
const VARINT_BYTES_MAX = 5
const VARLONG_BYTES_MAX = 10

/**
 * Reads Kafka's primitive types from bytes that may come from anyone.
 *
 * No read passes `end`, and nothing is allocated for a size before that many bytes are known to be there, so a hostile
 * size costs an error and no memory. Views (`bytes`, `raw`) share the memory that was given: copy to keep them.
 *
 * @source https://kafka.apache.org/protocol#protocol_types
 */
export class Reader {
  readonly #bytes: Buffer
  readonly #view: DataView
  readonly #end: number
  #position: number

  constructor(bytes: Uint8Array, offset: number = 0, end: number = bytes.length) {
    if (offset < 0 || end > bytes.length || offset > end) {
      throw new RangeError(`a reader from ${offset} to ${end} does not fit in ${bytes.length} bytes`)
    }
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#end = end
    this.#position = offset
  }

  get position(): number {
    return this.#position
  }

  get remaining(): number {
    return this.#end - this.#position
  }

  int8(): number {
    return this.#view.getInt8(this.#take(1))
  }

  bool(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#view.getInt16(this.#take(2))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  int32(): number {
    return this.#view.getInt32(this.#take(4))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  int64(): bigint {
    return this.#view.getBigInt64(this.#take(8))
  }

  float64(): number {
    return this.#view.getFloat64(this.#take(8))
  }

  /** 0 to 2^32 - 1 in 1 to 5 bytes: seven bits a byte, least significant group first. */
  uvarint(): number {
    let value = 0
    for (let index = 0; index < VARINT_BYTES_MAX; index++) {
      const byte = this.#view.getUint8(this.#take(1))
      value |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) {
        if (index === VARINT_BYTES_MAX - 1 && byte > 0x0f) break
        return value >>> 0
      }
    }
    throw new ProtocolError('INVALID_LENGTH', `a varint longer than 32 bits before byte ${this.#position}`)
  }

  /** A signed 32-bit number, zigzag coded so that small negative numbers stay short. */
  varint(): number {
    const zigzag = this.uvarint()
    return (zigzag >>> 1) ^ -(zigzag & 1)
  }

  /** A signed 64-bit number, zigzag coded, in 1 to 10 bytes. */
  varlong(): bigint {
    let low = 0
    for (let index = 0; index < 4; index++) {
      const byte = this.#view.getUint8(this.#take(1))
      low |= (byte & 0x7f) << (7 * index)
      if (byte < 0x80) return BigInt((low >>> 1) ^ -(low & 1))
    }
    let zigzag = BigInt(low)
    for (let index = 4; index < VARLONG_BYTES_MAX; index++) {
      const byte = this.#view.getUint8(this.#take(1))
      zigzag |= BigInt(byte & 0x7f) << BigInt(7 * index)
      if (byte < 0x80) {
        if (index === VARLONG_BYTES_MAX - 1 && byte > 1) break
        return (zigzag >> 1n) ^ -(zigzag & 1n)
      }
    }
    throw new ProtocolError('INVALID_LENGTH', `a varlong longer than 64 bits before byte ${this.#position}`)
  }

  /** 22 letters of url-safe base64, as Kafka prints a Uuid. */
  uuid(): string {
    const start = this.#take(UUID_BYTES)
    return this.#bytes.toString('base64url', start, start + UUID_BYTES)
  }

  utf8(sizeBytes: number): string {
    const start = this.#take(sizeBytes)
    return this.#bytes.toString('utf8', start, start + sizeBytes)
  }

  /** A view of the next bytes, not a copy. */
  raw(sizeBytes: number): Uint8Array {
    const start = this.#take(sizeBytes)
    return this.#bytes.subarray(start, start + sizeBytes)
  }

  string(): string {
    return this.#notNull(this.nullableString())
  }

  nullableString(): string | null {
    return this.#sizedString(this.int16())
  }

  compactString(): string {
    return this.#notNull(this.compactNullableString())
  }

  compactNullableString(): string | null {
    return this.#sizedString(this.uvarint() - 1)
  }

  bytes(): Uint8Array {
    return this.#notNull(this.nullableBytes())
  }

  nullableBytes(): Uint8Array | null {
    return this.#sizedBytes(this.int32())
  }

  compactBytes(): Uint8Array {
    return this.#notNull(this.compactNullableBytes())
  }

  compactNullableBytes(): Uint8Array | null {
    return this.#sizedBytes(this.uvarint() - 1)
  }

  /**
   * Answers the number of elements, or null, of an array whose elements take at least `elementBytesMin` each.
   *
   * A count that cannot fit into the rest is refused here, before anyone makes room for it.
   */
  arrayCount(elementBytesMin: number): number | null {
    return this.#checkedCount(this.int32(), elementBytesMin)
  }

  compactArrayCount(elementBytesMin: number): number | null {
    return this.#checkedCount(this.uvarint() - 1, elementBytesMin)
  }

  skip(sizeBytes: number): void {
    this.#take(sizeBytes)
  }

  #sizedString(sizeBytes: number): string | null {
    if (sizeBytes === -1) return null
    if (sizeBytes > 0x7f_ff) throw this.#invalidLength('string', sizeBytes)
    return this.utf8(sizeBytes)
  }

  #sizedBytes(sizeBytes: number): Uint8Array | null {
    return sizeBytes === -1 ? null : this.raw(sizeBytes)
  }

  #checkedCount(count: number, elementBytesMin: number): number | null {
    if (count === -1) return null
    if (count < 0) throw this.#invalidLength('array', count)
    if (count * elementBytesMin > this.remaining) {
      throw new ProtocolError(
        'TRUNCATED',
        `an array of ${count} elements before byte ${this.#position} cannot fit in the ${this.remaining} bytes left`,
      )
    }
    return count
  }

  #notNull<T>(value: T | null): T {
    if (value === null) throw new ProtocolError('UNEXPECTED_NULL', `null before byte ${this.#position} is not allowed`)
    return value
  }

  /** Claims the next `sizeBytes` and answers where they start. The only place the position moves. */
  #take(sizeBytes: number): number {
    const start = this.#position
    if (sizeBytes < 0) throw this.#invalidLength('field', sizeBytes)
    if (sizeBytes > this.#end - start) {
      throw new ProtocolError(
        'TRUNCATED',
        `${sizeBytes} bytes are wanted at byte ${start}, ${this.#end - start} are left`,
      )
    }
    this.#position = start + sizeBytes
    return start
  }

  #invalidLength(what: string, length: number): ProtocolError {
    return new ProtocolError('INVALID_LENGTH', `a ${what} of length ${length} before byte ${this.#position}`)
  }
}
