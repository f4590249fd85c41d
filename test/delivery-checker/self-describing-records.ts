import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import type { Identity } from './delivery-checker.ts'
import type { LogRecord, SentRecord } from './log-record.ts'

export interface RecordsTopic {
  readonly name: string
  /** Records that name a partition name one below this. */
  readonly partitionCount: number
}

export interface RecordsOptions {
  /** 0 to 2^32 - 1: records of another run are strangers. */
  readonly runId: number
  /** 0 to 65,535. */
  readonly producer: number
  /** At most 65,536. Each record goes to one of them. */
  readonly topics: readonly RecordsTopic[]
  /** Most values are no larger than this, of 32 to 2^19 bytes. Default: 200. */
  readonly valueBytesUsual?: number
  /** One value in a thousand may be this large. Default: as the others. */
  readonly valueBytesMax?: number
}

/**
 * ```
 * L 0000002a 0003 0001 ffff 000004d2 ;
 *   run      |    |    |    number
 *            |    |    partition wanted, ffff for any
 *            |    topic
 *            producer
 * ```
 */
const IDENTITY_BYTES = 30
const RUN_DIGITS = 8
const PRODUCER_AT = 1 + RUN_DIGITS
const NUMBER_AT = PRODUCER_AT + 12
const ANY_PARTITION = 0xffff

const NOISE_BYTES = 1 << 20
/** 2020-01-01. Long ago, so that no clock gives such a time by itself. */
const TIMESTAMP_BASE = 1_577_836_800_000
const KEYS = 64
const HEADER_NAMES = ['trace-id', 'source', '', 'größe'] as const

/**
 * The records of one producer, each made from its number alone, so that a reader can make it again and compare every
 * byte. Keys, values and headers come null, empty, repeated, text and binary; some records name a partition, some a
 * timestamp. Each tells who made it: its value begins with that, or its key is it where there is no value.
 */
export class SelfDescribingRecords {
  readonly #options: Required<RecordsOptions>
  readonly #noise: Buffer

  constructor(options: RecordsOptions) {
    const { valueBytesUsual = 200 } = options
    this.#options = { valueBytesUsual, valueBytesMax: valueBytesUsual, ...options }
    this.#noise = noise()
  }

  get producer(): number {
    return this.#options.producer
  }

  /** @param n 0 to 2^32 - 1 */
  record(n: number): SentRecord {
    const { runId, producer, topics } = this.#options
    const chance = new SeededRandom(Math.imul(n ^ Math.imul(producer + 1, 0x85ebca6b), 0x9e3779b1) ^ runId)
    const topicIndex = chance.below(topics.length)
    const topic = topics[topicIndex]
    if (topic === undefined) throw new Error('records need a topic')
    const partition = chance.below(8) === 0 ? chance.below(topic.partitionCount) : undefined
    const identity =
      `L${hex(runId, RUN_DIGITS)}${hex(producer, 4)}${hex(topicIndex, 4)}` +
      `${hex(partition ?? ANY_PARTITION, 4)}${hex(n, 8)};`
    const body = chance.below(20) === 0 ? this.#withoutValue(chance, identity) : this.#withValue(chance, identity)
    return {
      topic: topic.name,
      ...body,
      headers: chance.below(4) > 0 ? [] : this.#headers(chance),
      ...(chance.below(4) === 0 ? { timestamp: TIMESTAMP_BASE + (n ^ 0x7f) } : {}),
      ...(partition === undefined ? {} : { partition }),
    }
  }

  /** Which record of this run a record is; undefined when it is none. */
  identify(record: Pick<LogRecord, 'key' | 'value'>): Identity | undefined {
    const bytes = record.value === null || record.value.length === 0 ? record.key : record.value
    if (bytes === null || bytes.length < IDENTITY_BYTES) return undefined
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, IDENTITY_BYTES).toString('latin1')
    if (!/^L[0-9a-f]{28};$/u.test(text)) return undefined
    if (Number.parseInt(text.slice(1, PRODUCER_AT), 16) !== this.#options.runId) return undefined
    return {
      producer: Number.parseInt(text.slice(PRODUCER_AT, PRODUCER_AT + 4), 16),
      n: Number.parseInt(text.slice(NUMBER_AT, NUMBER_AT + 8), 16),
    }
  }

  #withoutValue(chance: SeededRandom, identity: string): Pick<SentRecord, 'key' | 'value'> {
    return { key: Buffer.from(identity), value: chance.below(2) === 0 ? null : new Uint8Array(0) }
  }

  #withValue(chance: SeededRandom, identity: string): Pick<SentRecord, 'key' | 'value'> {
    const { valueBytesUsual, valueBytesMax } = this.#options
    const key = this.#key(chance)
    const limitBytes = chance.below(1000) === 0 ? valueBytesMax : valueBytesUsual
    const fillerBytes = chance.below(Math.max(1, limitBytes - IDENTITY_BYTES))
    if (chance.below(8) === 0) return { key, value: identity + '東風é-'.repeat(fillerBytes / 9) }
    const value = Buffer.allocUnsafe(IDENTITY_BYTES + fillerBytes)
    value.write(identity, 'latin1')
    const from = chance.below(NOISE_BYTES - fillerBytes)
    this.#noise.copy(value, IDENTITY_BYTES, from, from + fillerBytes)
    return { key, value }
  }

  #key(chance: SeededRandom): SentRecord['key'] {
    const kind = chance.below(20)
    if (kind < 7) return null
    if (kind < 8) return ''
    if (kind < 15) return `user-${chance.below(KEYS)}`
    return this.#bytes(chance, 1 + chance.below(32))
  }

  #headers(chance: SeededRandom): [string, Uint8Array | null][] {
    const headers: [string, Uint8Array | null][] = []
    for (let left = 1 + chance.below(4); left > 0; left--) {
      const name = HEADER_NAMES[chance.below(HEADER_NAMES.length)] ?? ''
      const kind = chance.below(6)
      headers.push([name, kind === 0 ? null : this.#bytes(chance, kind === 1 ? 0 : chance.below(40))])
    }
    return headers
  }

  #bytes(chance: SeededRandom, sizeBytes: number): Uint8Array {
    const from = chance.below(NOISE_BYTES - sizeBytes)
    return this.#noise.subarray(from, from + sizeBytes)
  }
}

let noiseBytes: Buffer | undefined

/** The same for all: a megabyte takes longer to make than a short run lasts. */
function noise(): Buffer {
  if (noiseBytes === undefined) {
    noiseBytes = Buffer.alloc(NOISE_BYTES)
    const chance = new SeededRandom(0x6c696e67)
    for (let at = 0; at < NOISE_BYTES; at += 4) noiseBytes.writeUInt32LE(chance.uint32(), at)
  }
  return noiseBytes
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
