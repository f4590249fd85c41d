import type { TopicConfig } from '../cluster/topic-config.ts'
import { ProducerState } from '../idempotence/producer-state.ts'
import { type ValidatedBatch, validateProduceRecords } from './batch-validation.ts'
import { crc32c } from './crc32c.ts'
import { BatchField, NO_PRODUCER_ID, setLogAppendTime } from './record-batch-header.ts'
import { lastNotAbove, Segment } from './segment.ts'

const SEGMENT_BYTES_MIN = 16 * 1024
const SEGMENT_BYTES_MAX = 8 * 1024 * 1024
const NO_TIMESTAMP = -1

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

    const stampedMs = config.messageTimestampType === 'LogAppendTime' ? nowMs : NO_TIMESTAMP
    const timestamp = stampedMs === NO_TIMESTAMP ? batch.maxTimestamp : stampedMs
    const baseOffset = this.#write(batch, leaderEpoch, timestamp, stampedMs)

    if (producer !== undefined) producer.append(header, baseOffset, timestamp)
    else if (header.producerId !== NO_PRODUCER_ID) {
      this.#producers.set(header.producerId, new ProducerState(header, baseOffset, timestamp))
    }
    return { baseOffset, logAppendTimeMs: stampedMs }
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

  #write(batch: ValidatedBatch, leaderEpoch: number, timestamp: number, stampedMs: number): number {
    const { bytes, header } = batch
    const baseOffset = this.#endOffset
    const copy = this.#segmentFor(bytes.length).append(bytes, baseOffset, leaderEpoch, timestamp)
    if (stampedMs !== NO_TIMESTAMP) restamp(copy, (view) => setLogAppendTime(view, stampedMs))
    else if (header.maxTimestamp !== timestamp) {
      // As Kafka does: the header is made right rather than refused.
      restamp(copy, (view) => view.setBigInt64(BatchField.MAX_TIMESTAMP, BigInt(timestamp)))
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

/** Changes fields that the checksum covers. */
function restamp(batch: Buffer, change: (view: DataView) => void): void {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  change(view)
  view.setUint32(BatchField.CRC, crc32c(batch.subarray(BatchField.ATTRIBUTES)))
}
