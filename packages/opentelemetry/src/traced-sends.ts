import type { BatchTrace, SendTrace } from '@linger/producer'
import {
  type Attributes,
  context,
  type Counter,
  type Histogram,
  type Meter,
  propagation,
  SpanKind,
  trace,
  type Tracer,
} from '@opentelemetry/api'
import { recordHeaders } from './record-headers.ts'
import { errorOf, harmless, traceOperations } from './traced-operations.ts'

/**
 * The default ones are for milliseconds: in seconds all that goes well would be below the first of them.
 *
 * @source OpenTelemetry's semantic conventions for messaging
 */
const DURATION_BOUNDARIES_S = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** Measures what is sent, record by record or as a batch. */
export class SendMeters {
  readonly #duration: Histogram
  readonly #sent: Counter

  constructor(meter: Meter) {
    this.#duration = meter.createHistogram('messaging.client.operation.duration', {
      description: 'From the call to the acknowledgement or the failure',
      unit: 's',
      advice: { explicitBucketBoundaries: DURATION_BOUNDARIES_S },
    })
    this.#sent = meter.createCounter('messaging.client.sent.messages', {
      description: 'Records that were acknowledged or have failed',
      unit: '{message}',
    })
  }

  onEnd(attributes: Attributes, startMs: number, recordCount: number): void {
    this.#duration.record((performance.now() - startMs) / 1000, attributes)
    this.#sent.add(recordCount, attributes)
  }
}

/** A span for each record, whose context goes into the record's headers. */
export function traceSends(tracer: Tracer, meters: SendMeters): () => void {
  return traceOperations<SendTrace>('linger:send', (started) => {
    const { clientId, record } = started
    // What is no record at all is refused when it is sent.
    if (typeof record !== 'object' || (record as unknown) === null) return undefined
    const attributes = attributesOf(clientId, record.topic)
    const startMs = performance.now()
    const span = tracer.startSpan(nameOf(record.topic), {
      kind: SpanKind.PRODUCER,
      attributes: { ...attributes, ...keyOf(record) },
    })
    // Without its context the record still has its span.
    harmless(() => propagation.inject(trace.setSpan(context.active(), span), started, recordHeaders))
    return {
      span,
      onEnd: ({ error, result }) => {
        const place = result === undefined ? {} : partitionOf(result.partition)
        span.setAttributes(place)
        if (result?.offset !== undefined) span.setAttribute('messaging.kafka.offset', result.offset)
        meters.onEnd({ ...attributes, ...place, ...(error && errorOf(error)) }, startMs, 1)
      },
    }
  })
}

/** A span for each batch filled by hand. Its records were written before, so no context can go with them. */
export function traceBatches(tracer: Tracer, meters: SendMeters): () => void {
  return traceOperations<BatchTrace>('linger:sendBatch', ({ clientId, topic, partition, recordCount }) => {
    const attributes = { ...attributesOf(clientId, topic), ...partitionOf(partition) }
    const startMs = performance.now()
    const span = tracer.startSpan(nameOf(topic), {
      kind: SpanKind.CLIENT, // PRODUCER is for those whose context the records carry
      attributes: { ...attributes, 'messaging.batch.message_count': recordCount },
    })
    return {
      span,
      onEnd: ({ error }) => meters.onEnd({ ...attributes, ...(error && errorOf(error)) }, startMs, recordCount),
    }
  })
}

function nameOf(topic: unknown): string {
  return typeof topic === 'string' ? `send ${topic}` : 'send'
}

/** The few that metrics have too. */
function attributesOf(clientId: string, topic: unknown): Attributes {
  const attributes: Attributes = {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.client.id': clientId,
  }
  if (typeof topic === 'string') attributes['messaging.destination.name'] = topic
  return attributes
}

function partitionOf(partition: number): Attributes {
  return { 'messaging.destination.partition.id': String(partition) }
}

function keyOf({ key, value }: SendTrace['record']): Attributes {
  const attributes: Attributes = {}
  if (typeof key === 'string' || typeof key === 'number') attributes['messaging.kafka.message.key'] = String(key)
  if (value === null || value === undefined) attributes['messaging.kafka.message.tombstone'] = true
  return attributes
}
