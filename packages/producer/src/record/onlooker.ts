import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'

/** Told what became of a record or a batch, before whoever sent it is. */
export type Onlooker<Result = RecordMetadata> = (error: KafkaError | null, result: Result | undefined) => void

/** Stands in the place of a callback. */
export function callbackAfter(onlooker: Onlooker, callback: DeliveryCallback | undefined): DeliveryCallback {
  return (error, metadata, batch) => {
    onlooker(error, metadata)
    callback?.(error, metadata, batch)
  }
}

/**
 * Stands in the place of what a send gave: were it the same promise, a failure that nobody awaits would pass unheard, since
 * the onlooker has heard of it.
 */
export function promiseAfter<Result>(onlooker: Onlooker<Result>, sent: Promise<Result>): Promise<Result> {
  return sent.then(
    (result) => {
      onlooker(null, result)
      return result
    },
    (error: KafkaError) => {
      onlooker(error, undefined)
      throw error
    },
  )
}
