import { metrics, type MeterProvider, trace, type TracerProvider } from '@opentelemetry/api'
import { traceRequests } from './traced-requests.ts'
import { SendMeters, traceBatches, traceSends } from './traced-sends.ts'
import { traceTransactions } from './traced-transactions.ts'

const INSTRUMENTATION = '@linger/opentelemetry'

export interface TraceOptions {
  /** Default: the one that is registered. */
  readonly tracerProvider?: TracerProvider
  /** Default: the one that is registered. */
  readonly meterProvider?: MeterProvider
  /** A span for each request to a broker too, a trace of its own. Default: false. */
  readonly requests?: boolean
}

/**
 * Traces every record that any producer of this process sends, from here on: a span from the call to the
 * acknowledgement, child of the span that is active at the call, and its context in the record's headers as the registered
 * propagator writes it. Also the metrics `messaging.client.operation.duration` and `messaging.client.sent.messages`.
 *
 * A batch filled by hand has one span, and so has each transaction. A record that `produce` did not take is not traced.
 *
 * @returns what ends that; spans that have begun are ended all the same
 * @source OpenTelemetry's semantic conventions for messaging and Kafka
 */
export function traceProducers(options: TraceOptions = {}): () => void {
  const tracer = (options.tracerProvider ?? trace).getTracer(INSTRUMENTATION)
  const meters = new SendMeters((options.meterProvider ?? metrics).getMeter(INSTRUMENTATION))
  const ends = [traceSends(tracer, meters), traceBatches(tracer, meters), traceTransactions(tracer)]
  if (options.requests === true) ends.push(traceRequests(tracer))
  return () => {
    for (const end of ends) end()
  }
}
