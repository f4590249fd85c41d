import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { PartitionQueue } from './partition-queue.ts'

/** Where a record stands in its batch. */
export interface RecordPlace {
  readonly batch: ProducerBatch
  readonly index: number
}

/** The place of the record that was just appended to this partition. */
export function lastPlaceIn({ open }: PartitionQueue): RecordPlace {
  if (open === undefined) throw new Error('a record was appended, and no batch is open')
  return { batch: open, index: open.recordCount - 1 }
}
