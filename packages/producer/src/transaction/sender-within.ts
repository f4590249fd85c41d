import type { BatchBuilder } from '../batch/batch-builder.ts'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import type { BatchTarget } from '../record/record-intake.ts'
import type { RecordSender, SenderChoice } from '../record/record-sender.ts'
import type { SendOptions } from '../record/send-options.ts'
import type { AnyTransaction } from './transaction.ts'

/** Where a producer takes what is sent. */
export interface WaysIn {
  readonly choice: SenderChoice
  readonly sendBatch: (batch: BatchBuilder, target: BatchTarget, within?: AnyTransaction) => Promise<number | undefined>
  readonly flush: () => Promise<number>
}

/** The ways into one transaction. A failure is told by its commit too: a call that nobody awaits is no unhandled rejection. */
export class SenderWithin implements RecordSender {
  readonly #waysIn: WaysIn
  readonly #within: () => AnyTransaction

  constructor(waysIn: WaysIn, within: () => AnyTransaction) {
    this.#waysIn = waysIn
    this.#within = within
  }

  send(record: GivenRecord, options?: SendOptions): Promise<RecordMetadata> {
    const sent = this.#waysIn.choice.sender.send(record, options, this.#within())
    sent.catch(toldByCommit)
    return sent
  }

  produce(record: GivenRecord, callback?: DeliveryCallback): boolean {
    return this.#waysIn.choice.sender.produce(record, callback, this.#within())
  }

  take(record: GivenRecord, callback: DeliveryCallback): boolean {
    return this.#waysIn.choice.sender.take(record, callback, this.#within())
  }

  drained(): Promise<void> {
    return this.#waysIn.choice.sender.drained()
  }

  flush(): Promise<number> {
    return this.#waysIn.flush()
  }

  sendBatch(batch: BatchBuilder, target: BatchTarget): Promise<number | undefined> {
    const sent = this.#waysIn.sendBatch(batch, target, this.#within())
    sent.catch(toldByCommit)
    return sent
  }
}

function toldByCommit(): void {}
