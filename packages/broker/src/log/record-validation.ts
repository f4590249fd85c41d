import type { TopicConfig } from '../cluster/topic-config.ts'
import { ErrorCode } from '../error-code.ts'
import type { RecordBatchHeader } from './record-batch-header.ts'
import { RecordCursor } from './record-cursor.ts'
import { type RecordError, RecordsRefused } from './records-refused.ts'

const NO_TIMESTAMP = -1

/**
 * Judges the records of a batch, and answers the latest of their timestamps, -1 when none has one.
 *
 * @param records uncompressed
 * @throws RecordsRefused that names every record its topic does not take
 * @source Kafka LogValidator.validateRecord, processRecordErrors
 */
export function validateRecords(
  records: Uint8Array,
  header: RecordBatchHeader,
  config: TopicConfig,
  nowMs: number,
): number {
  const { recordCount } = header
  const cursor = new RecordCursor(records, 0)
  const refusesTimestamp = timestampRule(header, config, nowMs)
  const recordErrors: RecordError[] = []
  let hasTimestampError = false
  let maxTimestamp = NO_TIMESTAMP

  for (let index = 0; index < recordCount; index++) {
    cursor.next()
    if (cursor.offsetDelta !== index) refuse(`offset delta ${cursor.offsetDelta} at record ${index}`)
    const timestamp = timestampOf(header, cursor)
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if (config.compacted && !cursor.hasKey) {
      recordErrors.push({ batchIndex: index, message: 'a compacted topic takes no record without key' })
    } else if (refusesTimestamp(timestamp)) {
      hasTimestampError = true
      recordErrors.push({ batchIndex: index, message: `timestamp ${timestamp} is refused at ${nowMs}` })
    }
  }
  if (!cursor.atEnd) refuse(`bytes follow the last of ${recordCount} records`)
  if (recordErrors.length === 0) return maxTimestamp
  throw new RecordsRefused(
    hasTimestampError ? ErrorCode.INVALID_TIMESTAMP : ErrorCode.INVALID_RECORD,
    `${recordErrors.length} of ${recordCount} records are refused, the first: ${recordErrors[0]?.message}`,
    recordErrors,
  )
}

/** A batch that says the broker stamped it has one time for all its records, whatever they say themselves. */
function timestampOf(header: RecordBatchHeader, cursor: RecordCursor): number {
  if (header.timestampType === 'LOG_APPEND_TIME') return header.maxTimestamp
  return header.baseTimestamp + cursor.timestampDelta
}

/**
 * Where producers set the time it must be within limits. Elsewhere a producer may not say that the broker has set it,
 * and a CreateTime topic forgives that to a record with a time.
 *
 * @source Kafka LogValidator.validateTimestamp
 */
function timestampRule(header: RecordBatchHeader, config: TopicConfig, nowMs: number): (timestamp: number) => boolean {
  const isCreateTime = config.messageTimestampType === 'CreateTime'
  const isStamped = header.timestampType === 'LOG_APPEND_TIME'
  const earliest = nowMs - config.messageTimestampBeforeMaxMs
  const latest = nowMs + config.messageTimestampAfterMaxMs
  return (timestamp) => {
    if (!isCreateTime || timestamp === NO_TIMESTAMP) return isStamped
    return timestamp < earliest || timestamp > latest
  }
}

function refuse(message: string): never {
  throw new RecordsRefused(ErrorCode.INVALID_RECORD, message)
}
