import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { type GivenRecord, isObject, type Payload, recordFor, type TopicRecord } from './producer-record.ts'
import type { SenderChoice } from './record-sender.ts'
import { mapRecords, type RecordSource } from './record-source.ts'
import { RefusedRecords } from './refused-records.ts'
import type { SendOptions } from './send-options.ts'

/** A producer's calls for one topic, which their records need not name. Any number may share a producer. */
export class TopicProducer<Key = Payload, Value = Payload> {
  readonly topic: string
  readonly #choice: SenderChoice
  /** Whoever stands between knows a record that is offered again by its object. */
  readonly #refused = new RefusedRecords()
  readonly #sendAll: (records: RecordSource<GivenRecord>) => Promise<RecordMetadata[]>

  /** @internal `producer.forTopic()` makes it. */
  constructor(
    topic: string,
    choice: SenderChoice,
    sendAll: (records: RecordSource<GivenRecord>) => Promise<RecordMetadata[]>,
  ) {
    this.topic = topic
    this.#choice = choice
    this.#sendAll = sendAll
  }

  /** As {@link Producer.send}. */
  send(record: TopicRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata> {
    return this.#choice.sender.send(this.#complete(record), options)
  }

  /** As {@link Producer.produce}. */
  produce(record: TopicRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    const { sender } = this.#choice
    const given = record as unknown as GivenRecord // but for its topic
    if (!isObject(given)) return sender.produce(given, callback)
    const complete = this.#refused.madeOf(given) ?? this.#complete(record)
    const isTaken = sender.produce(complete, callback)
    this.#refused.onOffered(given, complete, isTaken)
    return isTaken
  }

  /** As {@link Producer.sendAll}. */
  sendAll(records: RecordSource<TopicRecord<Key, Value>>): Promise<RecordMetadata[]> {
    return this.#sendAll(mapRecords(records, (record) => this.#complete(record)))
  }

  /** As {@link Producer.drained}. */
  drained(): Promise<void> {
    return this.#choice.sender.drained()
  }

  /** What is no record stays as it is: it is refused where all are checked. */
  #complete(record: unknown): GivenRecord {
    const given = record as GivenRecord
    return isObject(record) ? recordFor(this.topic, given.value, given) : given
  }
}
