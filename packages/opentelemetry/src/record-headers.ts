import type { TextMapSetter } from '@opentelemetry/api'
import type { SendTrace } from '@linger/producer'

/** A record as a trace has it. */
export type TracedRecord = SendTrace['record']

type Headers = NonNullable<TracedRecord['headers']>
type HeaderPairs = Extract<Headers, readonly unknown[]>

/** Writes trace context into a record's headers: into new ones, since those there are may be used again. */
export const recordHeaders: TextMapSetter<SendTrace> = {
  set(trace, name, value) {
    const { headers = {} } = trace.record
    // What the producer does not take stays as it is, and is refused when the record is sent.
    if (isHeaders(headers)) trace.record = withHeaders(trace.record, withHeader(headers, name, value))
  },
}

/** Field by field, since a spread forgets those that are getters of a class. */
function withHeaders(record: TracedRecord, headers: Headers): TracedRecord {
  const { topic, key, value, partition, timestamp, ttlMs, delayMs, deliverAt } = record
  return { ...record, topic, key, value, headers, partition, timestamp, ttlMs, delayMs, deliverAt }
}

function withHeader(headers: Headers, name: string, value: string): Headers {
  if (!isPairs(headers)) return { ...headers, [name]: value }
  return [...headers.filter(([other]) => other !== name), [name, value]]
}

/** Headers as the producer takes them: a list of pairs, or by name. Other lists, as a Map, are neither. */
function isHeaders(headers: unknown): headers is Headers {
  if (typeof headers !== 'object' || headers === null) return false
  return Array.isArray(headers) ? headers.every((pair) => Array.isArray(pair)) : !(Symbol.iterator in headers)
}

/** `Array.isArray` forgets that a list may be readonly. */
function isPairs(headers: Headers): headers is HeaderPairs {
  return Array.isArray(headers)
}
