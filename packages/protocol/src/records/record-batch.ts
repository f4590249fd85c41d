/** The compressions of a record batch, at the index that stands for them in its attributes. */
export const COMPRESSIONS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const

export type Compression = (typeof COMPRESSIONS)[number]

/** Who said what time it is: the producer of each record, or the broker when it appended the batch. */
export type TimestampType = 'CREATE_TIME' | 'LOG_APPEND_TIME'

/** A record as a log gives it back. Key, value and header values are views of the bytes it was read from. */
export interface Record {
  readonly offset: bigint
  /** Milliseconds since 1970. */
  readonly timestamp: bigint
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

export type RecordHeader = readonly [key: string, value: Uint8Array | null]

/** @source Kafka DefaultRecordBatch */
export interface RecordBatch {
  readonly baseOffset: bigint
  readonly partitionLeaderEpoch: number
  readonly crc: number
  readonly attributes: number
  readonly compression: Compression
  readonly timestampType: TimestampType
  readonly isTransactional: boolean
  /** A commit or abort marker of a transaction, written by the broker: not for readers. */
  readonly isControl: boolean
  readonly lastOffsetDelta: number
  readonly baseTimestamp: bigint
  readonly maxTimestamp: bigint
  /** -1 when the producer is not idempotent; epoch and sequence are then -1 as well. */
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly records: readonly Record[]
  /** Bytes of the whole batch as it lies in the log, compressed if it is. */
  readonly sizeBytes: number
}
