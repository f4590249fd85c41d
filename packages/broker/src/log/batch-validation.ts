import { decompress } from '@linger/compression'
import type { TopicConfig } from '../cluster/topic-config.ts'
import { ErrorCode } from '../error-code.ts'
import { crc32c } from './crc32c.ts'
import { BatchField, LOG_OVERHEAD_BYTES, NO_PRODUCER_ID } from './record-batch-header.ts'
import { type RecordBatchHeader, readRecordBatchHeader } from './record-batch-header.ts'
import { validateRecords } from './record-validation.ts'
import { RequestRefused } from '../request-refused.ts'
import { RecordsRefused } from './records-refused.ts'

const MAGIC_CURRENT = 2
/** What the records of a compressed batch may come to: clients send no more than some megabytes. */
const DECOMPRESSED_BYTES_MAX = 512 * 1024 * 1024
/** The smallest length a batch of any magic can claim. @source Kafka LegacyRecord.RECORD_OVERHEAD_V0 */
const LENGTH_BYTES_MIN = 14

type Refuse = (errorCode: ErrorCode, message: string) => never

export interface ValidatedBatch {
  readonly header: RecordBatchHeader
  /** The batch and nothing else: a piece of a batch that follows is cut off. */
  readonly bytes: Uint8Array
  /** The latest timestamp of its records, or -1. */
  readonly maxTimestamp: number
}

/**
 * Judges the records that a Produce request has for one partition, in Kafka's order, so that a batch with several faults
 * gets the code Kafka would give.
 *
 * Stricter than Kafka in one point: offset deltas of records must count 0, 1, 2. Kafka appends such a batch
 * and consumers then read other offsets than were acknowledged; here the client's mistake shows at once.
 *
 * @throws RequestRefused or RecordsRefused
 * @source Kafka ProduceRequest.validateRecords, UnifiedLog.analyzeAndValidateRecords, LogValidator
 */
export function validateProduceRecords(records: Uint8Array | null, config: TopicConfig, nowMs: number): ValidatedBatch {
  const bytes = onlyBatch(records ?? new Uint8Array())
  if (bytes.length < BatchField.RECORDS) refuse(ErrorCode.CORRUPT_MESSAGE, 'the batch is shorter than its header')

  const header = readRecordBatchHeader(bytes)
  if (header.baseOffset !== 0) refuse(ErrorCode.INVALID_RECORD, `base offset ${header.baseOffset} instead of 0`)
  if (header.sizeBytes > config.maxMessageBytes) {
    refuse(
      ErrorCode.MESSAGE_TOO_LARGE,
      `${header.sizeBytes} bytes, more than max.message.bytes ${config.maxMessageBytes}`,
    )
  }
  if (header.crc !== crc32c(bytes.subarray(BatchField.ATTRIBUTES))) {
    refuse(ErrorCode.CORRUPT_MESSAGE, 'the checksum does not match')
  }
  validateHeader(header)

  return { header, bytes, maxTimestamp: validateRecords(recordsOf(bytes, header), header, config, nowMs) }
}

/** What cannot be decompressed is, at Kafka, an error of the broker's. */
function recordsOf(bytes: Uint8Array, { compression }: RecordBatchHeader): Uint8Array {
  const content = bytes.subarray(BatchField.RECORDS)
  if (compression === undefined || compression === 'none') return content
  try {
    return decompress(compression, content, { maxBytes: DECOMPRESSED_BYTES_MAX })
  } catch (error) {
    return refuse(ErrorCode.UNKNOWN_SERVER_ERROR, `the records cannot be decompressed: ${String(error)}`)
  }
}

/** The one batch a partition may have in a request. */
function onlyBatch(records: Uint8Array): Uint8Array {
  const sizeBytes = batchSizeBytes(records, 0, refuseRequest)
  if (sizeBytes === 0) refuseRequest(ErrorCode.INVALID_RECORD, 'no record batch')
  if (records[BatchField.MAGIC] !== MAGIC_CURRENT) {
    refuseRequest(ErrorCode.INVALID_RECORD, `magic ${records[BatchField.MAGIC]} instead of 2`)
  }
  if (batchSizeBytes(records, sizeBytes, refuse) > 0)
    refuseRequest(ErrorCode.INVALID_RECORD, 'more than one record batch')
  return records.subarray(0, sizeBytes)
}

/**
 * The size of the batch that starts at `start`, or 0 when there is no whole one: Kafka passes over a cut batch in silence.
 * What is wrong with the first batch is seen before the log, what follows it only there.
 *
 * @source Kafka ByteBufferLogInputStream.nextBatchSize
 */
function batchSizeBytes(records: Uint8Array, start: number, refuse: Refuse): number {
  const remaining = records.length - start
  if (remaining < LOG_OVERHEAD_BYTES) return 0
  const view = new DataView(records.buffer, records.byteOffset + start, remaining)
  const lengthBytes = view.getInt32(BatchField.LENGTH)
  if (lengthBytes < LENGTH_BYTES_MIN) refuse(ErrorCode.CORRUPT_MESSAGE, `a batch length of ${lengthBytes}`)
  if (remaining <= BatchField.MAGIC) return 0
  const magic = view.getInt8(BatchField.MAGIC)
  if (magic < 0 || magic > MAGIC_CURRENT) refuse(ErrorCode.CORRUPT_MESSAGE, `magic ${magic}`)
  const sizeBytes = LOG_OVERHEAD_BYTES + lengthBytes
  return sizeBytes <= remaining ? sizeBytes : 0
}

/** @source Kafka LogValidator.validateBatch */
function validateHeader(header: RecordBatchHeader): void {
  const { lastOffsetDelta, recordCount, producerId, baseSequence } = header
  if (header.compression === undefined) refuse(ErrorCode.UNKNOWN_SERVER_ERROR, 'an unknown compression type')
  if (lastOffsetDelta < 0) refuse(ErrorCode.INVALID_RECORD, `last offset delta ${lastOffsetDelta}`)
  if (recordCount <= 0) refuse(ErrorCode.INVALID_RECORD, `${recordCount} records`)
  if (lastOffsetDelta + 1 !== recordCount) {
    refuse(ErrorCode.INVALID_RECORD, `last offset delta ${lastOffsetDelta} with ${recordCount} records`)
  }
  if (header.isControl) refuse(ErrorCode.INVALID_RECORD, 'clients may not write control records')
  if (producerId !== NO_PRODUCER_ID && baseSequence < 0) {
    refuse(ErrorCode.INVALID_RECORD, `sequence ${baseSequence} of producer ${producerId}`)
  }
}

/** Seen before the records reach a log. @source Kafka ProduceRequest.validateRecords */
function refuseRequest(errorCode: ErrorCode, message: string): never {
  throw new RequestRefused(errorCode, message)
}

function refuse(errorCode: ErrorCode, message: string): never {
  throw new RecordsRefused(errorCode, message)
}
