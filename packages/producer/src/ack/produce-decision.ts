import { errorFor } from '@linger/protocol'

/** What the decision depends on beside the answer itself. */
export interface BatchFacts {
  readonly isIdempotent: boolean
  /** An earlier attempt may have been written. */
  readonly mayBeWritten: boolean
  /** `retries` and the delivery timeout allow another attempt. */
  readonly mayRetry: boolean
}

/** What becomes of a batch after one answer. */
export type ProduceDecision =
  /** Written. The offset is unknown when the broker had the batch from an earlier attempt and says no more. */
  | { readonly kind: 'acknowledge'; readonly offsetIsKnown: boolean }
  /** The same bytes again. */
  | { readonly kind: 'retry'; readonly refreshMetadata: boolean; readonly mayBeWritten: boolean }
  /** The same records under a new epoch or producer id: surely none is written. */
  | { readonly kind: 'restamp'; readonly identity: 'bump' | 'reset' }
  /** Over. `identity` says how the sequences go on for the batches behind it. */
  | {
      readonly kind: 'fail'
      readonly outcome: 'never' | 'unknown'
      readonly fatal: boolean
      readonly identity: 'rewind' | 'bump' | 'reset'
      readonly refreshMetadata: boolean
    }

const NONE = 0
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const DUPLICATE_SEQUENCE_NUMBER = 46
const INVALID_PRODUCER_EPOCH = 47
const UNKNOWN_PRODUCER_ID = 59

/**
 * Codes that prove of their attempt that nothing was appended: the broker judges these before it writes.
 * All others, NOT_LEADER_OR_FOLLOWER and unknown ones too, can come after the append.
 *
 * @source Kafka ReplicaManager.appendRecords, DelayedProduce; KAFKA-13574 for NOT_LEADER_OR_FOLLOWER
 */
const DEFINITE_CODES: ReadonlySet<number> = new Set([
  2, 5, 10, 17, 18, 19, 21, 29, 31, 32, 35, 42, 43, 44, 45, 47, 48, 53, 59, 74, 76, 87, 90, 100, 103,
])

/** CLUSTER_AUTHORIZATION_FAILED, TRANSACTIONAL_ID_AUTHORIZATION_FAILED, PRODUCER_FENCED: this producer is over. */
const FATAL_CODES: ReadonlySet<number> = new Set([31, 53, 90])

/** Decides from the answer's code and the batch alone, so that every cell of the table can be tested. */
export function produceDecision(errorCode: number, facts: BatchFacts): ProduceDecision {
  if (errorCode === NONE) return { kind: 'acknowledge', offsetIsKnown: true }
  if (errorCode === DUPLICATE_SEQUENCE_NUMBER) return { kind: 'acknowledge', offsetIsKnown: false }

  const { isIdempotent, mayRetry } = facts
  const mayBeWritten = facts.mayBeWritten || !DEFINITE_CODES.has(errorCode)
  const { retriable, refreshesMetadata: refreshMetadata } = errorFor(errorCode)

  if (FATAL_CODES.has(errorCode)) return failed(mayBeWritten, true, 'rewind', refreshMetadata)
  if (isIdempotent && isSequenceLost(errorCode)) {
    // With one batch in flight per partition it is always the next in line, so the broker has lost its state. What
    // may be written must not be stamped anew: it could land twice.
    const identity = errorCode === INVALID_PRODUCER_EPOCH ? 'reset' : 'bump'
    return !mayBeWritten && mayRetry
      ? { kind: 'restamp', identity }
      : failed(mayBeWritten, false, identity, refreshMetadata)
  }
  if (retriable && mayRetry) return { kind: 'retry', refreshMetadata, mayBeWritten }
  return failed(mayBeWritten, false, mayBeWritten ? 'bump' : 'rewind', refreshMetadata)
}

function isSequenceLost(errorCode: number): boolean {
  return (
    errorCode === OUT_OF_ORDER_SEQUENCE_NUMBER ||
    errorCode === UNKNOWN_PRODUCER_ID ||
    errorCode === INVALID_PRODUCER_EPOCH
  )
}

function failed(
  mayBeWritten: boolean,
  fatal: boolean,
  identity: 'rewind' | 'bump' | 'reset',
  refreshMetadata: boolean,
): ProduceDecision {
  return { kind: 'fail', outcome: mayBeWritten ? 'unknown' : 'never', fatal, identity, refreshMetadata }
}
