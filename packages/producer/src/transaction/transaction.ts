import type { Writable } from 'node:stream'
import type { BatchBuilder } from '../batch/batch-builder.ts'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { Payload, ProducerRecord, SendFields } from '../record/producer-record.ts'
import type { BatchTarget } from '../record/record-intake.ts'
import { checkTopic } from '../record/record-checks.ts'
import type { RecordSource } from '../record/record-source.ts'
import { sendAll } from '../record/send-all.ts'
import { sendWith } from '../record/send-with.ts'
import type { SendOptions } from '../record/send-options.ts'
import { TopicProducer } from '../record/topic-producer.ts'
import { AckStream } from '../stream/ack-stream.ts'
import { recordWritable } from '../stream/record-writable.ts'
import { recordWritableStream } from '../stream/record-writable-stream.ts'
import type { WritableOptions } from '../stream/streamed-records.ts'
import type { ConsumerGroupMetadata, ConsumerOffset } from './consumer-offsets.ts'
import { SenderWithin, type WaysIn } from './sender-within.ts'

/** A transaction whatever its records are made of. */
export type AnyTransaction = Transaction<unknown, unknown>

/** What a transaction needs of its producer. */
export interface TransactionOwner {
  readonly waysIn: WaysIn
  /** More records may come until this is settled. */
  awaitBeforeCommit(sending: Promise<unknown>): void
  sendOffsets(offsets: Iterable<ConsumerOffset>, group: ConsumerGroupMetadata, within: AnyTransaction): Promise<void>
  end(isCommit: boolean, within: AnyTransaction): Promise<void>
  /** False once it was committed or aborted, or another one was begun. */
  isOpen(transaction: AnyTransaction): boolean
}

/**
 * A transaction that has begun and not ended. What is sent through it becomes visible to readers of committed records
 * together, or never: it has all the calls of its producer that send.
 *
 * When anything of it fails, awaited or not, it can only be aborted: the commit tells, so that a call that nobody awaits
 * is no unhandled rejection. As a disposable it is aborted at the end of its block, unless it was committed:
 * `await using tx = ...`.
 */
export class Transaction<Key = Payload, Value = Payload> implements AsyncDisposable {
  readonly #owner: TransactionOwner
  readonly #sender: SenderWithin

  constructor(owner: TransactionOwner) {
    this.#owner = owner
    this.#sender = new SenderWithin(owner.waysIn, this)
  }

  /** As {@link Producer.send}. */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata>
  /** The same with topic and value as arguments. The value must be there: null writes a tombstone. */
  send(topic: string, value: NonNullable<Value> | null, fields?: SendFields<Key>): Promise<RecordMetadata>
  send(
    first: ProducerRecord<Key, Value> | string,
    second?: Value | SendOptions | null,
    fields?: SendFields<Key>,
  ): Promise<RecordMetadata> {
    return sendWith(this.#sender, first, second, fields)
  }

  /** As {@link Producer.produce}. */
  produce(record: ProducerRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#sender.produce(record, callback)
  }

  /** Resolves when there may be room again after `produce` returned false. */
  drained(): Promise<void> {
    return this.#sender.drained()
  }

  /** As {@link Producer.sendAll}. A commit waits until the last record was taken, also where nobody awaits it. */
  sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    const sent = sendAll(this.#sender, records)
    this.#owner.awaitBeforeCommit(sent)
    return sent
  }

  /** As {@link Producer.acks}. Read it to its end before the commit: what is read later comes too late. */
  acks<Item extends ProducerRecord<Key, Value>>(
    records: RecordSource<Item>,
    options: { readonly windowCount?: number } = {},
  ): AckStream<Item> {
    return new AckStream(this.#sender, records, options.windowCount)
  }

  /** As {@link Producer.writable}. Let it finish before the commit: what is written later comes too late. */
  writable<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): Writable {
    return recordWritable(this.#sender, options)
  }

  /** As {@link Transaction.writable}, of the web's. */
  writableStream<Item extends ProducerRecord<Key, Value>>(options: WritableOptions<Item> = {}): WritableStream<Item> {
    return recordWritableStream(this.#sender, options)
  }

  /** As {@link Producer.sendBatch}, of a batch that `createBatch()` of the producer gave. */
  sendBatch(batch: BatchBuilder, target: BatchTarget): Promise<number | undefined> {
    return this.#sender.sendBatch(batch, target)
  }

  /** As {@link Producer.forTopic}, for as long as the transaction lasts. */
  forTopic(topic: string): TopicProducer<Key, Value> {
    checkTopic(topic)
    return new TopicProducer(topic, this.#sender, (records) =>
      this.sendAll(records as RecordSource<ProducerRecord<Key, Value>>),
    )
  }

  /**
   * Commits with the transaction how far a consumer has come, so that its input counts as read exactly if the output
   * is visible.
   *
   * @param offsets of the next records to read
   * @param group as the consumer tells it (KIP-447)
   * @returns rejects with `requiresAbort` when the group's coordinator refuses
   */
  sendOffsets(offsets: Iterable<ConsumerOffset>, group: ConsumerGroupMetadata): Promise<void> {
    return this.#owner.sendOffsets(offsets, group, this)
  }

  /** As {@link Producer.commitTransaction}. */
  commit(): Promise<void> {
    return this.#owner.end(true, this)
  }

  /** As {@link Producer.abortTransaction}. */
  abort(): Promise<void> {
    return this.#owner.end(false, this)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#owner.isOpen(this)) await this.abort()
  }
}
