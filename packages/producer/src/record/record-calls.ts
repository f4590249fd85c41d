import type { Writable } from 'node:stream'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { AckStream } from '../stream/ack-stream.ts'
import { recordWritable } from '../stream/record-writable.ts'
import { recordWritableStream } from '../stream/record-writable-stream.ts'
import type { StreamSink, WritableOptions } from '../stream/streamed-records.ts'
import type { Payload, ProducerRecord, SendFields } from './producer-record.ts'
import { checkTopic } from './record-checks.ts'
import type { SenderChoice } from './record-sender.ts'
import type { RecordSource } from './record-source.ts'
import { sendAll } from './send-all.ts'
import type { SendOptions } from './send-options.ts'
import { sendWith } from './send-with.ts'
import { TopicProducer } from './topic-producer.ts'

/** The calls that send: a producer's, a transaction's, and those of what stands in front of a producer or in its place. */
export class RecordCalls<Key = Payload, Value = Payload> {
  readonly #choice: SenderChoice
  readonly #flush: () => Promise<number>

  /** @param flush waits for what was sent: a stream has ended then */
  constructor(choice: SenderChoice, flush: () => Promise<number>) {
    this.#choice = choice
    this.#flush = flush
  }

  /**
   * Sends a record.
   *
   * Waits up to `maxBlockMs` for metadata and memory. An un-awaited call that fails is an unhandled rejection, as
   * everywhere in Node: where nobody awaits, use {@link Producer.produce}.
   *
   * @param options signal: takes the record back, with ABORTED, if it was not sent yet
   * @returns where the record is; rejects with a {@link KafkaError} whose `outcome` says if it may be in the log
   */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata>
  /** The same with topic and value as arguments. The value must be there: null writes a tombstone. */
  send(topic: string, value: NonNullable<Value> | null, fields?: SendFields<Key>): Promise<RecordMetadata>
  send(
    first: ProducerRecord<Key, Value> | string,
    second?: Value | SendOptions | null,
    fields?: SendFields<Key>,
  ): Promise<RecordMetadata> {
    return sendWith(this.#choice.sender, first, second, fields)
  }

  /**
   * Sends a record without a promise: the fastest way in. Never waits.
   *
   * @param callback called once, later, with the error or where the record is. Without it failures are only counted
   * @returns true: taken, the callback will come. False: the buffer is full and the record was NOT taken; wait for
   *   {@link Producer.drained} and call again
   * @throws KafkaError CLOSED after close(), or why the producer can send nothing more
   */
  produce(record: ProducerRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#choice.sender.produce(record, callback)
  }

  /** Resolves when there may be room again after `produce` returned false. */
  drained(): Promise<void> {
    return this.#choice.sender.drained()
  }

  /**
   * Sends many records, with backpressure, and waits for all.
   *
   * @returns where each record is, in the order of the input; rejects with a {@link SendAllError} that holds every
   *   record's own result if any failed
   */
  sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    return sendAll(this.#sink(), records)
  }

  /**
   * Sends what it reads, and tells what became of each record, in the order of the input: an acknowledgement stream.
   * Nothing is sent before it is read. Who leaves its loop ends the input too; what was sent has its own end.
   *
   * @param options windowCount: how many records may be sent and not yet be read as acknowledgements. Default 10_000
   * @returns throws only what the input throws, after the acknowledgements of what it gave before
   */
  acks<Item extends ProducerRecord<Key, Value>>(
    records: RecordSource<Item>,
    options: { readonly windowCount?: number } = {},
  ): AckStream<Item> {
    return new AckStream(this.#sink(), records, options.windowCount)
  }

  /**
   * A stream of Node's that writes records, and makes its source wait while there is no room. It finishes when all that
   * the producer has taken is settled. A record that fails destroys it with that error, and those taken before go on.
   */
  writable<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): Writable {
    return recordWritable(this.#sink(), options)
  }

  /** As {@link Producer.writable}, of the web's. */
  writableStream<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): WritableStream<Item> {
    return recordWritableStream(this.#sink(), options)
  }

  #sink(): StreamSink {
    return {
      take: (record, callback) => this.#choice.sender.take(record, callback),
      drained: () => this.#choice.sender.drained(),
      flush: this.#flush,
    }
  }

  /**
   * The calls that send, for one topic: what is given to them need not name it.
   *
   * @throws KafkaError INVALID_ARGUMENT when no topic can have that name
   */
  forTopic(topic: string): TopicProducer<Key, Value> {
    checkTopic(topic)
    return new TopicProducer(topic, this.#choice, (records) =>
      this.sendAll(records as RecordSource<ProducerRecord<Key, Value>>),
    )
  }
}
