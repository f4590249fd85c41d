import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { GivenRecord, Payload, ProducerRecord } from '../record/producer-record.ts'
import type { RecordSource } from '../record/record-source.ts'
import { sendAll } from '../record/send-all.ts'
import type { SendOptions } from '../record/send-options.ts'
import type { ConsumerGroupMetadata, ConsumerOffset } from './consumer-offsets.ts'

/** A transaction whatever its records are made of. */
export type AnyTransaction = Transaction<unknown, unknown>

/** What a transaction needs of its producer. */
export interface TransactionOwner {
  send(record: GivenRecord, options: SendOptions | undefined, within: AnyTransaction): Promise<RecordMetadata>
  produce(record: GivenRecord, callback: DeliveryCallback | undefined, within: AnyTransaction): boolean
  /** As `produce`, also where bytes come later. */
  take(record: GivenRecord, callback: DeliveryCallback, within: AnyTransaction): boolean
  drained(): Promise<void>
  /** More records may come until this is settled. */
  awaitBeforeCommit(sending: Promise<unknown>): void
  sendOffsets(offsets: Iterable<ConsumerOffset>, group: ConsumerGroupMetadata, within: AnyTransaction): Promise<void>
  end(isCommit: boolean, within: AnyTransaction): Promise<void>
  /** False once it was committed or aborted, or another one was begun. */
  isOpen(transaction: AnyTransaction): boolean
}

/**
 * A transaction that has begun and not ended. What is sent through it becomes visible to readers of committed records
 * together, or never.
 *
 * As a disposable it is aborted at the end of its block, unless it was committed: `await using tx = ...`.
 */
export class Transaction<Key = Payload, Value = Payload> implements AsyncDisposable {
  readonly #owner: TransactionOwner

  constructor(owner: TransactionOwner) {
    this.#owner = owner
  }

  /**
   * As {@link Producer.send}. When a record fails, awaited or not, the transaction can only be aborted: the commit tells,
   * so that a call that nobody awaits is no unhandled rejection.
   */
  send(record: ProducerRecord<Key, Value>, options?: SendOptions): Promise<RecordMetadata> {
    const sent = this.#owner.send(record, options, this)
    sent.catch(toldByCommit)
    return sent
  }

  /** As {@link Producer.produce}. When a record fails, the transaction can only be aborted. */
  produce(record: ProducerRecord<Key, Value>, callback?: DeliveryCallback): boolean {
    return this.#owner.produce(record, callback, this)
  }

  /** Resolves when there may be room again after `produce` returned false. */
  drained(): Promise<void> {
    return this.#owner.drained()
  }

  /** As {@link Producer.sendAll}. A commit waits until the last record was taken, also where nobody awaits it. */
  sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    const owner = this.#owner
    const sink = {
      take: (record: GivenRecord, callback: DeliveryCallback) => owner.take(record, callback, this),
      drained: () => owner.drained(),
    }
    const sent = sendAll(sink, records)
    this.#owner.awaitBeforeCommit(sent)
    return sent
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

function toldByCommit(): void {}
