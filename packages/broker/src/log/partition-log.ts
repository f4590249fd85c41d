import type { TopicConfig } from '../cluster/topic-config.ts'
import { ProducerState } from '../idempotence/producer-state.ts'
import { type ValidatedBatch, validateProduceRecords } from './batch-validation.ts'
import { crc32c } from './crc32c.ts'
import {
  BatchField,
  NO_PRODUCER_ID,
  readRecordBatchHeader,
  type RecordBatchHeader,
  setTimestamp,
} from './record-batch-header.ts'
import { lastNotAbove, Segment } from './segment.ts'

const SEGMENT_BYTES_MIN = 16 * 1024
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
const NO_TIMESTAMP = -1

type TimestampType = RecordBatchHeader['timestampType']

export interface Appended {
  readonly baseOffset: number
  /** The offset behind its last record. */
  readonly nextOffset: number
  /** When the broker stamped the records, or -1 where the producer's times are kept. */
  readonly logAppendTimeMs: number
}

/**
 * The log of one partition: batches as they came, with their offsets, and what is known of their producers.
 *
 * Segments double from 16 KiB to 8 MiB, so that thousands of small partitions are cheap and nothing is ever moved.
 */
export class PartitionLog {
  #segments: Segment[] = []
  #segmentOffsets: number[] = []
  readonly #producers = new Map<bigint, ProducerState>()
  #endOffset = 0
  /** What is older tells nothing of producers any more. */
  #producersKnownFrom = 0

  /** The offset of the next record. */
  get endOffset(): number {
    return this.#endOffset
  }

  get startOffset(): number {
    return 0
  }

  get segments(): readonly Segment[] {
    return this.#segments
  }

  get producers(): ReadonlyMap<bigint, ProducerState> {
    return this.#producers
  }

  /**
   * Appends the records a producer sent, or finds that it did so before.
   *
   * @throws RecordsRefused
   * @source Kafka UnifiedLog.append
   */
  append(records: Uint8Array | null, leaderEpoch: number, config: TopicConfig, nowMs: number): Appended {
    const batch = validateProduceRecords(records, config, nowMs)
    const { header } = batch
    const producer = header.producerId === NO_PRODUCER_ID ? undefined : this.#producers.get(header.producerId)

    const duplicate = producer?.duplicateOf(header)
    if (duplicate !== undefined) {
      const { baseOffset, timestamp } = duplicate
      return { baseOffset, nextOffset: baseOffset + header.recordCount, logAppendTimeMs: timestamp }
    }
    producer?.check(header)

    const isStamped = config.messageTimestampType === 'LogAppendTime'
    const timestamp = isStamped ? nowMs : batch.maxTimestamp
    const baseOffset = this.#write(batch, leaderEpoch, isStamped ? 'LOG_APPEND_TIME' : 'CREATE_TIME', timestamp)

    this.#remember(header, baseOffset, timestamp)
    return { baseOffset, nextOffset: this.#endOffset, logAppendTimeMs: isStamped ? nowMs : NO_TIMESTAMP }
  }

  /** Gives offsets to records that do not stay, for a sink. Answers the first. */
  countWithoutKeeping(recordCount: number): number {
    const baseOffset = this.#endOffset
    this.#endOffset += recordCount
    return baseOffset
  }

  /**
   * Whole batches from the one with `offset` on, from one segment: a consumer comes back for the rest.
   *
   * @param offset from `startOffset` to `endOffset`
   * @param beforeOffset batches from this offset on are not read
   */
  read(offset: number, maxBytes: number, atLeastOne: boolean, beforeOffset: number = this.#endOffset): Uint8Array {
    if (offset >= beforeOffset) return new Uint8Array()
    const segment = this.#segments[lastNotAbove(this.#segmentOffsets, offset)]
    return segment?.read(offset, maxBytes, atLeastOne, beforeOffset) ?? new Uint8Array()
  }

  /**
   * The batches from `endOffset` on are gone, and what was known of producers by them: what the records that are left
   * tell of their producers is known again.
   *
   * @param endOffset where a batch begins; the batch that it is inside of goes too
   * @source Kafka UnifiedLog.truncateTo, ProducerStateManager.truncateAndReload
   */
  truncateTo(endOffset: number): void {
    const batches = [...this.#batches()].filter(({ nextOffset }) => nextOffset <= endOffset)
    this.#segments = []
    this.#segmentOffsets = []
    this.#producers.clear()
    this.#endOffset = 0
    for (const { bytes } of batches) this.#restore(bytes)
  }

  /** Another log with the same records, that goes its own way. */
  copy(): PartitionLog {
    const copy = new PartitionLog()
    copy.#producersKnownFrom = this.#producersKnownFrom
    for (const { bytes } of this.#batches()) copy.#restore(bytes)
    return copy
  }

  /** As when producers were idle for too long, or the records they are known by were deleted. */
  forgetProducers(): void {
    this.#producers.clear()
    this.#producersKnownFrom = this.#endOffset
  }

  /** A header that does not say what the topic says is made right rather than refused, as Kafka does. */
  #write(batch: ValidatedBatch, leaderEpoch: number, timestampType: TimestampType, timestamp: number): number {
    const { bytes, header } = batch
    const baseOffset = this.#endOffset
    const copy = this.#segmentFor(bytes.length).append(bytes, baseOffset, leaderEpoch, timestamp)
    if (header.timestampType !== timestampType || header.maxTimestamp !== timestamp) {
      restamp(copy, timestampType, timestamp)
    }
    this.#endOffset += header.recordCount
    return baseOffset
  }

  #remember(header: RecordBatchHeader, baseOffset: number, timestamp: number): void {
    if (header.producerId === NO_PRODUCER_ID) return
    const producer = this.#producers.get(header.producerId)
    if (producer === undefined) {
      this.#producers.set(header.producerId, new ProducerState(header, baseOffset, timestamp))
    } else producer.append(header, baseOffset, timestamp)
  }

  /** Appends a batch that was in a log before. */
  #restore(bytes: Uint8Array): void {
    const header = readRecordBatchHeader(bytes)
    this.#segmentFor(bytes.length).restore(bytes, header.baseOffset, header.maxTimestamp)
    this.#endOffset = header.baseOffset + header.recordCount
    if (header.baseOffset >= this.#producersKnownFrom) this.#remember(header, header.baseOffset, header.maxTimestamp)
  }

  *#batches(): Iterable<{ readonly bytes: Uint8Array; readonly nextOffset: number }> {
    for (const segment of this.#segments) {
      for (let index = 0; index < segment.batchCount; index++) {
        const bytes = segment.batch(index)
        const { baseOffset, recordCount } = readRecordBatchHeader(bytes)
        yield { bytes, nextOffset: baseOffset + recordCount }
      }
    }
  }

  #segmentFor(sizeBytes: number): Segment {
    const last = this.#segments.at(-1)
    if (last?.hasRoomFor(sizeBytes) === true) return last
    const doubledBytes = last === undefined ? SEGMENT_BYTES_MIN : Math.min(last.capacityBytes * 2, SEGMENT_BYTES_MAX)
    const segment = new Segment(Math.max(sizeBytes, doubledBytes))
    this.#segments.push(segment)
    this.#segmentOffsets.push(this.#endOffset)
    return segment
  }
}

function restamp(batch: Buffer, timestampType: TimestampType, timestamp: number): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  setTimestamp(view, timestampType, timestamp)
  view.setUint32(BatchField.CRC, crc32c(batch.subarray(BatchField.ATTRIBUTES)))
}
