import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'

/** One record to send, as the producer takes it. */
export interface MixedRecord {
  readonly key: string | Uint8Array | null
  readonly value: string | Uint8Array | null
  readonly headers: readonly (readonly [key: string, value: Uint8Array | null])[]
  /** Left out for about half of them: the producer then takes the time of the send. */
  readonly timestamp?: number
  /** Left out for most: the producer then chooses. */
  readonly partition?: number
}

/** What a read-back record shows of itself; enough to tell which record it was. */
export interface Identifiable {
  readonly timestamp: number
  readonly value: Uint8Array | null
}

const INDEX_DIGITS = 8
const SMALL_BYTES = 1_000
const NOISE_BYTES = 1 << 20
/** 2020-01-01. Long ago, so that no clock gives such a time by itself. */
const TIMESTAMP_BASE = 1_577_836_800_000
/** Turns runs of 128 timestamps round: within a batch they go down as well as up. */
const TIMESTAMP_ORDER = 127

const TEXT = 'Vom Eise befreit sind Strom und Bäche, 東風解凍, ручьи бегут 🌊. '
const TEXT_BYTES = Buffer.byteLength(TEXT)

/** How many of a thousand values are at most how large. Within a class small ones are more frequent. */
const VALUE_SIZES: readonly (readonly [perMille: number, minBytes: number, maxBytes: number])[] = [
  [990, INDEX_DIGITS, SMALL_BYTES],
  [999, SMALL_BYTES, 10_000],
  [1_000, 10_000, 500_000],
]

/**
 * Records of every shape that Kafka allows, each made from its index alone, so that a reader can make it again and
 * compare. A million of them take about 340 MB: 99 % of the values are under 1 KB, 0.9 % up to 10 KB and 0.1 % up to
 * 500 KB, as keys and headers come null, empty, repeated, text or binary.
 *
 * A record tells its index: a value begins with it, and a record without one has it in its timestamp.
 */
export class MixedRecords {
  readonly #seed: number
  readonly #partitionCount: number
  readonly #noise: Buffer
  readonly #text: Buffer

  constructor(seed: number, partitionCount: number) {
    this.#seed = seed
    this.#partitionCount = partitionCount
    const random = new SeededRandom(seed)
    this.#noise = Buffer.alloc(NOISE_BYTES)
    for (let at = 0; at < NOISE_BYTES; at += 4) this.#noise.writeUInt32LE(random.uint32(), at)
    this.#text = Buffer.alloc(NOISE_BYTES, TEXT)
  }

  /** @param index 0 to 2^31 - 1 */
  record(index: number): MixedRecord {
    const random = new SeededRandom(Math.imul(index, 0x9e3779b1) ^ this.#seed)
    const key = this.#key(random)
    const value = this.#value(random, index)
    const hasTimestamp = value === null || value.length === 0 || random.isLucky(0.5)
    return {
      key,
      value,
      headers: random.isLucky(0.5) ? [] : this.#headers(random),
      ...(hasTimestamp ? { timestamp: TIMESTAMP_BASE + (index ^ TIMESTAMP_ORDER) } : {}),
      ...(random.isLucky(0.2) ? { partition: random.below(this.#partitionCount) } : {}),
    }
  }

  #key(random: SeededRandom): MixedRecord['key'] {
    const kind = random.below(20)
    if (kind < 4) return null
    if (kind < 5) return ''
    if (kind < 10) return `user-${random.below(10_000)}`
    if (kind < 14) return `客户-${random.below(1_000)}-é`
    return this.#bytes(random, 1 + random.below(32))
  }

  #value(random: SeededRandom, index: number): MixedRecord['value'] {
    const sizeBytes = valueSizeBytes(random)
    const kind = random.below(40)
    const digits = index.toString(16).padStart(INDEX_DIGITS, '0')
    if (sizeBytes < SMALL_BYTES) {
      if (kind < 2) return null
      if (kind < 4) return new Uint8Array(0)
      if (kind < 8) return digits + TEXT.repeat((sizeBytes - INDEX_DIGITS) / TEXT_BYTES)
    }

    const value = Buffer.allocUnsafe(sizeBytes)
    value.write(digits, 'latin1')
    const from = random.below(NOISE_BYTES - sizeBytes)
    const source = kind < 24 ? this.#text : this.#noise
    source.copy(value, INDEX_DIGITS, from, from + sizeBytes - INDEX_DIGITS)
    return value
  }

  #headers(random: SeededRandom): [string, Uint8Array | null][] {
    const headers: [string, Uint8Array | null][] = []
    for (let left = 1 + random.below(4); left > 0; left--) {
      // Few names, so that many records have one twice.
      const name = ['trace-id', 'source', '', 'größe'][random.below(4)] ?? ''
      const kind = random.below(6)
      headers.push([name, kind === 0 ? null : this.#bytes(random, kind === 1 ? 0 : random.below(40))])
    }
    return headers
  }

  #bytes(random: SeededRandom, sizeBytes: number): Uint8Array {
    const from = random.below(NOISE_BYTES - sizeBytes)
    return this.#noise.subarray(from, from + sizeBytes)
  }
}

/** The index of the record that this was when it was sent; undefined for a record that we never made. */
export function indexOf({ value, timestamp }: Identifiable): number | undefined {
  if (value === null || value.length === 0) {
    const index = (timestamp - TIMESTAMP_BASE) ^ TIMESTAMP_ORDER
    return timestamp >= TIMESTAMP_BASE && timestamp - TIMESTAMP_BASE < 2 ** 31 ? index : undefined
  }
  const digits = Buffer.from(value.subarray(0, INDEX_DIGITS)).toString('latin1')
  return /^[0-9a-f]{8}$/u.test(digits) ? Number.parseInt(digits, 16) : undefined
}

function valueSizeBytes(random: SeededRandom): number {
  const perMille = random.below(1_000)
  const [, minBytes, maxBytes] = VALUE_SIZES.find(([upTo]) => perMille < upTo) ?? [0, INDEX_DIGITS, INDEX_DIGITS]
  return Math.floor(minBytes * (maxBytes / minBytes) ** random.next())
}
