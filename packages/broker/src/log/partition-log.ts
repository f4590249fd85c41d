import type { TopicConfig } from '../cluster/topic-config.ts'
import { ErrorCode } from '../error-code.ts'
import { type Marker, ProducerState } from '../idempotence/producer-state.ts'
import { TransactionVerification } from '../idempotence/transaction-verification.ts'
import { type ValidatedBatch, validateProduceRecords } from './batch-validation.ts'
import { controlBatch, markerIn } from './control-batch.ts'
import { crc32c } from './crc32c.ts'
import {
  BatchField,
  NO_PRODUCER_ID,
  readRecordBatchHeader,
  type RecordBatchHeader,
  setTimestamp,
} from './record-batch-header.ts'
import { RecordsRefused } from './records-refused.ts'
import { lastNotAbove, Segment } from './segment.ts'
import { TransactionIndex } from './transaction-index.ts'

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
  readonly #transactions = new TransactionIndex()
  /** By producer id. */
  readonly #verifications = new Map<bigint, TransactionVerification>()
  #endOffset = 0
  #cutCount = 0
  /** What is older tells nothing of producers any more. */
  #producersKnownFrom = 0

  /** The offset of the next record. */
  get endOffset(): number {
    return this.#endOffset
  }

  /** How often it was cut: what had an offset before may not be there any more. */
  get cutCount(): number {
    return this.#cutCount
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

  get transactions(): TransactionIndex {
    return this.#transactions
  }

  /** Records of a transaction that has begun here need no further permission. @source Kafka UnifiedLog.hasOngoingTransaction */
  hasOngoingTransaction(producerId: bigint, producerEpoch: number): boolean {
    const isOpen = this.#transactions.firstOffsetOf(producerId) !== undefined
    return isOpen && this.#producers.get(producerId)?.epoch === producerEpoch
  }

  /** A producer may be about to begin a transaction here. @source Kafka UnifiedLog.maybeStartTransactionVerification */
  startVerification(batch: RecordBatchHeader, beginsAtZero: boolean): void {
    const verification = this.#verifications.get(batch.producerId)
    if (verification !== undefined) verification.onBatch(batch)
    else this.#verifications.set(batch.producerId, new TransactionVerification(batch, beginsAtZero))
  }

  /**
   * Appends the records a producer sent, or finds that it did so before.
   *
   * @throws RecordsRefused
   * @source Kafka UnifiedLog.append
   */
  append(records: Uint8Array | null, leaderEpoch: number, config: TopicConfig, nowMs: number): Appended {
    const batch = validateProduceRecords(records, config, nowMs)
    const { bytes, header } = batch
    const producer = header.producerId === NO_PRODUCER_ID ? undefined : this.#producers.get(header.producerId)

    const duplicate = producer?.duplicateOf(header)
    if (duplicate !== undefined) {
      const { baseOffset, timestamp } = duplicate
      return { baseOffset, nextOffset: baseOffset + header.recordCount, logAppendTimeMs: timestamp }
    }
    producer?.checkEpoch(header.producerId, header.producerEpoch)
    this.#verifications.get(header.producerId)?.check(header, producer)
    producer?.check(header)
    if (!header.isTransactional && this.#transactions.firstOffsetOf(header.producerId) !== undefined) {
      throw new RecordsRefused(ErrorCode.INVALID_TXN_STATE, `producer ${header.producerId} is in a transaction`)
    }

    const isStamped = config.messageTimestampType === 'LogAppendTime'
    const timestamp = isStamped ? nowMs : batch.maxTimestamp
    const baseOffset = this.#write(batch, leaderEpoch, isStamped ? 'LOG_APPEND_TIME' : 'CREATE_TIME', timestamp)

    this.#remember(bytes, header, baseOffset, timestamp)
    if (header.isTransactional) this.#verifications.delete(header.producerId)
    return { baseOffset, nextOffset: this.#endOffset, logAppendTimeMs: isStamped ? nowMs : NO_TIMESTAMP }
  }

  /**
   * Ends a producer's transaction here. Answers the offset behind the marker.
   *
   * @throws RecordsRefused when a newer producer or coordinator was here before
   */
  appendMarker(marker: Marker, leaderEpoch: number, config: TopicConfig, nowMs: number): number {
    const { producerId } = marker
    this.#producers.get(producerId)?.checkMarker(marker, this.#transactions.firstOffsetOf(producerId) !== undefined)
    const bytes = controlBatch(marker, nowMs)
    const header = readRecordBatchHeader(bytes)
    const isStamped = config.messageTimestampType === 'LogAppendTime'
    const batch = { bytes, header, maxTimestamp: nowMs }
    const baseOffset = this.#write(batch, leaderEpoch, isStamped ? 'LOG_APPEND_TIME' : 'CREATE_TIME', nowMs)
    this.#remember(bytes, header, baseOffset, nowMs)
    if (this.#verifications.get(producerId)?.outlives(header) === false) this.#verifications.delete(producerId)
    return this.#endOffset
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
    this.#transactions.clear()
    this.#endOffset = 0
    this.#cutCount++
    for (const { bytes } of batches) this.#restore(bytes)
  }

  /** Another log with the same records, that goes its own way. */
  copy(): PartitionLog {
    const copy = new PartitionLog()
    copy.#producersKnownFrom = this.#producersKnownFrom
    for (const { bytes } of this.#batches()) copy.#restore(bytes)
    return copy
  }

  /**
   * As when producers were idle for too long, or the records they are known by were deleted. Who is in a transaction is
   * never idle for that long.
   */
  forgetProducers(): void {
    this.#forgetIdleProducers()
    this.#producersKnownFrom = this.#endOffset
  }

  /**
   * As a replica whose process began anew: of producers that wrote nothing since, it knows those whose newest record is
   * young enough, by the time that the record itself tells.
   *
   * @param fromOffset where the log of the replica ended when its process did
   * @param expiredMs the time from which on records are young enough, in milliseconds since 1970
   * @source Kafka ProducerStateManager.loadFromSnapshot, isProducerExpired
   */
  forgetOldProducers(fromOffset: number, expiredMs: number): void {
    this.#forgetIdleProducers((state) => state.lastBaseOffset < fromOffset && state.lastTimestamp <= expiredMs)
  }

  #forgetIdleProducers(isForgotten: (state: ProducerState) => boolean = () => true): void {
    for (const [producerId, state] of this.#producers) {
      const isIdle = this.#transactions.firstOffsetOf(producerId) === undefined
      if (isIdle && isForgotten(state)) this.#producers.delete(producerId)
    }
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

  #remember(bytes: Uint8Array, header: RecordBatchHeader, baseOffset: number, timestamp: number): void {
    const { producerId, producerEpoch } = header
    if (producerId === NO_PRODUCER_ID) return
    const producer = this.#producers.get(producerId) ?? new ProducerState(producerEpoch)
    this.#producers.set(producerId, producer)
    if (header.isControl) {
      const { result, coordinatorEpoch } = markerIn(bytes)
      producer.onMarker(producerEpoch, coordinatorEpoch, timestamp)
      this.#transactions.onMarker(producerId, baseOffset, result === 'abort')
      return
    }
    producer.append(header, baseOffset, timestamp)
    if (header.isTransactional) this.#transactions.onRecords(producerId, baseOffset)
  }

  /** Appends a batch that was in a log before. */
  #restore(bytes: Uint8Array): void {
    const header = readRecordBatchHeader(bytes)
    this.#segmentFor(bytes.length).restore(bytes, header.baseOffset, header.maxTimestamp)
    this.#endOffset = header.baseOffset + header.recordCount
    this.#remember(bytes, header, header.baseOffset, header.maxTimestamp)
    if (this.#endOffset <= this.#producersKnownFrom) this.#forgetIdleProducers()
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
