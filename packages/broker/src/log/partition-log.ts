import type { TopicConfig } from '../cluster/topic-config.ts'
import { ProducerState } from '../idempotence/producer-state.ts'
import { type ValidatedBatch, validateProduceRecords } from './batch-validation.ts'
import { crc32c } from './crc32c.ts'
import { BatchField, NO_PRODUCER_ID, setTimestamp, type RecordBatchHeader } from './record-batch-header.ts'
import { lastNotAbove, Segment } from './segment.ts'

const SEGMENT_BYTES_MIN = 16 * 1024
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
const NO_TIMESTAMP = -1

type TimestampType = RecordBatchHeader['timestampType']

export interface Appended {
  readonly baseOffset: number
  /** When the broker stamped the records, or -1 where the producer's times are kept. */
  readonly logAppendTimeMs: number
}

/**
 * The log of one partition: batches as they came, with their offsets, and what is known of their producers.
 *
 * Segments double from 16 KiB to 8 MiB, so that thousands of small partitions are cheap and nothing is ever moved.
 */
export class PartitionLog {
  readonly #segments: Segment[] = []
  readonly #segmentOffsets: number[] = []
  readonly #producers = new Map<bigint, ProducerState>()
  #endOffset = 0

  /** The offset of the next record. In memory nothing is ever flushed late, so it is the high watermark as well. */
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
    if (duplicate !== undefined) return { baseOffset: duplicate.baseOffset, logAppendTimeMs: duplicate.timestamp }
    producer?.check(header)

    const isStamped = config.messageTimestampType === 'LogAppendTime'
    const timestamp = isStamped ? nowMs : batch.maxTimestamp
    const baseOffset = this.#write(batch, leaderEpoch, isStamped ? 'LOG_APPEND_TIME' : 'CREATE_TIME', timestamp)

    if (producer !== undefined) producer.append(header, baseOffset, timestamp)
    else if (header.producerId !== NO_PRODUCER_ID) {
      this.#producers.set(header.producerId, new ProducerState(header, baseOffset, timestamp))
    }
    return { baseOffset, logAppendTimeMs: isStamped ? nowMs : NO_TIMESTAMP }
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
   */
  read(offset: number, maxBytes: number, atLeastOne: boolean): Uint8Array {
    if (offset === this.#endOffset) return new Uint8Array()
    const segment = this.#segments[lastNotAbove(this.#segmentOffsets, offset)]
    return segment?.read(offset, maxBytes, atLeastOne) ?? new Uint8Array()
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
