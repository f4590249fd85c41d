import type { TextMapSetter } from '@opentelemetry/api'
import type { SendTrace } from '@linger/producer'

/** A record as a trace has it. */
export type TracedRecord = SendTrace['record']

/** Writes trace context into a record's headers: into new ones, since those there are may be used again. */
export const recordHeaders: TextMapSetter<SendTrace> = {
  set(trace, name, value) {
    const { headers } = trace.record
    // What is neither is refused when the record is sent.
    if (headers !== undefined && (typeof headers !== 'object' || (headers as unknown) === null)) return
    trace.record = { ...trace.record, headers: withHeader(headers, name, value) }
  },
}

function withHeader(
  headers: TracedRecord['headers'],
  name: string,
  value: string,
): NonNullable<TracedRecord['headers']> {
  if (!isPairs(headers)) return { ...headers, [name]: value }
  return [...headers.filter(([other]) => other !== name), [name, value]]
}

/** `Array.isArray` forgets that a list may be readonly. */
function isPairs(headers: TracedRecord['headers']): headers is Extract<TracedRecord['headers'], readonly unknown[]> {
  return Array.isArray(headers)
}
