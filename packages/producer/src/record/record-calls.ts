import type { Writable } from 'node:stream'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { AckStream } from '../stream/ack-stream.ts'
import { recordWritable } from '../stream/record-writable.ts'
import { recordWritableStream } from '../stream/record-writable-stream.ts'
import type { StreamSink, WritableOptions } from '../stream/streamed-records.ts'
import { type GivenRecord, type Payload, type ProducerRecord, recordFor, type SendFields } from './producer-record.ts'
import { checkTopic } from './record-checks.ts'
import type { RecordSender } from './record-sender.ts'
import type { RecordSource } from './record-source.ts'
import { sendAll } from './send-all.ts'
import type { SendOptions } from './send-options.ts'
import { TopicProducer } from './topic-producer.ts'

/** Enough to fill a batch of small records. */
export const ACKS_WINDOW_COUNT = 10_000

/** The calls that send, for what stands in front of a producer or in its place. */
export abstract class RecordCalls<Key = Payload, Value = Payload> {
  readonly #sender: RecordSender

  constructor(sender: RecordSender) {
    this.#sender = sender
  }

  abstract flush(options?: { readonly timeoutMs?: number }): Promise<number>

  /** As {@link Producer.send}. */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata>
  send(topic: string, value: NonNullable<Value> | null, fields?: SendFields<Key>): Promise<RecordMetadata>
  send(
    first: ProducerRecord<Key, Value> | string,
    second?: Value | SendOptions | null,
    fields?: SendFields<Key>,
  ): Promise<RecordMetadata> {
    return typeof first === 'string' && second !== undefined
      ? this.#sender.send(recordFor(first, second, fields), fields)
      : this.#sender.send(first as GivenRecord, second as SendOptions | undefined)
  }

  /** As {@link Producer.produce}. */
  produce(record: ProducerRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#sender.produce(record, callback)
  }

  /** As {@link Producer.drained}. */
  drained(): Promise<void> {
    return this.#sender.drained()
  }

  /** As {@link Producer.sendAll}. */
  sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    return sendAll(this.#sender, records)
  }

  /** As {@link Producer.acks}. */
  acks<Item extends ProducerRecord<Key, Value>>(
    records: RecordSource<Item>,
    options: { readonly windowCount?: number } = {},
  ): AckStream<Item> {
    return new AckStream(this.#sender, records, options.windowCount ?? ACKS_WINDOW_COUNT)
  }

  /** As {@link Producer.writable}. */
  writable<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): Writable {
    return recordWritable(this.#streamSink(), options)
  }

  /** As {@link Producer.writableStream}. */
  writableStream<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): WritableStream<Item> {
    return recordWritableStream(this.#streamSink(), options)
  }

  #streamSink(): StreamSink {
    return {
      take: (record, callback) => this.#sender.take(record, callback),
      drained: () => this.#sender.drained(),
      flush: () => this.flush(),
    }
  }

  /** As {@link Producer.forTopic}. */
  forTopic(topic: string): TopicProducer<Key, Value> {
    checkTopic(topic)
    return new TopicProducer(topic, this.#sender, (records) => sendAll(this.#sender, records))
  }
}
