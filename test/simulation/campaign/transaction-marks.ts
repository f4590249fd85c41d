import { COMPRESSION_MARKS } from './compression-marks.ts'
import { type Mark, marksIn } from './mark.ts'

/** Every branch of transactions that retries, recovers or gives up. */
export const TRANSACTION_MARKS: readonly Mark[] = [
  ...COMPRESSION_MARKS,
  ...marksIn('transaction/transaction-manager.ts', {
    'a commit is refused since something failed': "if (this.#state.name === 'ABORTABLE_ERROR') onDone(mustAbort(",
    'a failed record takes its transaction with it': 'if (isOpen) this.#fail(failed',
    'a commit fails with a record': "ending?.onDone(mustAbort('nothing was committed'",
    'a topic is made anew within a transaction': 'this.onFailed(topicRecreated(',
    'what was not sent is dropped, since something failed': 'this.#dropped = dropped(error',
    'what was not sent is dropped by an abort': 'this.#dropped ??= dropped(undefined',
    'what is not sent any more is dropped': 'if (this.#dropped !== undefined) this.#deps.dropUnsent(this.#dropped',
    'an end of nothing is not told to the coordinator': 'if (this.#isOver) this.#onEnded(undefined',
    'an EndTxn of v1 is lost': 'if (isEndTxn) this.#identity.spend(',
    'another question of v1 is lost': 'else this.#identity.spendIfPossible(',
    'the next transaction begins in another epoch': "case 'NEW_EPOCH':\n",
    'brokers give no other epoch, and one is needed': "case 'NONE':\n",
    'a version that nobody speaks ends the producer': 'else this.#onFatal(notSpoken(',
    'an answer is lost': 'this.#deps.coordinators.forget(request.coordinator)\n    const isEndTxn = isEnd(',
    'the answer to an EndTxn is lost': 'if (isEndTxn && this.#ending !== undefined) this.#ending.wasLost',
    'a partition is gone': 'if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) this.#deps.refreshMetadata(',
    'a question is asked again': "case 'RETRY':\n",
    'a coordinator has moved': "case 'FIND_COORDINATOR':\n",
    'only an abort leads on': "case 'ABORT_AND_BUMP':\n",
    'a transaction is not known, and the next one begins anew': "case 'START_ANEW':\n",
    'a commit was not done': 'if (this.#ending?.isCommit === true) this.#ending.error',
    'an answer ends the producer': "case 'FATAL':\n",
    'there is no producer id for now': "if (this.#state.name === 'INITIALIZING') this.#onNotInitialized(error",
    'a coordinator refuses': 'else this.#fail(error',
    'the producer ends, and a commit may be done': 'mayBeCommitted ? withUnknownOutcome(error',
  }),
  ...marksIn('transaction/transactional-identity.ts', {
    'an epoch is spent': "this.#isSpent = 'yes'",
    'another epoch is better': "if (this.#isSpent === 'no') this.#isSpent = 'rather'",
    'a cluster is upgraded': 'if (this.#servedV1 && isV2) this.spendIfPossible(',
    'no other epoch is needed': "this.#isSpent = 'no'\n      return",
  }),
  ...marksIn('transaction/transaction-version.ts', {
    'the versions are asked for again': 'this.#askedMs = nowMs\n    return true',
  }),
  ...marksIn('transaction/ongoing-transaction.ts', {
    'the end of the transaction before is waited for': 'if (!this.#earlierEnd.letsPass()) return',
    'an abort waits for the answer to an addition':
      'this.#askedPartitions.length > 0 ? this.#addPartitions(this.#askedPartitions',
    'offsets fail with their transaction': 'for (const { onDone } of this.#offsetCommits.splice(0)) onDone(error',
    'partitions are not added for good': 'onRefused: () => this.#newPartitions.clear(',
    'offsets were told of already': 'if (this.#offsetCommits[0] !== commit) return',
  }),
  ...marksIn('transaction/transactional-request.ts', {
    'not a word on some offsets': 'if (codes.length === 0 && offsets.size > 0) codes.push(',
  }),
  ...marksIn('transaction/coordinator-dialogue.ts', {
    'nobody says who coordinates': 'if (error !== undefined) this.backOff(0, error.message',
    'FindCoordinator is refused': "else if (errorCode !== 0) this.#deps.onAnswer(request, 'FindCoordinator'",
    'a coordinator is out of reach': 'this.backOff(0, OUT_OF_REACH',
    'a question was without an answer': 'else this.#deps.onLost(request, error',
  }),
  ...marksIn('transaction/coordinators.ts', {
    'a coordinator cannot be reached, and another one may be':
      'if (node === undefined || node.isBackingOff) {\n      this.forget(',
    'a coordinator is met that was not known': 'this.#cluster.meet([found], UNKNOWN_BEFORE',
  }),
  ...marksIn('transaction/transactions.ts', {
    'an abort fails, and the producer is finished': 'abortError.fatal) return abortError',
    'a commit that timed out is rolled back': 'this.isOpen(transaction)) this.end(false, transaction',
    'what timed out is waited for': 'await this.#wait(pending).catch((error: unknown) => {',
    'a call has waited too long': 'reject(callTimedOut(pending.call',
    'offsets have waited too long': 'reject(callTimedOut(call, maxBlockMs',
  }),
]
