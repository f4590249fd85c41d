import { ownBytes } from '../accumulate/waiting-record.ts'
import { fieldsOf, type GivenRecord, type Headers } from './producer-record.ts'

/** A record as it is now, with bytes of its own: the caller may use his for the next. What is no bytes yet is still his. */
export function ownRecord(record: GivenRecord): GivenRecord {
  const { key, value, headers } = record
  return { ...fieldsOf(record), key: ownPayload(key), value: ownPayload(value), headers: ownHeaders(headers) }
}

/** What headers may not be stays as it is: it is refused where all are checked. */
function ownHeaders(headers: Headers | undefined): Headers | undefined {
  if (typeof headers !== 'object' || (headers as unknown) === null) return headers
  if (Array.isArray(headers)) return (headers as readonly unknown[]).map(ownPair) as unknown as Headers
  return Symbol.iterator in headers ? headers : (Object.entries(headers).map(ownPair) as unknown as Headers)
}

function ownPair(pair: unknown): unknown {
  return Array.isArray(pair) ? [pair[0], ownPayload(pair[1])] : pair
}

function ownPayload(data: unknown): unknown {
  if (data instanceof ArrayBuffer) return data.slice(0)
  return data instanceof Uint8Array ? ownBytes(data) : data
}
