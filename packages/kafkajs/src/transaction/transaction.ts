import type { Offsets } from './offsets.ts'
import type { ProducerBatch, ProducerRecord, RecordMetadata } from '../producer/message.ts'

/** KafkaJS's transaction. */
export type Transaction = {
  send: (record: ProducerRecord) => Promise<RecordMetadata[]>
  sendBatch: (batch: ProducerBatch) => Promise<RecordMetadata[]>
  sendOffsets: (offsets: Offsets & { consumerGroupId: string }) => Promise<void>
  commit: () => Promise<void>
  abort: () => Promise<void>
  isActive: () => boolean
}
