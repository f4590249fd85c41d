import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'

/** Told what became of a record, before whoever sent it is. */
export type Onlooker = (error: KafkaError | null, metadata: RecordMetadata | undefined) => void

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
export function promiseAfter(onlooker: Onlooker, sent: Promise<RecordMetadata>): Promise<RecordMetadata> {
  return sent.then(
    (metadata) => {
      onlooker(null, metadata)
      return metadata
    },
    (error: KafkaError) => {
      onlooker(error, undefined)
      throw error
    },
  )
}
