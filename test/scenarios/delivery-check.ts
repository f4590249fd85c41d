import type { ReadRecord } from '../read-back/record-dump.ts'
import { indexOf, type MixedRecord, type MixedRecords } from './mixed-records.ts'

/** What the producer said of a record. */
export interface Acknowledgement {
  readonly partition: number
  readonly offset: number | undefined
  readonly timestamp: number
}

export interface DeliveryReport {
  /** Records handed to the producer. */
  readonly sent: number
  readonly acked: number
  /** Found once, where the acknowledgement says, in order, byte for byte. */
  readonly verified: number
  /** Acknowledged and not in the log. */
  readonly lost: number
  /** Further copies of a record. */
  readonly duplicated: number
  /** Behind a record of their partition that was sent after them. */
  readonly reordered: number
  /** In another partition or at another offset than was acknowledged or asked for. */
  readonly misplaced: number
  /** Other key, value, headers or timestamp than was sent or acknowledged. */
  readonly different: number
  /** In the log although never sent, or said never to have been written. */
  readonly invented: number
  /** The first few findings, for a person. */
  readonly examples: readonly string[]
}

const EXAMPLES_MAX = 10

const UNSENT = 0
const SENT = 1
const ACKED = 2
const NEVER = 3

type Finding = 'lost' | 'duplicated' | 'reordered' | 'misplaced' | 'different' | 'invented'

/**
 * Compares what a log holds with what was sent, in the order of their indexes by one producer.
 *
 * Tell it of every record `sent`, how it was settled (`acked` or `failed`), then of every record `read`; then ask for
 * the `report`. Holds a few bytes per record: their contents are made again from the index.
 */
export class DeliveryCheck {
  readonly #records: MixedRecords
  readonly #topic: string
  readonly #settled: Uint8Array
  readonly #partitions: Int32Array
  /** NaN: the producer did not learn it. */
  readonly #offsets: Float64Array
  readonly #timestamps: Float64Array
  readonly #copies: Uint8Array
  readonly #newestOf = new Map<number, number>()
  readonly #counts: Record<Finding, number> = {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    misplaced: 0,
    different: 0,
    invented: 0,
  }
  readonly #examples: string[] = []
  #verified = 0

  constructor(records: MixedRecords, topic: string, count: number) {
    this.#records = records
    this.#topic = topic
    this.#settled = new Uint8Array(count)
    this.#partitions = new Int32Array(count)
    this.#offsets = new Float64Array(count)
    this.#timestamps = new Float64Array(count)
    this.#copies = new Uint8Array(count)
  }

  sent(index: number): void {
    this.#settled[index] = SENT
  }

  acked(index: number, { partition, offset, timestamp }: Acknowledgement): void {
    this.#settled[index] = ACKED
    this.#partitions[index] = partition
    this.#offsets[index] = offset ?? Number.NaN
    this.#timestamps[index] = timestamp
  }

  /** @param outcome 'never' promises that it is not in the log; 'unknown' leaves both open */
  failed(index: number, outcome: 'never' | 'unknown'): void {
    this.#settled[index] = outcome === 'never' ? NEVER : SENT
  }

  read(record: ReadRecord): void {
    const index = indexOf(record)
    const settled = index === undefined ? UNSENT : (this.#settled[index] ?? UNSENT)
    if (index === undefined || settled === UNSENT || settled === NEVER) {
      this.#note('invented', record, settled === NEVER ? 'was said never to be written' : 'was never sent')
      return
    }

    const copies = (this.#copies[index] ?? 0) + 1
    this.#copies[index] = Math.min(copies, 255)
    if (copies > 1) {
      this.#note('duplicated', record, `is copy ${copies} of record ${index}`)
      return
    }

    const expected = this.#records.record(index)
    const inOrder = this.#checkOrder(index, record)
    const inPlace = this.#checkPlace(index, expected, record, settled === ACKED)
    const equal = this.#checkContents(index, expected, record, settled === ACKED)
    if (inOrder && inPlace && equal && settled === ACKED) this.#verified += 1
  }

  /** Call it once, when everything is read: only then is a record known to be lost. */
  report(): DeliveryReport {
    let sent = 0
    let acked = 0
    for (const [index, settled] of this.#settled.entries()) {
      if (settled !== UNSENT) sent += 1
      if (settled !== ACKED) continue
      acked += 1
      if (this.#copies[index] === 0) {
        this.#count('lost', `record ${index}, acknowledged at ${this.#partitions[index]}@${this.#offsets[index]}`)
      }
    }
    return { sent, acked, verified: this.#verified, ...this.#counts, examples: this.#examples }
  }

  #checkOrder(index: number, record: ReadRecord): boolean {
    const newest = this.#newestOf.get(record.partition) ?? -1
    this.#newestOf.set(record.partition, Math.max(newest, index))
    if (index > newest) return true
    this.#note('reordered', record, `is record ${index}, behind ${newest}`)
    return false
  }

  #checkPlace(index: number, expected: MixedRecord, record: ReadRecord, acked: boolean): boolean {
    const offset = this.#offsets[index] ?? Number.NaN
    const right =
      record.topic === this.#topic &&
      (expected.partition === undefined || record.partition === expected.partition) &&
      (!acked || record.partition === this.#partitions[index]) &&
      (!acked || Number.isNaN(offset) || record.offset === offset)
    if (right) return true
    const acknowledged = acked ? `acknowledged at ${this.#partitions[index]}@${offset}` : 'not acknowledged'
    this.#note('misplaced', record, `is record ${index}, ${acknowledged}, sent to ${expected.partition ?? 'any'}`)
    return false
  }

  #checkContents(index: number, expected: MixedRecord, record: ReadRecord, acked: boolean): boolean {
    const timestamp = expected.timestamp ?? (acked ? this.#timestamps[index] : record.timestamp)
    const difference = differenceOf(expected, record)
    if (difference === undefined && timestamp === record.timestamp) return true
    const reason = difference ?? `the timestamp ${record.timestamp}, not ${timestamp}`
    this.#note('different', record, `is record ${index} with ${reason}`)
    return false
  }

  #note(finding: Finding, { topic, partition, offset }: ReadRecord, text: string): void {
    this.#count(finding, `${topic}-${partition}@${offset} ${text}`)
  }

  #count(finding: Finding, example: string): void {
    this.#counts[finding] += 1
    if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(`${finding}: ${example}`)
  }
}

/** Which part of the record differs from what was sent. */
function differenceOf(expected: MixedRecord, record: ReadRecord): string | undefined {
  if (!isSame(expected.key, record.key)) return 'another key'
  if (!isSame(expected.value, record.value)) return 'another value'
  if (expected.headers.length !== record.headers.length) return `${record.headers.length} headers`
  const other = expected.headers.findIndex(([name, value], at) => {
    const [readName, readValue] = record.headers[at] ?? ['', null]
    return name !== readName || !isSame(value, readValue)
  })
  return other < 0 ? undefined : `another header ${other}`
}

function isSame(sent: string | Uint8Array | null, read: Uint8Array | null): boolean {
  if (sent === null || read === null) return sent === read
  return Buffer.compare(typeof sent === 'string' ? Buffer.from(sent) : sent, read) === 0
}
