import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { callbackAfter, type Onlooker, promiseAfter } from '../record/onlooker.ts'
import { fieldsOf, type GivenRecord, isObject } from '../record/producer-record.ts'
import type { RecordSender } from '../record/record-sender.ts'
import type { SendOptions } from '../record/send-options.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Traces } from './traces.ts'

/** Traces records. It is in their way only while somebody wants to hear of them. */
export class TracedSender implements RecordSender {
  readonly #sender: RecordSender
  readonly #traces: Traces

  constructor(sender: RecordSender, traces: Traces) {
    this.#sender = sender
    this.#traces = traces
  }

  send(record: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    return this.#trace(record, (traced, tell) => promiseAfter(tell, this.#sender.send(traced, options, within)))
  }

  produce(record: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#trace(record, (traced, tell) => this.#sender.produce(traced, callbackAfter(tell, callback), within))
  }

  take(record: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#trace(record, (traced, tell) => this.#sender.take(traced, callbackAfter(tell, callback), within))
  }

  drained(): Promise<void> {
    return this.#sender.drained()
  }

  /** What is sent is what subscribers have left in the record's place. The trace ends before the sender hears, who may send others. */
  #trace<Result>(record: GivenRecord, send: (record: GivenRecord, tell: Onlooker) => Result): Result {
    const { clientId, send: channel } = this.#traces
    const context = { clientId, record: spreadable(record) }
    return channel.trace(context, (onEnd) =>
      send(context.record, (error, metadata) => onEnd(error ?? undefined, metadata)),
    )
  }
}

/** Subscribers copy a record to add headers, and a copy has none of the getters of a class. */
function spreadable(record: GivenRecord): GivenRecord {
  return !isObject(record) || Object.getPrototypeOf(record) === Object.prototype ? record : fieldsOf(record)
}
