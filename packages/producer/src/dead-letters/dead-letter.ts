import type { KafkaError } from '../errors.ts'
import { ownRecord } from '../record/own-record.ts'
import { type GivenRecord, isObject, type Payload } from '../record/producer-record.ts'

/** Not the record's doing: it was taken back, or the producer was closed. */
const NOBODY_ASKS: ReadonlySet<string> = new Set(['ABORTED', 'CLOSED'])

/** Whether a record that failed like this is one for the dead letters. */
export function isForDeadLetters(error: KafkaError, includeUnknown: boolean): boolean {
  if (error.fatal || NOBODY_ASKS.has(error.code)) return false
  return error.outcome === 'unknown' ? includeUnknown : !error.retriable
}

/** A record as it was when it was given: its bytes are copied, since the caller may use his for the next. */
export function asGiven(record: GivenRecord): GivenRecord {
  return isRecord(record) ? ownRecord(record) : record
}

/**
 * What tells of a record that failed: its key, value and headers, and with them where it was to go and why it did not.
 *
 * @param bytes its key and value as bytes, where a serializer could make them; what else cannot be written becomes text
 */
export function deadLetterFor(
  record: GivenRecord,
  bytes: Pick<GivenRecord, 'key' | 'value'>,
  error: KafkaError,
  topic: string,
): GivenRecord {
  const partition = error.partition ?? record.partition
  const { timestamp } = record
  const isTime = typeof timestamp === 'number' && Number.isSafeInteger(timestamp) && timestamp >= 0
  return {
    topic,
    key: payload(bytes.key),
    value: payload(bytes.value),
    timestamp: isTime ? timestamp : undefined,
    headers: [
      ...headersOf(record.headers),
      ['dead-letter.topic', record.topic],
      ['dead-letter.partition', partition === undefined ? null : String(partition)],
      ['dead-letter.code', error.code],
      ['dead-letter.outcome', error.outcome],
      ['dead-letter.message', error.message],
    ],
  }
}

export function isRecord(record: unknown): record is GivenRecord {
  return isObject(record) && typeof (record as GivenRecord).topic === 'string'
}

function headersOf(headers: unknown): (readonly [string, Payload])[] {
  if (typeof headers !== 'object' || headers === null) return []
  const pairs: unknown[] = Array.isArray(headers) ? headers : Object.entries(headers)
  return pairs.flatMap((pair) => (Array.isArray(pair) ? [[String(pair[0]), payload(pair[1])] as const] : []))
}

/** A header that is a number, or a value that no serializer takes, may be why the record failed: it is written as text. */
function payload(data: unknown): Payload {
  if (typeof data === 'string' || data instanceof Uint8Array || data instanceof ArrayBuffer) return data
  if (data === null || data === undefined) return null
  if (typeof data === 'bigint') return String(data)
  try {
    const text = JSON.stringify(data, bigintAsText) as string | undefined
    return text ?? typeof data
  } catch {
    return typeof data // what contains itself
  }
}

function bigintAsText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
