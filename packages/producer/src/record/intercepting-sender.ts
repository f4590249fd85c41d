import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { Logger } from '../config/producer-config.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Interceptor } from './interceptor.ts'
import { callbackAfter, type Onlooker, promiseAfter } from './onlooker.ts'
import { type GivenRecord, isObject } from './producer-record.ts'
import type { RecordSender, SenderChoice } from './record-sender.ts'
import { RefusedRecords } from './refused-records.ts'
import type { SendOptions } from './send-options.ts'

/** Stands before a producer's sender where there are interceptors: who has none pays nothing for it. */
export class InterceptingSender implements RecordSender {
  readonly #inner: SenderChoice
  readonly #interceptors: readonly Interceptor<unknown, unknown>[]
  readonly #logger: Logger
  /** Whoever offers one again has been through onSend. */
  readonly #refused = new RefusedRecords()

  constructor(inner: SenderChoice, interceptors: readonly Interceptor<unknown, unknown>[], logger: Logger) {
    this.#inner = inner
    this.#interceptors = interceptors
    this.#logger = logger
  }

  send(given: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    const { sender } = this.#inner
    if (!isObject(given)) return sender.send(given, options, within)
    const record = this.#onSend(given)
    return promiseAfter(this.#onlookerFor(record), sender.send(record, options, within))
  }

  produce(given: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#offer(given, callback, (record, listener) => this.#inner.sender.produce(record, listener, within))
  }

  take(given: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#offer(given, callback, (record, listener) => this.#inner.sender.take(record, listener, within))
  }

  drained(): Promise<void> {
    return this.#inner.sender.drained()
  }

  #offer(
    given: GivenRecord,
    callback: DeliveryCallback | undefined,
    offer: (record: GivenRecord, listener: DeliveryCallback) => boolean,
  ): boolean {
    if (!isObject(given)) return offer(given, callback ?? nobody)
    const record = this.#refused.madeOf(given) ?? this.#onSend(given)
    const isTaken = offer(record, callbackAfter(this.#onlookerFor(record), callback))
    this.#refused.onOffered(given, record, isTaken)
    return isTaken
  }

  #onSend(given: GivenRecord): GivenRecord {
    let record = given
    for (const interceptor of this.#interceptors) {
      try {
        record = interceptor.onSend?.(record) ?? record
      } catch (error) {
        this.#warn('onSend', error)
      }
    }
    return record
  }

  #onlookerFor(record: GivenRecord): Onlooker {
    return (error, metadata) => {
      for (const interceptor of this.#interceptors) {
        try {
          interceptor.onAcknowledgement?.(error, metadata, record)
        } catch (thrown) {
          this.#warn('onAcknowledgement', thrown)
        }
      }
    }
  }

  #warn(call: string, error: unknown): void {
    this.#logger.warn(`linger: ${call} of an interceptor threw, and the record went on without it: ${String(error)}`)
  }
}

function nobody(): void {}
