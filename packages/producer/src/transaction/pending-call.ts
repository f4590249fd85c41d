import type { KafkaError } from '../errors.ts'
import type { CallDone } from './ending.ts'

/** Calls that may take longer than their caller waits. */
export type TransactionCall = 'initTransactions()' | 'commitTransaction()' | 'abortTransaction()'

/** A call on its way to its end, which is kept for the one who asks for it. */
export class PendingCall {
  readonly call: TransactionCall
  readonly #waiting = new Set<CallDone>()
  #end: { readonly error: KafkaError | undefined } | undefined

  constructor(call: TransactionCall) {
    this.call = call
  }

  get isDone(): boolean {
    return this.#end !== undefined
  }

  /**
   * Runs `onDone` at the end: at once, when it has come.
   *
   * @returns what stops waiting
   */
  wait(onDone: CallDone): () => void {
    if (this.#end !== undefined) onDone(this.#end.error)
    else this.#waiting.add(onDone)
    return () => void this.#waiting.delete(onDone)
  }

  end(error: KafkaError | undefined): void {
    this.#end = { error }
    for (const onDone of this.#waiting) onDone(error)
    this.#waiting.clear()
  }
}
