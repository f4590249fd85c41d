import { errorFor } from '@linger/protocol'
import type { SequenceStep } from '../idempotence/batch-stamp.ts'

/** What the decision depends on beside the answer's code. */
export interface BatchFacts {
  readonly isIdempotent: boolean
  readonly isTransactional: boolean
  /** An earlier attempt may have been written. */
  readonly mayBeWritten: boolean
  /** `retries` and the delivery timeout allow another attempt. */
  readonly mayRetry: boolean
  /** It has several records, and the delivery timeout is not over. */
  readonly maySplit: boolean
  /** The answer says where the log starts. */
  readonly isLogStartKnown: boolean
}

/** What becomes of a batch after one answer. */
export type ProduceDecision =
  /** Written. The offset is unknown when the broker had the batch from an earlier attempt and says no more. */
  | { readonly kind: 'acknowledge'; readonly offsetIsKnown: boolean }
  /** The same bytes again. */
  | { readonly kind: 'retry'; readonly refreshMetadata: boolean; readonly mayBeWritten: boolean }
  /** The same records under a new epoch or producer id: surely none is written. */
  | { readonly kind: 'restamp'; readonly identity: 'bump' | 'reset' }
  /** The same records in smaller batches. */
  | { readonly kind: 'split' }
  /** Over. `identity` says how the sequences go on for the batches behind it. */
  | {
      readonly kind: 'fail'
      readonly outcome: 'never' | 'unknown'
      readonly fatal: boolean
      readonly identity: SequenceStep
      readonly refreshMetadata: boolean
    }

const NONE = 0
const MESSAGE_TOO_LARGE = 10
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const DUPLICATE_SEQUENCE_NUMBER = 46
const INVALID_PRODUCER_EPOCH = 47
const UNKNOWN_PRODUCER_ID = 59

/**
 * Codes that prove of their attempt that nothing was appended: the broker judges these before it writes.
 *
 * All others can come after the append, unknown ones too. A leader that waits for its followers answers
 * NOT_LEADER_OR_FOLLOWER when it is deposed meanwhile, and UNKNOWN_TOPIC_OR_PARTITION when the topic is deleted.
 *
 * @source Kafka ReplicaManager.appendRecords, DelayedProduce; KAFKA-13574
 */
const DEFINITE_CODES: ReadonlySet<number> = new Set([
  2, 5, 10, 17, 18, 19, 21, 29, 31, 32, 35, 42, 43, 44, 45, 47, 48, 53, 59, 74, 76, 87, 90, 100, 103,
])

/**
 * CLUSTER_AUTHORIZATION_FAILED, UNSUPPORTED_VERSION, INVALID_PRODUCER_ID_MAPPING, TRANSACTIONAL_ID_AUTHORIZATION_FAILED
 * and PRODUCER_FENCED: whoever has a producer id is over.
 *
 * @source Kafka TransactionManager.maybeTransitionToErrorState
 */
const FATAL_CODES: ReadonlySet<number> = new Set([31, 35, 49, 53, 90])

/** Decides from the answer's code and the batch alone, so that every cell of the table can be tested. */
export function produceDecision(errorCode: number, facts: BatchFacts): ProduceDecision {
  if (errorCode === NONE) return { kind: 'acknowledge', offsetIsKnown: true }
  if (errorCode === DUPLICATE_SEQUENCE_NUMBER) return { kind: 'acknowledge', offsetIsKnown: false }

  const { isIdempotent, mayRetry } = facts
  const mayBeWritten = facts.mayBeWritten || !DEFINITE_CODES.has(errorCode)
  const { retriable, refreshesMetadata: refreshMetadata } = errorFor(errorCode)

  // The pieces have other sequences: were the whole in the log, the broker would not know them again.
  if (errorCode === MESSAGE_TOO_LARGE && facts.maySplit && !(isIdempotent && mayBeWritten)) return { kind: 'split' }
  if (isIdempotent) {
    if (FATAL_CODES.has(errorCode)) return failed(mayBeWritten, true, mayBeWritten ? 'bump' : 'rewind', refreshMetadata)
    const lost = onSequenceLost(errorCode, { ...facts, mayBeWritten })
    if (lost !== undefined) return lost
  }
  if (retriable && mayRetry) return { kind: 'retry', refreshMetadata, mayBeWritten }
  return failed(mayBeWritten, false, mayBeWritten ? 'bump' : 'rewind', refreshMetadata)
}

/**
 * With one batch in flight per partition it is always the next in line. So a broker that does not expect its sequence
 * has lost the producer's state, or knows a newer one.
 *
 * What surely is not written goes on under a new identity. What may be written must not be stamped anew, or it could
 * land twice.
 */
function onSequenceLost(errorCode: number, facts: BatchFacts): ProduceDecision | undefined {
  const { mayBeWritten, mayRetry, isLogStartKnown } = facts
  switch (errorCode) {
    case OUT_OF_ORDER_SEQUENCE_NUMBER:
      return stampedAnew('bump', facts)
    case INVALID_PRODUCER_EPOCH:
      return stampedAnew('reset', facts)
    case UNKNOWN_PRODUCER_ID:
      // Without the log's start the partition is just moving away from this broker, and the next answer says more.
      // @source Kafka TransactionManager.canRetry
      return mayBeWritten && mayRetry && !isLogStartKnown
        ? { kind: 'retry', refreshMetadata: true, mayBeWritten }
        : stampedAnew('bump', facts)
    default:
      return undefined
  }
}

/** Within a transaction nothing is stamped anew: its records share one epoch, and the transaction is aborted. */
function stampedAnew(
  identity: 'bump' | 'reset',
  { mayBeWritten, mayRetry, isTransactional }: BatchFacts,
): ProduceDecision {
  return mayRetry && !mayBeWritten && !isTransactional
    ? { kind: 'restamp', identity }
    : failed(mayBeWritten, false, identity, false)
}

function failed(
  mayBeWritten: boolean,
  fatal: boolean,
  identity: SequenceStep,
  refreshMetadata: boolean,
): ProduceDecision {
  return { kind: 'fail', outcome: mayBeWritten ? 'unknown' : 'never', fatal, identity, refreshMetadata }
}
