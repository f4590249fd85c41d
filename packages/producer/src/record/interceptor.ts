import type { RecordMetadata } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'
import type { Payload, ProducerRecord } from './producer-record.ts'

/**
 * Sees every record of a producer, but for those in batches filled by hand: their bytes are written at `append()`, before
 * anybody knows their topic, so there is no record to show, and none to change. What it throws is logged, and changes
 * nothing.
 */
export interface Interceptor<Key = Payload, Value = Payload> {
  /** Called once per record, inside the call that sends, before anything is traced or serialized. Answers the record to send: another, or the same. */
  onSend?(record: ProducerRecord<Key, Value>): ProducerRecord<Key, Value>
  /** Called when the record is acknowledged or has failed, before its own callback or promise. */
  onAcknowledgement?(
    error: KafkaError | null,
    metadata: RecordMetadata | undefined,
    record: ProducerRecord<Key, Value>,
  ): void
}

/** An interceptor whatever its records are made of. */
export interface AnyInterceptor {
  onSend?(record: never): unknown
  onAcknowledgement?(error: KafkaError | null, metadata: RecordMetadata | undefined, record: never): void
}
