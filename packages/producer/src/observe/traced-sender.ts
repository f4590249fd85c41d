import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { OperationEnd } from '../ports/tracing.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import type { RecordSender } from '../record/record-sender.ts'
import type { SendOptions } from '../record/send-options.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Traces } from './traces.ts'

/** Stands before the ways in, and traces records where somebody wants to hear of them. Else it costs one look. */
export class TracedSender implements RecordSender {
  readonly #sender: RecordSender
  readonly #traces: Traces

  constructor(sender: RecordSender, traces: Traces) {
    this.#sender = sender
    this.#traces = traces
  }

  send(record: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    if (!this.#traces.send.hasSubscribers) return this.#sender.send(record, options, within)
    return this.#trace(record, (traced, onEnd) => {
      const sent = this.#sender.send(traced, options, within)
      // What the caller gets is what follows: else a failure that nobody awaits would pass unheard.
      return sent.then(
        (metadata) => {
          onEnd(undefined, metadata)
          return metadata
        },
        (error: Error) => {
          onEnd(error)
          throw error
        },
      )
    })
  }

  produce(record: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    if (!this.#traces.send.hasSubscribers) return this.#sender.produce(record, callback, within)
    return this.#trace(record, (traced, onEnd) => this.#sender.produce(traced, telling(callback, onEnd), within))
  }

  take(record: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean {
    if (!this.#traces.send.hasSubscribers) return this.#sender.take(record, callback, within)
    return this.#trace(record, (traced, onEnd) => this.#sender.take(traced, telling(callback, onEnd), within))
  }

  drained(): Promise<void> {
    return this.#sender.drained()
  }

  /** What is sent is what subscribers have left in the record's place. */
  #trace<Result>(record: GivenRecord, send: (record: GivenRecord, onEnd: OperationEnd) => Result): Result {
    const { clientId, send: channel } = this.#traces
    const context = { clientId, record }
    return channel.trace(context, (onEnd) => send(context.record, onEnd))
  }
}

/** The trace ends before its record's callback runs, which may send others. */
function telling(callback: DeliveryCallback | undefined, onEnd: OperationEnd): DeliveryCallback {
  return (error, metadata, batch) => {
    if (error === null) onEnd(undefined, metadata)
    else onEnd(error)
    callback?.(error, metadata, batch)
  }
}
