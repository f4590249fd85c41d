import type { RecordBatchWriter } from '@linger/protocol'
import type { BatchPosition } from './deliveries.ts'

type ToldTimes = Pick<BatchPosition, 'logAppendTimeMs' | 'baseTimestamp' | 'timestampRuns'>

/**
 * The times that the records of an acknowledged batch are told: their own, or the broker's.
 *
 * @param logAppendTimeMs what the broker answered: its timestamp for all of them, -1 when each keeps its own
 * @param mayBeWritten by an attempt before
 */
export function toldTimes(logAppendTimeMs: number, writer: RecordBatchWriter, mayBeWritten: boolean): ToldTimes {
  // Asked for a batch that it has already, Kafka answers with the batch's latest CreateTime in this place
  // (UnifiedLog.append). Where the topic says LogAppendTime that would be another time than any of ours.
  const isDuplicatesTime = mayBeWritten && logAppendTimeMs === writer.maxTimestamp
  const isOwnTime = logAppendTimeMs < 0 || isDuplicatesTime
  return isOwnTime
    ? { logAppendTimeMs: -1, baseTimestamp: writer.baseTimestamp, timestampRuns: writer.timestampRuns }
    : { logAppendTimeMs, baseTimestamp: logAppendTimeMs, timestampRuns: undefined }
}
