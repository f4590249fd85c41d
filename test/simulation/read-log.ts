import type { Cluster } from '@linger/broker'
import { readRecordBatches } from '@linger/protocol'
import type { LogRecord } from '../delivery-checker/log-record.ts'

/** Every record of every partition, in the order of its offsets. */
export function* logRecords(cluster: Cluster): Generator<LogRecord> {
  for (const { name: topic, partitions } of cluster.topics) {
    for (const { index: partition, log } of partitions) {
      for (let offset = 0; offset < log.endOffset;) {
        for (const batch of readRecordBatches(log.read(offset, Infinity, true))) {
          const { timestampType, maxTimestamp } = batch
          for (const record of batch.records) {
            const timestamp = Number(timestampType === 'LOG_APPEND_TIME' ? maxTimestamp : record.timestamp)
            yield { ...record, topic, partition, offset: Number(record.offset), timestamp, timestampType }
          }
          offset = Number(batch.baseOffset) + batch.lastOffsetDelta + 1
        }
      }
    }
  }
}
