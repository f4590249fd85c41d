/**
 * Where the fields of a record batch (magic 2) are, in bytes from its start.
 *
 * ```
 * 0          8       12           16     17   21          23               27
 * baseOffset | length | leaderEpoch | magic | crc | attributes | lastOffsetDelta | baseTimestamp ...
 *
 *      35            43          51              53            57            61
 *  ... maxTimestamp | producerId | producerEpoch | baseSequence | recordCount | records
 * ```
 * The length counts from byte 12, the checksum covers everything from byte 21: a broker sets offset and leader epoch
 * without touching the checksum.
 *
 * @source Kafka org.apache.kafka.common.record.DefaultRecordBatch
 */
export const BatchField = {
  BASE_OFFSET: 0,
  LENGTH: 8,
  LEADER_EPOCH: 12,
  MAGIC: 16,
  CRC: 17,
  ATTRIBUTES: 21,
  LAST_OFFSET_DELTA: 23,
  BASE_TIMESTAMP: 27,
  MAX_TIMESTAMP: 35,
  PRODUCER_ID: 43,
  PRODUCER_EPOCH: 51,
  BASE_SEQUENCE: 53,
  RECORD_COUNT: 57,
  RECORDS: 61,
} as const

/** What the length leaves out: the base offset and the length itself. */
export const LOG_OVERHEAD_BYTES: number = BatchField.LENGTH + 4

export const NO_PRODUCER_ID = -1n

const COMPRESSION_MASK = 0x07
const TIMESTAMP_TYPE_BIT = 0x08
export const TRANSACTIONAL_BIT = 0x10
export const CONTROL_BIT = 0x20

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

const COMPRESSION_TYPES: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The header of a record batch. Offsets and timestamps are numbers: this log stays below 2^53 records. */
export interface RecordBatchHeader {
  readonly sizeBytes: number
  readonly baseOffset: number
  readonly crc: number
  /** Undefined for an id that Kafka never gave out. */
  readonly compression: CompressionType | undefined
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME'
  readonly isTransactional: boolean
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: number
  readonly maxTimestamp: number
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly recordCount: number
}

/** @param batch one whole batch, at least 61 bytes */
export function readRecordBatchHeader(batch: Uint8Array): RecordBatchHeader {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)
  const attributes = view.getInt16(BatchField.ATTRIBUTES)
  return {
    sizeBytes: LOG_OVERHEAD_BYTES + view.getInt32(BatchField.LENGTH),
    baseOffset: Number(view.getBigInt64(BatchField.BASE_OFFSET)),
    crc: view.getUint32(BatchField.CRC),
    compression: COMPRESSION_TYPES[attributes & COMPRESSION_MASK],
    timestampType: (attributes & TIMESTAMP_TYPE_BIT) === 0 ? 'CREATE_TIME' : 'LOG_APPEND_TIME',
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
    lastOffsetDelta: view.getInt32(BatchField.LAST_OFFSET_DELTA),
    baseTimestamp: Number(view.getBigInt64(BatchField.BASE_TIMESTAMP)),
    maxTimestamp: Number(view.getBigInt64(BatchField.MAX_TIMESTAMP)),
    producerId: view.getBigInt64(BatchField.PRODUCER_ID),
    producerEpoch: view.getInt16(BatchField.PRODUCER_EPOCH),
    baseSequence: view.getInt32(BatchField.BASE_SEQUENCE),
    recordCount: view.getInt32(BatchField.RECORD_COUNT),
  }
}

/** The offset behind the last of these whole batches. */
export function offsetAfter(batches: Uint8Array): number {
  const view = new DataView(batches.buffer, batches.byteOffset, batches.byteLength)
  let last = 0
  for (let next = 0; next < batches.length; next += LOG_OVERHEAD_BYTES + view.getInt32(next + BatchField.LENGTH)) {
    last = next
  }
  return Number(view.getBigInt64(last)) + view.getInt32(last + BatchField.LAST_OFFSET_DELTA) + 1
}

/** Says who set the times of a batch, and the latest. The checksum covers both and must be made anew. */
export function setTimestamp(batch: DataView, type: RecordBatchHeader['timestampType'], maxTimestamp: number): void {
  const others = batch.getInt16(BatchField.ATTRIBUTES) & ~TIMESTAMP_TYPE_BIT
  batch.setInt16(BatchField.ATTRIBUTES, type === 'LOG_APPEND_TIME' ? others | TIMESTAMP_TYPE_BIT : others)
  batch.setBigInt64(BatchField.MAX_TIMESTAMP, BigInt(maxTimestamp))
}
