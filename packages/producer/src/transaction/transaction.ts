import type { BatchBuilder } from '../batch/batch-builder.ts'
import type { RecordMetadata } from '../batch/deliveries.ts'
import type { Payload, ProducerRecord } from '../record/producer-record.ts'
import { RecordCalls } from '../record/record-calls.ts'
import type { BatchTarget } from '../record/record-intake.ts'
import type { RecordSource } from '../record/record-source.ts'
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
 * together, or never: it has all the calls of its producer that send. Read an acknowledgement stream to its end, and let
 * others finish, before the commit: what comes later comes too late.
 *
 * When anything of it fails, awaited or not, it can only be aborted: the commit tells, so that a call that nobody awaits
 * is no unhandled rejection. As a disposable it is aborted at the end of its block, unless it was committed:
 * `await using tx = ...`.
 */
export class Transaction<Key = Payload, Value = Payload> extends RecordCalls<Key, Value> implements AsyncDisposable {
  readonly #owner: TransactionOwner
  readonly #sender: SenderWithin

  /** @internal `producer.beginTransaction()` makes it. */
  constructor(owner: TransactionOwner) {
    const sender = new SenderWithin(owner.waysIn, () => this)
    super({ sender }, () => sender.flush())
    this.#owner = owner
    this.#sender = sender
  }

  /** As {@link Producer.sendAll}. A commit waits until the last record was taken, also where nobody awaits it. */
  override sendAll(records: RecordSource<ProducerRecord<Key, Value>>): Promise<RecordMetadata[]> {
    const sent = super.sendAll(records)
    this.#owner.awaitBeforeCommit(sent)
    return sent
  }

  /** As {@link Producer.sendBatch}, of a batch that `createBatch()` of the producer gave. */
  sendBatch(batch: BatchBuilder, target: BatchTarget): Promise<number | undefined> {
    return this.#sender.sendBatch(batch, target)
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
