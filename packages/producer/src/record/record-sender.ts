import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { GivenRecord } from './producer-record.ts'
import type { SendOptions } from './send-options.ts'

/** Where those who send many records hand them in. */
export interface RecordSink {
  /** As `produce`, also where bytes come later. */
  take(record: GivenRecord, callback: DeliveryCallback): boolean
  drained(): Promise<void>
}

/** The ways in. `within` is the transaction that was called, if it was not the producer. */
export interface RecordSender {
  send(record: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata>
  produce(record: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean
  take(record: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean
  drained(): Promise<void>
}

/** Whom to hand a record to: asked for each, since it is another one while somebody traces. */
export interface SenderChoice {
  readonly sender: RecordSender
}
