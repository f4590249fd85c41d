import type { KafkaError } from '../errors.ts'
import type { CallDone } from './transaction-manager.ts'

/** A commit or an abort that was asked for and is not over. */
export interface Ending {
  readonly isCommit: boolean
  readonly onDone: CallDone
  /** All records of the transaction are settled. */
  isFlushed: boolean
  /** An EndTxn had no answer, or none that says enough: it may have done its work, or do it yet. */
  wasLost: boolean
  /** It is done, or never will be. What the next transaction needs is another matter. */
  isOver: boolean
  /** What the caller is told when it is over. */
  error: KafkaError | undefined
}
