import { readRecordBatchHeader } from './record-batch-header.ts'
import { BatchField } from './record-batch-header.ts'
import type { PartitionLog } from './partition-log.ts'
import { RecordCursor } from './record-cursor.ts'

export interface TimestampOffset {
  readonly timestamp: number
  readonly offset: number
}

/**
 * The first record that is not older than `timestamp`, or undefined when all are.
 *
 * @source KIP-79
 */
export function offsetForTimestamp(log: PartitionLog, timestamp: number): TimestampOffset | undefined {
  for (const segment of log.segments) {
    for (let index = 0; index < segment.batchCount; index++) {
      if (segment.maxTimestamp(index) >= timestamp) return firstInBatch(segment.batch(index), timestamp)
    }
  }
  return undefined
}

/**
 * The first record with the latest timestamp of the log.
 *
 * @source KIP-734
 */
export function offsetOfMaxTimestamp(log: PartitionLog): TimestampOffset | undefined {
  let latest = -1
  for (const segment of log.segments) {
    for (let index = 0; index < segment.batchCount; index++) latest = Math.max(latest, segment.maxTimestamp(index))
  }
  return latest === -1 ? undefined : offsetForTimestamp(log, latest)
}

/** Records that cannot be looked into (compressed, or stamped as a whole by the broker) stand for their batch. */
function firstInBatch(batch: Uint8Array, timestamp: number): TimestampOffset {
  const { baseOffset, baseTimestamp, maxTimestamp, recordCount, ...header } = readRecordBatchHeader(batch)
  if (header.timestampType === 'LOG_APPEND_TIME') return { timestamp: maxTimestamp, offset: baseOffset }
  if (header.compression !== 'none') return { timestamp: baseTimestamp, offset: baseOffset }

  const cursor = new RecordCursor(batch, BatchField.RECORDS)
  for (let index = 0; index < recordCount; index++) {
    cursor.next()
    const found = baseTimestamp + cursor.timestampDelta
    if (found >= timestamp) return { timestamp: found, offset: baseOffset + index }
  }
  return { timestamp: maxTimestamp, offset: baseOffset + recordCount - 1 }
}
