import type { Cluster } from '@linger/broker'
import { decompress } from '@linger/compression'
import { readRecordBatches, type RecordBatch } from '@linger/protocol'
import type { LogRecord } from '../delivery-checker/log-record.ts'

/** More than any batch of a simulation holds. */
const CONTENT_BYTES_MAX = 100_000_000

/** A batch as it lies in the log of a partition. */
export interface LogBatch {
  readonly topic: string
  readonly partition: number
  readonly batch: RecordBatch
}

/** Every batch of every partition, in the order of its offsets: markers of transactions too. */
export function* logBatches(cluster: Cluster): Generator<LogBatch> {
  for (const { name: topic, partitions } of cluster.topics) {
    for (const { index: partition, log } of partitions) {
      for (let offset = 0; offset < log.endOffset;) {
        const batches = readRecordBatches(log.read(offset, Infinity, true), {
          decompress: (type, content) => decompress(type, content, { maxBytes: CONTENT_BYTES_MAX }),
        })
        for (const batch of batches) {
          yield { topic, partition, batch }
          offset = Number(batch.baseOffset) + batch.lastOffsetDelta + 1
        }
      }
    }
  }
}

/** The records of a batch. A marker has none. */
export function* recordsIn({ topic, partition, batch }: LogBatch): Generator<LogRecord> {
  const { timestampType, maxTimestamp, isControl } = batch
  if (isControl) return
  for (const record of batch.records) {
    const timestamp = Number(timestampType === 'LOG_APPEND_TIME' ? maxTimestamp : record.timestamp)
    yield { ...record, topic, partition, offset: Number(record.offset), timestamp, timestampType }
  }
}

/** Every record of every partition, in the order of its offsets. */
export function* logRecords(cluster: Cluster): Generator<LogRecord> {
  for (const batch of logBatches(cluster)) yield* recordsIn(batch)
}
