import { errorFor } from '@linger/protocol'

/** What a transactional producer asks its coordinators. */
export type TransactionalApi =
  | 'FindCoordinator'
  | 'InitProducerId'
  | 'AddPartitionsToTxn'
  | 'AddOffsetsToTxn'
  | 'TxnOffsetCommit'
  | 'EndTxn (commit)'
  | 'EndTxn (abort)'
  | 'DescribeTransactions'

/** What follows from an answer. */
export type Reaction =
  | 'DONE'
  /** The same request to the same broker, after a while. */
  | 'RETRY'
  /** The same request to whoever coordinates by now. */
  | 'FIND_COORDINATOR'
  /** Only an abort leads on. */
  | 'ABORT'
  /** Only an abort leads on, and a new epoch after it. */
  | 'ABORT_AND_BUMP'
  /** The coordinator has no such transaction: nothing is committed, and the next one begins with a new epoch. */
  | 'START_ANEW'
  /** This producer is finished. */
  | 'FATAL'

type Reactions = Readonly<Record<string, Reaction>>

const COORDINATOR_MOVED: Reactions = {
  NOT_COORDINATOR: 'FIND_COORDINATOR',
  COORDINATOR_NOT_AVAILABLE: 'FIND_COORDINATOR',
}

/**
 * The codes to which an API reacts in its own way. Of all others those that Kafka calls retriable are tried again, and
 * the rest is fatal; only partitions that cannot be added end no more than their transaction.
 *
 * @source Kafka TransactionManager, its handlers' handleResponse
 */
const REACTIONS: Readonly<Record<TransactionalApi, Reactions>> = {
  FindCoordinator: {
    GROUP_AUTHORIZATION_FAILED: 'ABORT',
    TRANSACTION_ABORTABLE: 'ABORT',
  },
  InitProducerId: {
    ...COORDINATOR_MOVED,
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'ABORT',
    CLUSTER_AUTHORIZATION_FAILED: 'ABORT',
    TRANSACTION_ABORTABLE: 'ABORT',
  },
  AddPartitionsToTxn: {
    ...COORDINATOR_MOVED,
    UNKNOWN_PRODUCER_ID: 'ABORT_AND_BUMP',
    INVALID_PRODUCER_EPOCH: 'FATAL',
    INVALID_TXN_STATE: 'FATAL',
    INVALID_PRODUCER_ID_MAPPING: 'FATAL',
    TRANSACTIONAL_ID_AUTHORIZATION_FAILED: 'FATAL',
    PRODUCER_FENCED: 'FATAL',
  },
  AddOffsetsToTxn: {
    ...COORDINATOR_MOVED,
    GROUP_AUTHORIZATION_FAILED: 'ABORT',
    TRANSACTION_ABORTABLE: 'ABORT',
    UNKNOWN_PRODUCER_ID: 'ABORT_AND_BUMP',
  },
  TxnOffsetCommit: {
    ...COORDINATOR_MOVED,
    REQUEST_TIMED_OUT: 'FIND_COORDINATOR',
    GROUP_AUTHORIZATION_FAILED: 'ABORT',
    FENCED_INSTANCE_ID: 'ABORT',
    ILLEGAL_GENERATION: 'ABORT',
    UNKNOWN_MEMBER_ID: 'ABORT',
    TRANSACTION_ABORTABLE: 'ABORT',
  },
  'EndTxn (commit)': {
    ...COORDINATOR_MOVED,
    TRANSACTION_ABORTABLE: 'ABORT',
    UNKNOWN_PRODUCER_ID: 'ABORT_AND_BUMP',
    INVALID_TXN_STATE: 'START_ANEW',
  },
  'EndTxn (abort)': {
    ...COORDINATOR_MOVED,
    INVALID_TXN_STATE: 'START_ANEW',
    // There is nothing left that could be aborted.
    UNKNOWN_PRODUCER_ID: 'START_ANEW',
  },
  /** Nobody depends on what it says. */
  DescribeTransactions: {},
}

/** Decides from the API and the answer's code alone, so that every cell of the table can be tested. */
export function reactionTo(api: TransactionalApi, errorCode: number): Reaction {
  if (errorCode === 0 || api === 'DescribeTransactions') return 'DONE'
  const { name, retriable } = errorFor(errorCode)
  return REACTIONS[api][name] ?? (retriable ? 'RETRY' : api === 'AddPartitionsToTxn' ? 'ABORT' : 'FATAL')
}

/** As {@link reactionTo}, where a commit may be done that had no answer: no abort leads on from there. */
export function reactionAfterLostCommit(api: TransactionalApi, errorCode: number): Reaction {
  const reaction = reactionTo(api, errorCode)
  return reaction === 'ABORT' || reaction === 'ABORT_AND_BUMP' ? 'FATAL' : reaction
}

/** What is answered to an EndTxn before anything is written; and NONE, which leaves no doubt either. */
const NOT_ENDED: ReadonlySet<string> = new Set([
  'NONE',
  'CLUSTER_AUTHORIZATION_FAILED',
  'UNSUPPORTED_VERSION',
  'INVALID_REQUEST',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_PRODUCER_ID_MAPPING',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'UNKNOWN_PRODUCER_ID',
  'PRODUCER_FENCED',
  'TRANSACTION_ABORTABLE',
])

/**
 * True when the end that was asked for may be done, or be done yet. A coordinator whose log is slow answers
 * COORDINATOR_NOT_AVAILABLE, and one that writes the markers CONCURRENT_TRANSACTIONS; one that is deposed while it waits
 * for its log answers NOT_COORDINATOR or COORDINATOR_LOAD_IN_PROGRESS, and its successor finds the end in the log.
 *
 * @source Kafka TransactionStateManager.appendTransactionToLog
 */
export function mayBeEnded(api: TransactionalApi, errorCode: number): boolean {
  return isEnd(api) && !NOT_ENDED.has(errorFor(errorCode).name)
}

/** It asks for the end of a transaction. */
export function isEnd(api: TransactionalApi): boolean {
  return api === 'EndTxn (commit)' || api === 'EndTxn (abort)'
}

/** Of several partitions' reactions the one that decides for all: the later in this list. */
const BY_WEIGHT: readonly Reaction[] = [
  'DONE',
  'RETRY',
  'FIND_COORDINATOR',
  'ABORT',
  'ABORT_AND_BUMP',
  'START_ANEW',
  'FATAL',
]

const OPERATION_NOT_ATTEMPTED = 55

/** The code that decides what becomes of a request whose partitions have several, 0 when all are done. */
export function decisiveCode(api: TransactionalApi, errorCodes: readonly number[]): number {
  let decisive = 0
  for (const errorCode of errorCodes) {
    if (weightOf(api, errorCode) > weightOf(api, decisive)) decisive = errorCode
  }
  return decisive
}

/** What was not attempted has no fate of its own: it follows what was refused beside it. */
function weightOf(api: TransactionalApi, errorCode: number): number {
  return errorCode === OPERATION_NOT_ATTEMPTED ? 0.5 : BY_WEIGHT.indexOf(reactionTo(api, errorCode))
}
