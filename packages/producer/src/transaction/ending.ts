import type { KafkaError } from '../errors.ts'

/** Called once, when a call has come to its end. */
export type CallDone = (error?: KafkaError) => void

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
