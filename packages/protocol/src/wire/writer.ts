import { ProtocolError } from './protocol-error.ts'

const UUID_BYTES = 16
const UUID_LETTERS = 22
const STRING_BYTES_MAX = 0x7f_ff
const CAPACITY_BYTES_DEFAULT = 256
const NO_BYTES = Buffer.alloc(0)

/**
 * A growable byte buffer that writes Kafka's primitive types, big-endian.
 *
 * A writer belongs to one message. `finish()` hands the bytes over and ends the writer's life, so a buffer is never
 * written again while a socket still holds it. A number out of its type's range is a RangeError.
 *
 * @source https://kafka.apache.org/protocol#protocol_types
 */
export class Writer {
  #bytes: Buffer
  #length = 0

  constructor(capacityBytes: number = CAPACITY_BYTES_DEFAULT) {
    this.#bytes = Buffer.allocUnsafe(capacityBytes)
  }

  get length(): number {
    return this.#length
  }

  int8(value: number): void {
    const at = this.#take(1)
    this.#bytes.writeInt8(value, at)
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0)
  }

  int16(value: number): void {
    const at = this.#take(2)
    this.#bytes.writeInt16BE(value, at)
  }

  uint16(value: number): void {
    const at = this.#take(2)
    this.#bytes.writeUInt16BE(value, at)
  }

  int32(value: number): void {
    const at = this.#take(4)
    this.#bytes.writeInt32BE(value, at)
  }

  uint32(value: number): void {
    const at = this.#take(4)
    this.#bytes.writeUInt32BE(value, at)
  }

  int64(value: bigint): void {
    const at = this.#take(8)
    this.#bytes.writeBigInt64BE(value, at)
  }

  float64(value: number): void {
    const at = this.#take(8)
    this.#bytes.writeDoubleBE(value, at)
  }

  /** 0 to 2^32 - 1 in 1 to 5 bytes: seven bits a byte, least significant group first. */
  uvarint(value: number): void {
    let rest = value
    let at = this.#take(uvarintSize(value))
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[at++] = (rest & 0x7f) | 0x80
    this.#bytes[at] = rest
  }

  /** A signed 32-bit number, zigzag coded so that small negative numbers stay short. */
  varint(value: number): void {
    this.uvarint(((value << 1) ^ (value >> 31)) >>> 0)
  }

  /** A signed 64-bit number, zigzag coded, in 1 to 10 bytes. */
  varlong(value: bigint): void {
    let zigzag = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    while (zigzag > 0x7fn) {
      const at = this.#take(1)
      this.#bytes[at] = Number(zigzag & 0x7fn) | 0x80
      zigzag >>= 7n
    }
    const at = this.#take(1)
    this.#bytes[at] = Number(zigzag)
  }

  /** @param value 22 letters of url-safe base64, as Kafka prints a Uuid */
  uuid(value: string): void {
    const at = this.#take(UUID_BYTES)
    if (value.length !== UUID_LETTERS || this.#bytes.write(value, at, UUID_BYTES, 'base64url') !== UUID_BYTES) {
      throw new ProtocolError('INVALID_VALUE', `'${value}' is not a uuid of 22 url-safe base64 letters`)
    }
  }

  utf8(value: string, sizeBytes: number): void {
    const at = this.#take(sizeBytes)
    this.#bytes.write(value, at, sizeBytes, 'utf8')
  }

  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length)
    this.#bytes.set(bytes, at)
  }

  string(value: string): void {
    const sizeBytes = stringSize(value)
    this.int16(sizeBytes)
    this.utf8(value, sizeBytes)
  }

  nullableString(value: string | null): void {
    if (value === null) this.int16(-1)
    else this.string(value)
  }

  compactString(value: string): void {
    const sizeBytes = stringSize(value)
    this.uvarint(sizeBytes + 1)
    this.utf8(value, sizeBytes)
  }

  compactNullableString(value: string | null): void {
    if (value === null) this.uvarint(0)
    else this.compactString(value)
  }

  bytes(value: Uint8Array): void {
    this.int32(value.length)
    this.raw(value)
  }

  nullableBytes(value: Uint8Array | null): void {
    if (value === null) this.int32(-1)
    else this.bytes(value)
  }

  compactBytes(value: Uint8Array): void {
    this.uvarint(value.length + 1)
    this.raw(value)
  }

  compactNullableBytes(value: Uint8Array | null): void {
    if (value === null) this.uvarint(0)
    else this.compactBytes(value)
  }

  /** The number of elements that follow, or null for no array at all. */
  arrayCount(count: number | null): void {
    this.int32(count ?? -1)
  }

  compactArrayCount(count: number | null): void {
    this.uvarint(count === null ? 0 : count + 1)
  }

  /** Overwrites four bytes written before, for a size that is known only at the end. */
  patchInt32(at: number, value: number): void {
    if (at < 0 || at + 4 > this.#length) throw new RangeError(`no int32 was written at byte ${at}`)
    this.#bytes.writeInt32BE(value, at)
  }

  finish(): Buffer {
    const finished = this.#bytes.subarray(0, this.#length)
    this.#bytes = NO_BYTES
    this.#length = 0
    return finished
  }

  /**
   * Claims the next `sizeBytes` and answers where they start. The only place the buffer grows.
   *
   * Growing replaces `#bytes`: call this before naming `#bytes`, never as an argument to its methods.
   */
  #take(sizeBytes: number): number {
    const start = this.#length
    const end = start + sizeBytes
    if (end > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(end, this.#bytes.length * 2))
      this.#bytes.copy(grown, 0, 0, start)
      this.#bytes = grown
    }
    this.#length = end
    return start
  }
}

/** Bytes that `uvarint(value)` takes, 1 to 5: one more for each 7 bits of magnitude. */
export function uvarintSize(value: number): number {
  return value === 0 ? 1 : Math.ceil((32 - Math.clz32(value)) / 7)
}

/** A string may take 32,767 bytes even where its size is a varint: Java refuses longer ones on both ends. */
function stringSize(value: string): number {
  const sizeBytes = Buffer.byteLength(value)
  if (sizeBytes > STRING_BYTES_MAX) {
    throw new ProtocolError('INVALID_VALUE', `a string of ${sizeBytes} bytes: ${STRING_BYTES_MAX} is the limit`)
  }
  return sizeBytes
}
