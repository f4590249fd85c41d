import { PartitionQueue } from '../accumulate/partition-queue.ts'
import { lastPlaceIn, type RecordPlace } from '../accumulate/record-place.ts'
import type { WaitingRecord } from '../accumulate/waiting-record.ts'
import type { DeliveryResolve, RecordMetadata } from '../batch/deliveries.ts'
import { invalidArgument, KafkaError } from '../errors.ts'
import type { DelayedRecord, Taken } from '../timed/delayed-records.ts'

/** What belongs to one call of `send()`, and not to its record. */
export interface SendOptions {
  /**
   * When it is aborted before the record is sent, the record fails with ABORTED and outcome 'never', and what it took of
   * `bufferMemory` is given back. Once it is on the wire nothing changes: it may be written, and `send()` tells.
   */
  readonly signal?: AbortSignal
}

/**
 * Sends a record that its signal may take back.
 *
 * @param offer lets the record in, and says where it is
 */
export function sendUnlessAborted(
  signal: AbortSignal,
  offer: (reject: (error: KafkaError | null) => void, resolve: DeliveryResolve) => Taken | undefined,
  takeBack: (taken: RecordPlace | WaitingRecord | DelayedRecord, error: KafkaError) => void,
): Promise<RecordMetadata> {
  return new Promise((resolve, reject) => {
    checkSignal(signal)
    let onTakenBack = (): void => {}
    const onAbort = (): void => onTakenBack()
    const settled = (): void => signal.removeEventListener('abort', onAbort)
    const taken = offer(
      (error) => {
        settled()
        reject(error)
      },
      (metadata) => {
        settled()
        resolve(metadata)
      },
    )
    if (taken === undefined) return
    const place = taken instanceof PartitionQueue ? lastPlaceIn(taken) : taken
    onTakenBack = () => takeBack(place, aborted(signal))
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

/** @throws KafkaError INVALID_ARGUMENT, or ABORTED when it is too late already */
export function checkSignal(signal: unknown): asserts signal is AbortSignal {
  if (!(signal instanceof AbortSignal)) throw invalidArgument('signal must be an AbortSignal')
  if (signal.aborted) throw aborted(signal)
}

export function aborted(signal: AbortSignal): KafkaError {
  return new KafkaError('ABORTED', 'the record was taken back by its signal before it was sent', {
    outcome: 'never',
    cause: signal.reason,
  })
}
