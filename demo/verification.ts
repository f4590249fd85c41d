import type { Record } from '@linger/protocol'
import { type DemoRecords, indexOf } from './demo-records.ts'

export interface VerificationReport {
  readonly acked: number
  /** Acknowledged, and found once, at the acknowledged partition and offset, in order, byte for byte. */
  readonly verified: number
  /** Acknowledged and not in the log. */
  readonly lost: number
  /** Further copies of a record. */
  readonly duplicated: number
  /** Behind a record of their partition that was sent after them. */
  readonly reordered: number
  /** In another place than was acknowledged. */
  readonly misplaced: number
  /** With another key, value or headers than was sent. */
  readonly altered: number
  /** In the log and not of this run. */
  readonly foreign: number
  /** The sum of all that is wrong. */
  readonly findings: number
  /** The first few findings, for a person. */
  readonly examples: readonly string[]
}

type Finding = 'lost' | 'duplicated' | 'reordered' | 'misplaced' | 'altered' | 'foreign'

const EXAMPLES_MAX = 5
const NOT_ACKED = -1

/**
 * Compares a log with what was acknowledged.
 *
 * Tell it of every acknowledgement, then of every record read, in the order of each partition's log, then ask for the
 * report. It holds 13 bytes per record.
 */
export class Verification {
  readonly #records: DemoRecords
  readonly #partitions: Int32Array
  readonly #offsets: Float64Array
  readonly #copies: Uint8Array
  /** The highest index read so far, by partition. */
  readonly #newest = new Map<number, number>()
  readonly #counts: { [finding in Finding]: number } = {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    misplaced: 0,
    altered: 0,
    foreign: 0,
  }
  readonly #examples: string[] = []
  #verified = 0

  constructor(records: DemoRecords, count: number) {
    this.#records = records
    this.#partitions = new Int32Array(count).fill(NOT_ACKED)
    this.#offsets = new Float64Array(count)
    this.#copies = new Uint8Array(count)
  }

  /** @param offset undefined when the producer did not learn it: any is right then */
  acked(index: number, partition: number, offset: number | undefined): void {
    this.#partitions[index] = partition
    this.#offsets[index] = offset ?? Number.NaN
  }

  read(partition: number, record: Record): void {
    const place = `${partition}@${record.offset}`
    const index = indexOf(record)
    if (index === undefined || index >= this.#copies.length) {
      this.#note('foreign', `${place} is not a record of this run`)
      return
    }
    const copies = (this.#copies[index] ?? 0) + 1
    this.#copies[index] = Math.min(copies, 255)
    if (copies > 1) {
      this.#note('duplicated', `${place} is copy ${copies} of record ${index}`)
      return
    }
    const inOrder = this.#checkOrder(index, partition, place)
    const inPlace = this.#checkPlace(index, partition, record, place)
    const difference = this.#records.differenceOf(index, record)
    if (difference !== undefined) this.#note('altered', `${place} is record ${index} with another ${difference}`)
    const isAcked = this.#partitions[index] !== NOT_ACKED
    if (isAcked && inOrder && inPlace && difference === undefined) this.#verified++
  }

  /** Call it when everything was read: only then is a record known to be lost. */
  report(): VerificationReport {
    let acked = 0
    for (const [index, partition] of this.#partitions.entries()) {
      if (partition === NOT_ACKED) continue
      acked++
      if (this.#copies[index] === 0) {
        this.#note('lost', `record ${index}, acknowledged at ${partition}@${this.#offsets[index]}`)
      }
    }
    const findings = Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
    return { acked, verified: this.#verified, ...this.#counts, findings, examples: this.#examples }
  }

  #checkOrder(index: number, partition: number, place: string): boolean {
    const newest = this.#newest.get(partition) ?? -1
    this.#newest.set(partition, Math.max(newest, index))
    if (index > newest) return true
    this.#note('reordered', `${place} is record ${index}, behind ${newest}`)
    return false
  }

  #checkPlace(index: number, partition: number, { offset }: Record, place: string): boolean {
    const ackedPartition = this.#partitions[index] ?? NOT_ACKED
    const ackedOffset = this.#offsets[index] ?? Number.NaN
    if (ackedPartition === NOT_ACKED) return true
    if (ackedPartition === partition && (Number.isNaN(ackedOffset) || ackedOffset === Number(offset))) return true
    this.#note('misplaced', `${place} is record ${index}, acknowledged at ${ackedPartition}@${ackedOffset}`)
    return false
  }

  #note(finding: Finding, text: string): void {
    this.#counts[finding] += 1
    if (this.#examples.length < EXAMPLES_MAX) this.#examples.push(`${finding}: ${text}`)
  }
}
