import { tracingChannel } from 'node:diagnostics_channel'
import { type Attributes, diag, type Span, SpanStatusCode } from '@opentelemetry/api'

/** An operation that has begun. */
export interface Operation<Trace> {
  readonly span: Span
  /** Called once, before the span ends: tells the span how it went, and whoever counts. */
  readonly onEnd: (ended: Trace) => void
}

/**
 * A span for each operation that a tracing channel of the producer tells of.
 *
 * @param begin begins an operation; undefined: this one has no span
 * @returns what ends that; spans that have begun are ended all the same
 */
export function traceOperations<Trace extends { readonly error?: Error }>(
  channelName: string,
  begin: (started: Trace) => Operation<Trace> | undefined,
): () => void {
  const operations = new WeakMap<object, Operation<Trace>>()
  const onEnd = (ended: Trace): void => {
    const operation = operations.get(ended)
    if (operation === undefined) return
    operations.delete(ended)
    harmless(() => operation.onEnd(ended))
    harmless(() => endSpan(operation.span, ended.error))
  }
  const subscribers = {
    start(started: Trace): void {
      harmless(() => {
        const operation = begin(started)
        if (operation !== undefined) operations.set(started, operation)
      })
    },
    end() {},
    asyncStart() {},
    asyncEnd: onEnd,
    // A call that throws has no other end.
    error: onEnd,
  }
  const channel = tracingChannel<unknown, Trace>(channelName)
  channel.subscribe(subscribers)
  return () => {
    channel.unsubscribe(subscribers)
  }
}

/**
 * Runs what may throw: a propagator, a sampler, a getter of a record. Nobody could catch it, since what a subscriber of a
 * channel throws is an uncaught exception of the process. What is observed goes on without it.
 */
export function harmless(run: () => void): void {
  try {
    run()
  } catch (error) {
    diag.error('linger: an operation is not fully traced', error)
  }
}

function endSpan(span: Span, error: Error | undefined): void {
  if (error !== undefined) {
    span.setAttributes(errorOf(error))
    span.recordException(error)
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.message })
  }
  span.end()
}

/** Kafka's name of what went wrong. */
export function errorOf(error: Error): Attributes {
  return { 'error.type': 'code' in error ? String(error.code) : error.name }
}
