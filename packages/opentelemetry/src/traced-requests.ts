import type { RequestTrace } from '@linger/producer'
import { SpanKind, type Tracer } from '@opentelemetry/api'
import { traceOperations } from './traced-operations.ts'

/**
 * A span for each request to a broker. It is a root: a request carries records of many traces, and leaves whenever the
 * last event let it, in whatever context that happened to have.
 */
export function traceRequests(tracer: Tracer): () => void {
  return traceOperations<RequestTrace>(
    'linger:request',
    ({ clientId, apiName, apiVersion, nodeId, host, port, sizeBytes }) => {
      const span = tracer.startSpan(apiName, {
        root: true,
        kind: SpanKind.CLIENT,
        attributes: {
          'messaging.system': 'kafka',
          'messaging.client.id': clientId,
          'server.address': host,
          'server.port': port,
          'linger.node_id': nodeId,
          'linger.api_version': apiVersion,
          'linger.request.size': sizeBytes,
        },
      })
      return { span, onEnd() {} }
    },
  )
}
