import type { OperationEnd } from '../ports/tracing.ts'
import { type Traces, untraced } from './traces.ts'

/**
 * A transaction begins.
 *
 * @returns what is to be called when it was committed or aborted, or is given up
 */
export function tracedTransaction({ clientId, transaction }: Traces, transactionalId: string): OperationEnd {
  if (!transaction.hasSubscribers) return untraced
  return transaction.trace({ clientId, transactionalId }, (onEnd) => onEnd)
}
