import type { Record } from '@linger/protocol'

/** A record to send, before it has a topic. */
export interface DemoRecord {
  readonly key: string | null
  /** Only valid until the next record is made: the producer has copied it by then. */
  readonly value: Uint8Array | null
  readonly headers: readonly (readonly [name: string, value: Uint8Array | null])[]
}

/** Every value begins with the record's index as hexadecimal digits. */
export const INDEX_DIGITS = 8

const NOISE_BYTES = 1 << 20
const TOMBSTONE_KEY = 'gone-'
const NO_HEADERS: DemoRecord['headers'] = []

/**
 * Records made from their index alone, so that the reader of the log can make each again and compare.
 *
 * One of 100 is a tombstone, one of 10 has no key, one of 4 has headers, one of which is null.
 */
export class DemoRecords {
  readonly #noise: Buffer
  readonly #value: Buffer

  constructor(valueBytes: number) {
    this.#value = Buffer.alloc(valueBytes)
    this.#noise = noise(NOISE_BYTES + valueBytes)
  }

  record(index: number): DemoRecord {
    return { key: keyOf(index), value: this.#valueOf(index), headers: headersOf(index) }
  }

  /** The first part of `found` that is not as record `index` was sent; undefined when all of it is. */
  differenceOf(index: number, found: Record): 'key' | 'value' | 'headers' | undefined {
    if (!isText(found.key, keyOf(index))) return 'key'
    if (!isSame(found.value, this.#valueOf(index))) return 'value'
    const headers = headersOf(index)
    const same =
      headers.length === found.headers.length &&
      headers.every(([name, value], at) => {
        const [foundName, foundValue] = found.headers[at] ?? ['', null]
        return name === foundName && isSame(foundValue, value)
      })
    return same ? undefined : 'headers'
  }

  #valueOf(index: number): Uint8Array | null {
    if (isTombstone(index)) return null
    const value = this.#value
    value.write(index.toString(16).padStart(INDEX_DIGITS, '0'), 'latin1')
    const from = (index * 7_919) % NOISE_BYTES
    this.#noise.copy(value, INDEX_DIGITS, from, from + value.length - INDEX_DIGITS)
    return value
  }
}

/** Which record this was when it was sent; undefined for one that the demo did not make. */
export function indexOf({ key, value }: Pick<Record, 'key' | 'value'>): number | undefined {
  if (value !== null) return hexIndex(value, 0)
  const prefix = key === null ? '' : latin1(key, 0, TOMBSTONE_KEY.length)
  return key !== null && prefix === TOMBSTONE_KEY ? hexIndex(key, TOMBSTONE_KEY.length) : undefined
}

function hexIndex(bytes: Uint8Array, from: number): number | undefined {
  const digits = latin1(bytes, from, from + INDEX_DIGITS)
  return /^[0-9a-f]{8}$/u.test(digits) ? Number.parseInt(digits, 16) : undefined
}

function isTombstone(index: number): boolean {
  return index % 100 === 99
}

/** A tombstone has no value to hold its index: its key does. */
function keyOf(index: number): string | null {
  if (isTombstone(index)) return `${TOMBSTONE_KEY}${index.toString(16).padStart(INDEX_DIGITS, '0')}`
  return index % 10 === 0 ? null : `user-${index % 10_000}`
}

function headersOf(index: number): DemoRecord['headers'] {
  if (index % 4 !== 0) return NO_HEADERS
  return [
    ['trace-id', Buffer.from(String(index))],
    ['parent-id', null],
  ]
}

function isText(found: Uint8Array | null, expected: string | null): boolean {
  if (found === null || expected === null) return found === expected
  return latin1(found, 0, found.length) === expected
}

function isSame(found: Uint8Array | null, expected: Uint8Array | null): boolean {
  if (found === null || expected === null) return found === expected
  return Buffer.compare(found, expected) === 0
}

function latin1(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1', from, to)
}

/** Bytes without a pattern that would hide a shift by a few of them: a xorshift generator's. */
function noise(sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes)
  let state = 0x9e3779b9
  for (let at = 0; at < sizeBytes; at++) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    bytes[at] = state & 0xff
  }
  return bytes
}
