import type { RecordMetadata } from '../batch/deliveries.ts'
import { type GivenRecord, recordFor, type SendFields } from './producer-record.ts'
import type { RecordSender } from './record-sender.ts'
import type { SendOptions } from './send-options.ts'

/** `send(record, options)` and `send(topic, value, fields)`: which of the two it is, the arguments tell. */
export function sendWith(
  sender: RecordSender,
  first: GivenRecord | string,
  second: unknown,
  fields: SendFields<unknown> | undefined,
): Promise<RecordMetadata> {
  return typeof first === 'string' && second !== undefined
    ? sender.send(recordFor(first, second, fields), fields)
    : sender.send(first as GivenRecord, second as SendOptions | undefined)
}
