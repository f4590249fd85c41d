import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { Logger } from '../config/producer-config.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Interceptor } from './interceptor.ts'
import { callbackAfter, type Onlooker, promiseAfter } from './onlooker.ts'
import type { GivenRecord } from './producer-record.ts'
import type { RecordSender } from './record-sender.ts'
import type { SendOptions } from './send-options.ts'

/** What interceptors made of a record that found no room, and what the record was then. */
interface Refused extends Pick<GivenRecord, 'key' | 'value' | 'headers'> {
  readonly record: GivenRecord
}

/** Stands before a producer's sender where there are interceptors: who has none pays nothing for it. */
export class InterceptingSender implements RecordSender {
  readonly #inner: RecordSender
  readonly #interceptors: readonly Interceptor<unknown, unknown>[]
  readonly #logger: Logger
  /** Records that found no room. Whoever offers one again has been through onSend. */
  readonly #refused = new WeakMap<GivenRecord, Refused>()

  constructor(inner: RecordSender, interceptors: readonly Interceptor<unknown, unknown>[], logger: Logger) {
    this.#inner = inner
    this.#interceptors = interceptors
    this.#logger = logger
  }

  send(given: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    const record = this.#onSend(given)
    return promiseAfter(this.#onlookerFor(record), this.#inner.send(record, options, within))
  }

  produce(given: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#offer(given, callback, (record, listener) => this.#inner.produce(record, listener, within))
  }

  take(given: GivenRecord, callback: DeliveryCallback, within?: AnyTransaction): boolean {
    return this.#offer(given, callback, (record, listener) => this.#inner.take(record, listener, within))
  }

  drained(): Promise<void> {
    return this.#inner.drained()
  }

  #offer(
    given: GivenRecord,
    callback: DeliveryCallback | undefined,
    offer: (record: GivenRecord, listener: DeliveryCallback) => boolean,
  ): boolean {
    const record = this.#refusedAs(given) ?? this.#onSend(given)
    const isTaken = offer(record, callbackAfter(this.#onlookerFor(record), callback))
    if (isTaken) this.#refused.delete(given)
    else this.#refused.set(given, { record, key: given.key, value: given.value, headers: given.headers })
    return isTaken
  }

  /** Undefined also when its object has become another record since. */
  #refusedAs(given: GivenRecord): GivenRecord | undefined {
    const refused = this.#refused.get(given)
    const { key, value, headers } = given
    const isSame = refused?.key === key && refused?.value === value && refused?.headers === headers
    return isSame ? refused?.record : undefined
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
