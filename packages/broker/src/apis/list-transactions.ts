import { listTransactions, type ListTransactionsRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import type { TransactionMetadata } from '../transaction/transaction-metadata.ts'
import { TRANSACTION_STATES } from '../transaction/transaction-state.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'

export const listTransactionsHandler: ApiHandler = handlerFor(listTransactions, handleListTransactions)

/** @source Kafka 4.3.1 TransactionStateManager.listTransactionStates */
function handleListTransactions(
  { transactions, ports }: RequestContext,
  request: ListTransactionsRequest,
): Outcome<typeof listTransactions> {
  const { stateFilters, producerIdFilters, durationFilter, transactionalIdPattern } = request
  const unknownStateFilters = stateFilters.filter((state) => !TRANSACTION_STATES.includes(state))
  const pattern = patternFrom(transactionalIdPattern ?? '')
  if (pattern === undefined) {
    const errorCode = ErrorCode.INVALID_REGULAR_EXPRESSION
    return { response: { throttleTimeMs: 0, errorCode, unknownStateFilters, transactionStates: [] } }
  }
  const isWanted = ({ state, producerId, startedAtMs, transactionalId }: TransactionMetadata): boolean =>
    (stateFilters.length === 0 || stateFilters.includes(state)) &&
    (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
    (durationFilter < 0n || ports.now() - startedAtMs > durationFilter) &&
    pattern.test(transactionalId)

  const transactionStates = transactions
    .list()
    .filter(isWanted)
    .map(({ transactionalId, producerId, state }) => ({ transactionalId, producerId, transactionState: state }))
  return { response: { throttleTimeMs: 0, errorCode: ErrorCode.NONE, unknownStateFilters, transactionStates } }
}

/** Nothing is anything; otherwise all of an id must match. */
function patternFrom(pattern: string): RegExp | undefined {
  try {
    return pattern === '' ? /^/ : new RegExp(`^(?:${pattern})$`)
  } catch {
    return undefined
  }
}
