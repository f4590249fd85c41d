import { tracingChannel } from 'node:diagnostics_channel'
import type { SendTrace } from '@linger/producer'
import {
  type Attributes,
  context,
  metrics,
  type MeterProvider,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
  type TracerProvider,
} from '@opentelemetry/api'
import { recordHeaders } from './record-headers.ts'

const INSTRUMENTATION = '@linger/opentelemetry'

export interface TraceOptions {
  /** Default: the one that is registered. */
  readonly tracerProvider?: TracerProvider
  /** Default: the one that is registered. */
  readonly meterProvider?: MeterProvider
}

interface Operation {
  readonly span: Span
  readonly attributes: Attributes
  readonly startMs: number
}

/**
 * Traces every record that any producer of this process sends, from here on: a span from the call to the
 * acknowledgement, child of the span that is active at the call, and its context in the record's headers as the registered
 * propagator writes it. Also the metrics `messaging.client.operation.duration` and `messaging.client.sent.messages`.
 *
 * A record that `produce` did not take is not traced.
 *
 * @returns what ends that; spans that have begun are ended all the same
 * @source OpenTelemetry's semantic conventions for messaging and Kafka
 */
export function traceProducers(options: TraceOptions = {}): () => void {
  const tracer = (options.tracerProvider ?? trace).getTracer(INSTRUMENTATION)
  const meter = (options.meterProvider ?? metrics).getMeter(INSTRUMENTATION)
  const duration = meter.createHistogram('messaging.client.operation.duration', {
    description: 'From the call to the acknowledgement or the failure',
    unit: 's',
  })
  const sent = meter.createCounter('messaging.client.sent.messages', {
    description: 'Records that were acknowledged or have failed',
    unit: '{message}',
  })
  const operations = new WeakMap<object, Operation>()

  const onEnd = (ended: SendTrace): void => {
    const operation = operations.get(ended)
    if (operation === undefined) return
    operations.delete(ended)
    const { span, attributes, startMs } = operation
    const outcome = outcomeOf(ended)
    describe(span, ended, outcome)
    span.end()
    duration.record((performance.now() - startMs) / 1000, { ...attributes, ...outcome })
    sent.add(1, { ...attributes, ...outcome })
  }
  const subscribers = {
    start(started: SendTrace): void {
      // What is no record at all is refused when it is sent.
      if (typeof started.record !== 'object' || (started.record as unknown) === null) return
      const attributes = attributesOf(started)
      const span = tracer.startSpan(nameOf(started.record), {
        kind: SpanKind.PRODUCER,
        attributes: { ...attributes, ...keyOf(started) },
      })
      operations.set(started, { span, attributes, startMs: performance.now() })
      propagation.inject(trace.setSpan(context.active(), span), started, recordHeaders)
    },
    end() {},
    asyncStart() {},
    asyncEnd: onEnd,
    // A call that throws has no other end.
    error: onEnd,
  }
  const channel = tracingChannel<unknown, SendTrace>('linger:send')
  channel.subscribe(subscribers)
  return () => {
    channel.unsubscribe(subscribers)
  }
}

function nameOf({ topic }: SendTrace['record']): string {
  return typeof topic === 'string' ? `send ${topic}` : 'send'
}

/** The few that metrics have too. */
function attributesOf({ clientId, record }: SendTrace): Attributes {
  const attributes: Attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.client.id': clientId,
  }
  if (typeof record.topic === 'string') attributes['messaging.destination.name'] = record.topic
  return attributes
}

function keyOf({ record: { key, value } }: SendTrace): Attributes {
  const attributes: Attributes = {}
  if (typeof key === 'string' || typeof key === 'number') attributes['messaging.kafka.message.key'] = String(key)
  if (value === null || value === undefined) attributes['messaging.kafka.message.tombstone'] = true
  return attributes
}

/** Kafka's name of what went wrong, or where the record went. */
function outcomeOf({ error, result }: SendTrace): Attributes {
  if (error !== undefined) return { 'error.type': 'code' in error ? String(error.code) : error.name }
  return result === undefined ? {} : { 'messaging.destination.partition.id': String(result.partition) }
}

function describe(span: Span, { error, result }: SendTrace, outcome: Attributes): void {
  span.setAttributes(outcome)
  if (result?.offset !== undefined) span.setAttribute('messaging.kafka.offset', result.offset)
  if (error === undefined) return
  span.recordException(error)
  span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
}
