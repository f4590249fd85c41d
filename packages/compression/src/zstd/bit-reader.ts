import { corrupt } from './corrupt.ts'

/**
 * Reads bits from the end of the bytes towards their beginning, as zstd's entropy streams are read. The last byte ends
 * with a bit 1, and what is above it is padding.
 *
 * @source RFC 8878, 4.1, 4.2.2
 */
export class BackwardBitReader {
  readonly #bytes: Uint8Array
  /** How many are left; less than zero when more were read than there are, which were zeros. */
  left: number

  constructor(bytes: Uint8Array) {
    const last = bytes.at(-1) ?? 0
    if (last === 0) throw corrupt('a stream of bits without its end')
    this.#bytes = bytes
    this.left = bytes.length * 8 - Math.clz32(last << 24) - 1
  }

  /** The next `count` bits, 0 to 31. */
  read(count: number): number {
    if (count > 16) return this.read(count - 16) * 0x1_0000 + this.read(16)
    const value = this.peek(count)
    this.left -= count
    return value
  }

  /** The next `count` bits, 0 to 16, which stay. */
  peek(count: number): number {
    const start = this.left - count
    if (start >= 0) return this.#bitsAt(start) & ((1 << count) - 1)
    return this.left > 0 ? ((this.#bitsAt(0) & ((1 << this.left) - 1)) << -start) & ((1 << count) - 1) : 0
  }

  /** 17 bits or more, from the `start`th on. */
  #bitsAt(start: number): number {
    const bytes = this.#bytes
    const at = start >> 3
    const bits = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16)
    return bits >> (start & 7)
  }
}
