import type { Mutant } from '../mutant.ts'

const DECISION = 'packages/producer/src/ack/produce-decision.ts'
const JUDGE = 'packages/producer/src/ack/batch-judge.ts'

const SAYS_NEVER = "says 'never' of records that are in the log, or stamps them anew so that they land twice"

/** A code that is taken for proof that nothing was appended. */
function definite(code: number, name: string, danger: string): Mutant {
  return {
    name: `${name} proves that nothing was appended`,
    danger,
    file: DECISION,
    code: '2, 5, 10, 17,',
    instead: `2, ${code}, 5, 10, 17,`,
  }
}

export const decisionMutants: readonly Mutant[] = [
  definite(6, 'NOT_LEADER_OR_FOLLOWER', `${SAYS_NEVER} (KAFKA-13574; Jepsen's own checker before 2022)`),
  definite(7, 'REQUEST_TIMED_OUT', `${SAYS_NEVER} (franz-go #1217)`),
  definite(3, 'UNKNOWN_TOPIC_OR_PARTITION', `${SAYS_NEVER}: DelayedProduce answers it after the append`),
  definite(20, 'NOT_ENOUGH_REPLICAS_AFTER_APPEND', SAYS_NEVER),
  definite(56, 'KAFKA_STORAGE_ERROR', SAYS_NEVER),
  definite(-1, 'UNKNOWN_SERVER_ERROR', SAYS_NEVER),
  {
    name: 'a code that nobody knows yet proves that nothing was appended',
    danger: SAYS_NEVER,
    file: DECISION,
    code: '!DEFINITE_CODES.has(errorCode)\n',
    instead: '!(DEFINITE_CODES.has(errorCode) || errorCode > 133)\n',
  },
  {
    name: 'only the last attempt counts',
    danger: 'an attempt that may have been written is forgotten when the next one is refused',
    file: DECISION,
    code: 'facts.mayBeWritten || !DEFINITE_CODES',
    instead: '!DEFINITE_CODES',
  },
  {
    name: 'DUPLICATE_SEQUENCE_NUMBER fails the batch as never written',
    danger: 'the records are in the log: who sends them again writes them twice',
    file: DECISION,
    code: "if (errorCode === DUPLICATE_SEQUENCE_NUMBER) return { kind: 'acknowledge', offsetIsKnown: false }",
    instead: "if (errorCode === DUPLICATE_SEQUENCE_NUMBER) return failed(false, false, 'rewind', false)",
  },
  {
    name: 'a duplicate of unknown offset is told to be at offset 0',
    danger: 'an offset that is not true (Bufstream 0.1.0 in Jepsen: spurious zero offsets)',
    file: JUDGE,
    code: 'decision.offsetIsKnown ? offsetOf(answer.baseOffset) : undefined',
    instead: 'decision.offsetIsKnown ? offsetOf(answer.baseOffset) : 0',
  },
  {
    name: 'OUT_OF_ORDER_SEQUENCE_NUMBER is taken for a duplicate that is in the log',
    danger: 'records are acknowledged that were refused',
    file: DECISION,
    code: 'if (errorCode === DUPLICATE_SEQUENCE_NUMBER)',
    instead: 'if (errorCode === DUPLICATE_SEQUENCE_NUMBER || errorCode === OUT_OF_ORDER_SEQUENCE_NUMBER)',
  },
  {
    name: 'a batch that may have been written is stamped anew when its sequence is out of order',
    danger: 'it lands twice (librdkafka #4953)',
    file: DECISION,
    code: 'return mayRetry && !mayBeWritten &&',
    instead: 'return mayRetry &&',
  },
  {
    name: 'records that may have been written are called never written once retries have run out',
    danger: 'who sends them again writes them twice',
    file: DECISION,
    code: "outcome: mayBeWritten ? 'unknown' : 'never', fatal",
    instead: "outcome: 'never', fatal",
  },
  {
    name: 'a batch that may have been written and is given up on is followed in the same epoch',
    danger: 'the next batch takes its sequences and is thrown away as its duplicate (franz-go #1217)',
    file: DECISION,
    code: "failed(mayBeWritten, false, mayBeWritten ? 'bump' : 'rewind', refreshMetadata)",
    instead: "failed(mayBeWritten, false, 'rewind', refreshMetadata)",
  },
  {
    name: 'a batch that is too large is split although it may have been written',
    danger: 'the pieces have other sequences: the broker writes the records a second time',
    file: DECISION,
    code: 'facts.maySplit && !(isIdempotent && mayBeWritten)',
    instead: 'facts.maySplit',
  },
  {
    name: 'a retriable error that is over its time counts as an acknowledgement',
    danger: 'acknowledged and lost',
    file: DECISION,
    code: "if (retriable && mayRetry) return { kind: 'retry'",
    instead:
      "if (retriable && !mayRetry) return { kind: 'acknowledge', offsetIsKnown: false }\n  if (retriable) return { kind: 'retry'",
  },
]
