import type { Writable } from 'node:stream'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { ACKS_WINDOW_COUNT, partsOf, type Producer } from '../producer.ts'
import type { Payload, ProducerRecord } from '../record/producer-record.ts'
import { checkTopic } from '../record/record-checks.ts'
import type { RecordSource } from '../record/record-source.ts'
import { sendAll } from '../record/send-all.ts'
import type { SendOptions } from '../record/send-options.ts'
import { TopicProducer } from '../record/topic-producer.ts'
import { AckStream } from '../stream/ack-stream.ts'
import { recordWritable } from '../stream/record-writable.ts'
import { recordWritableStream } from '../stream/record-writable-stream.ts'
import type { StreamSink, WritableOptions } from '../stream/streamed-records.ts'
import { type DeadLetterOptions, DeadLetterSender } from './dead-letter-sender.ts'

/** A producer's calls that send, with dead letters. */
export class DeadLetterProducer<Key = Payload, Value = Payload> {
  /** What it stands before. Its own calls write no dead letters. */
  readonly producer: Producer<Key, Value>
  readonly #sender: DeadLetterSender

  constructor(producer: Producer<Key, Value>, options: DeadLetterOptions) {
    this.producer = producer
    this.#sender = new DeadLetterSender(partsOf(producer), options)
  }

  /** As {@link Producer.send}. A failure is told when the dead letter is written, or has failed too. */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata> {
    return this.#sender.send(record, options)
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

  /** As {@link Producer.flush}, and then waits for the dead letters, which count among the unsettled. */
  async flush(options: { readonly timeoutMs?: number } = {}): Promise<number> {
    const { clock, engine } = partsOf(this.producer)
    const deadlineMs = clock.now() + (options.timeoutMs ?? Infinity)
    const unsettledCount = await this.producer.flush(options)
    const { pending } = this.#sender
    if (unsettledCount > 0 || pending.size === 0) return unsettledCount
    await new Promise<void>((resolve) => {
      const cancelAlarm = engine.alarms.set(deadlineMs, resolve)
      engine.sender.wake()
      void Promise.allSettled(pending).then(() => {
        cancelAlarm()
        resolve()
      })
    })
    return pending.size
  }

  /** Waits for dead letters too, and closes the producer. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { clock } = partsOf(this.producer)
    const startMs = clock.now()
    if (options.timeoutMs !== 0) await this.flush(options)
    const { timeoutMs } = options
    await this.producer.close(
      timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, timeoutMs - (clock.now() - startMs)) },
    )
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
