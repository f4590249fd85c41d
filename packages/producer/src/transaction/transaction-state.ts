import type { KafkaError } from '../errors.ts'

/** Where a transactional producer stands. What went wrong belongs to the two states of error. */
export type TransactionState =
  | { readonly name: 'UNINITIALIZED' }
  | { readonly name: 'INITIALIZING' }
  | { readonly name: 'READY' }
  | { readonly name: 'IN_TRANSACTION' }
  | { readonly name: 'COMMITTING_TRANSACTION' }
  | { readonly name: 'ABORTING_TRANSACTION' }
  /** Something of the transaction failed: only an abort leads on. */
  | { readonly name: 'ABORTABLE_ERROR'; readonly error: KafkaError }
  /** The producer is finished. */
  | { readonly name: 'FATAL_ERROR'; readonly error: KafkaError }

export type TransactionStateName = TransactionState['name']

/**
 * From where each state may be entered.
 *
 * ```
 *  UNINITIALIZED -> INITIALIZING -> READY -> IN_TRANSACTION -> COMMITTING_TRANSACTION -> READY
 *                        ^                         |                    |
 *                        |                         v                    v
 *                        '--- ABORTING_TRANSACTION <----- ABORTABLE_ERROR
 * ```
 * INITIALIZING comes after the end of a transaction where the next one needs a new epoch.
 *
 * @source Kafka TransactionManager.State.isTransitionValid
 */
const LEGAL_SOURCES: Readonly<Record<TransactionStateName, readonly TransactionStateName[]>> = {
  UNINITIALIZED: ['READY', 'ABORTABLE_ERROR'],
  INITIALIZING: ['UNINITIALIZED', 'COMMITTING_TRANSACTION', 'ABORTING_TRANSACTION'],
  READY: ['INITIALIZING', 'COMMITTING_TRANSACTION', 'ABORTING_TRANSACTION'],
  IN_TRANSACTION: ['READY'],
  COMMITTING_TRANSACTION: ['IN_TRANSACTION'],
  ABORTING_TRANSACTION: ['IN_TRANSACTION', 'ABORTABLE_ERROR'],
  ABORTABLE_ERROR: ['IN_TRANSACTION', 'COMMITTING_TRANSACTION', 'ABORTABLE_ERROR', 'INITIALIZING'],
  FATAL_ERROR: [
    'UNINITIALIZED',
    'INITIALIZING',
    'READY',
    'IN_TRANSACTION',
    'COMMITTING_TRANSACTION',
    'ABORTING_TRANSACTION',
    'ABORTABLE_ERROR',
    'FATAL_ERROR',
  ],
}

export function isLegalMove(from: TransactionStateName, to: TransactionStateName): boolean {
  return LEGAL_SOURCES[to].includes(from)
}
