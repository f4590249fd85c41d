import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { type GivenRecord, type Payload, recordFor, type TopicRecord } from './producer-record.ts'
import { mapRecords, type RecordSource } from './record-source.ts'
import type { SendOptions } from './send-options.ts'

/** What a topic's producer needs of the producer that it belongs to. */
export interface TopicProducerOwner {
  send(record: GivenRecord, options?: SendOptions): Promise<RecordMetadata>
  produce(record: GivenRecord, callback?: DeliveryCallback): boolean
  sendAll(records: RecordSource<GivenRecord>): Promise<RecordMetadata[]>
  drained(): Promise<void>
}

/** A producer's calls for one topic, which their records need not name. Any number may share a producer. */
export class TopicProducer<Key = Payload, Value = Payload> {
  readonly topic: string
  readonly #owner: TopicProducerOwner

  constructor(topic: string, owner: TopicProducerOwner) {
    this.topic = topic
    this.#owner = owner
  }

  /** As {@link Producer.send}. */
  send(record: TopicRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata> {
    return this.#owner.send(this.#complete(record), options)
  }

  /** As {@link Producer.produce}. */
  produce(record: TopicRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#owner.produce(this.#complete(record), callback)
  }

  /** As {@link Producer.sendAll}. */
  sendAll(records: RecordSource<TopicRecord<Key, Value>>): Promise<RecordMetadata[]> {
    return this.#owner.sendAll(mapRecords(records, (record) => this.#complete(record)))
  }

  /** As {@link Producer.drained}. */
  drained(): Promise<void> {
    return this.#owner.drained()
  }

  /** What is no record stays as it is: it is refused where all are checked. */
  #complete(record: unknown): GivenRecord {
    const isRecord = typeof record === 'object' && record !== null
    const given = record as TopicRecord<unknown, unknown>
    return isRecord ? recordFor(this.topic, given.value, given) : (record as GivenRecord)
  }
}
