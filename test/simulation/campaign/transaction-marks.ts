import { type Mark, marksIn } from './mark.ts'

/** Every branch of transactions that retries, recovers or gives up. */
export const TRANSACTION_MARKS: readonly Mark[] = [
  ...marksIn('transaction/transaction-manager.ts', {
    'a failed record takes its transaction with it': 'if (isOpen) this.#fail(failed',
    'a commit fails with a record': "ending?.onDone(mustAbort('nothing was committed'",
    'the next transaction needs another epoch': "if (this.#transaction !== undefined) this.#bump = 'yes'",
    'a topic is made anew within a transaction': 'this.onFailed(topicRecreated(',
    'a question is lost': 'this.#deps.coordinators.forget(request.coordinator)\n    const { isEndTxn }',
    'a transaction begins anew': "case 'START_ANEW':\n        if",
  }),
]
