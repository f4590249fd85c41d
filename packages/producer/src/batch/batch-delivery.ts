import { altered, type KafkaError } from '../errors.ts'
import type { DeliveryCallback } from './deliveries.ts'

/** Waits until each record of a batch is told, since it may have been split, and tells of the whole. */
export class BatchDelivery {
  readonly #recordCount: number
  readonly #resolve: (offset: number | undefined) => void
  readonly #reject: (error: KafkaError) => void
  #toldCount = 0
  #failedCount = 0
  /** Of the first record. */
  #offset: number | undefined
  #error: KafkaError | undefined

  constructor(recordCount: number, resolve: (offset: number | undefined) => void, reject: (error: KafkaError) => void) {
    this.#recordCount = recordCount
    this.#resolve = resolve
    this.#reject = reject
  }

  readonly onSettled: DeliveryCallback = (error, metadata) => {
    if (this.#toldCount === 0) this.#offset = metadata?.offset
    this.#toldCount++
    if (error !== null) {
      this.#failedCount++
      if (this.#error === undefined || error.outcome === 'unknown') this.#error = error
    }
    if (this.#toldCount < this.#recordCount) return
    if (this.#error === undefined) this.#resolve(this.#offset)
    else this.#reject(this.#errorOf(this.#error))
  }

  /** 'never' is true of a batch only if it is of every record. */
  #errorOf(error: KafkaError): KafkaError {
    const writtenCount = this.#recordCount - this.#failedCount
    if (writtenCount === 0) return error
    const message = `${error.message}; ${writtenCount} of the batch's ${this.#recordCount} records are written`
    return altered(error, { message, outcome: 'unknown', retriable: false, cause: error })
  }
}
