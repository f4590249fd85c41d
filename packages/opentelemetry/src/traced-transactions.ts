import type { TransactionTrace } from '@linger/producer'
import { SpanKind, type Tracer } from '@opentelemetry/api'
import { traceOperations } from './traced-operations.ts'

/** A span for each transaction, from its beginning until it was committed or aborted. */
export function traceTransactions(tracer: Tracer): () => void {
  return traceOperations<TransactionTrace>('linger:transaction', ({ clientId, transactionalId }) => {
    const span = tracer.startSpan('transaction', {
      kind: SpanKind.CLIENT,
      attributes: {
        'messaging.system': 'kafka',
        'messaging.client.id': clientId,
        'linger.transactional_id': transactionalId,
      },
    })
    return {
      span,
      onEnd: ({ result }) => {
        if (result !== undefined) span.setAttribute('linger.transaction.result', result)
      },
    }
  })
}
