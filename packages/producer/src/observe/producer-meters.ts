import type { Topic } from '../accumulate/topic.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import { Meter } from './meter.ts'
import type { NodeMeters } from './node-meters.ts'
import { ShareMeter } from './share-meter.ts'
import { TrafficMeters } from './traffic-meters.ts'
import { TopicWindows } from './windows.ts'

/**
 * What is counted for the producer as a whole, and for topics beside it.
 *
 * Everything here is called per batch or per request, never per record.
 */
export class ProducerMeters extends TrafficMeters {
  /** Records per Produce request. */
  readonly sentRecords: Meter = new Meter()
  /** Bytes per batch that was sent, as it went on the wire. */
  readonly sentBytes: Meter = new Meter()
  /** From a batch's first record to its leaving. */
  readonly queueTimeMs: Meter = new Meter()
  readonly compressionRate: Meter = new Meter()
  readonly retriedRecords: Meter = new Meter()
  readonly failedRecords: Meter = new Meter()
  readonly splitBatches: Meter = new Meter()
  readonly failedAuthentications: Meter = new Meter()
  /** The time in which records found the buffer full. */
  readonly bufferWaitMs: ShareMeter = new ShareMeter()
  /** Records that found no room in the buffer within `maxBlockMs`. */
  readonly exhaustedRecords: Meter = new Meter()

  /** Somebody listens to statistics, which tell more. */
  keepsWindows = false

  /** A Produce request leaves. */
  onSent(batches: readonly ProducerBatch[], node: NodeMeters, nowMs: number): void {
    let sentRecords = 0
    for (const { partition, recordCount, wireBytes, sizeBytes, createdMs } of batches) {
      const { meters } = partition.topic
      const compressionRate = wireBytes / sizeBytes
      sentRecords += recordCount
      this.sentBytes.record(wireBytes, nowMs)
      this.queueTimeMs.record(nowMs - createdMs, nowMs)
      this.compressionRate.record(compressionRate, nowMs)
      meters.sentRecords.record(recordCount, nowMs)
      meters.sentBytes.record(wireBytes, nowMs)
      meters.compressionRate.record(compressionRate, nowMs)
    }
    this.sentRecords.record(sentRecords, nowMs)
    if (this.keepsWindows) keepWindows(batches, node, nowMs)
  }

  /** A batch is to be sent again. */
  onRetried({ partition, recordCount }: ProducerBatch, nowMs: number): void {
    this.retriedRecords.record(recordCount, nowMs)
    partition.topic.meters.retriedRecords.record(recordCount, nowMs)
  }

  onFailed({ meters }: Topic, recordCount: number, nowMs: number): void {
    this.failedRecords.record(recordCount, nowMs)
    meters.failedRecords.record(recordCount, nowMs)
  }
}

function keepWindows(batches: readonly ProducerBatch[], node: NodeMeters, nowMs: number): void {
  for (const { partition, recordCount, wireBytes, createdMs } of batches) {
    const { meters } = partition.topic
    meters.windows ??= new TopicWindows()
    meters.windows.onSent(partition.index, recordCount, wireBytes)
    node.onQueued(nowMs - createdMs)
  }
}
