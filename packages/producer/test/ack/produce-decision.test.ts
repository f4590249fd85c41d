import { errorFor } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type BatchFacts, produceDecision } from '../../src/ack/produce-decision.ts'

/**
 * Codes that a broker answers before it appends. NOT_LEADER_OR_FOLLOWER (6) and UNKNOWN_TOPIC_OR_PARTITION (3) are not
 * among them: a leader that is deposed while it waits for its followers answers them after the append (KAFKA-13574).
 */
const REFUSED_BEFORE_APPEND = new Set([
  2, 5, 10, 17, 18, 19, 21, 29, 31, 32, 35, 42, 43, 44, 45, 47, 48, 53, 74, 76, 87, 90, 100, 103,
])
/** Answered by brokers before 2.5 only, and before the append: @source Kafka 2.4 ProducerAppendInfo.checkSequence */
const UNKNOWN_PRODUCER_ID = 59
const SEQUENCE_LOST = [45, 47, UNKNOWN_PRODUCER_ID]
const FATAL = [31, 53, 90]
const UNKNOWN_CODE = 4711

const codes = [...Array.from({ length: 135 }, (_, index) => index - 1), UNKNOWN_CODE]
const truths = [false, true]
const facts: BatchFacts[] = truths.flatMap((isIdempotent) =>
  truths.flatMap((mayBeWritten) => truths.map((mayRetry) => ({ isIdempotent, mayBeWritten, mayRetry }))),
)
const cells = codes.flatMap((code) => facts.map((given) => ({ code, given, decision: produceDecision(code, given) })))
const failures = cells.flatMap(({ code, given, decision }) =>
  decision.kind === 'fail' ? [{ code, given, decision }] : [],
)

describe('for every code, idempotent or not, maybe written or not, with a retry left or not', () => {
  test("'never' is said only of codes that prove it", () => {
    const promised = failures.filter(({ decision }) => decision.outcome === 'never').map(({ code }) => code)
    expect(new Set(promised)).toEqual(new Set([...REFUSED_BEFORE_APPEND, UNKNOWN_PRODUCER_ID]))
  })

  test("a batch that may have been written before never ends as 'never'", () => {
    for (const { code, given, decision } of failures) {
      if (given.mayBeWritten) expect(decision.outcome, `code ${code}`).toBe('unknown')
    }
  })

  test('a retry remembers that the batch may be written', () => {
    for (const { code, given, decision } of cells) {
      if (decision.kind !== 'retry') continue
      const expected = given.mayBeWritten || !(REFUSED_BEFORE_APPEND.has(code) || code === UNKNOWN_PRODUCER_ID)
      expect(decision.mayBeWritten, `code ${code}`).toBe(expected)
    }
  })

  test('nothing is tried again when no retry is left', () => {
    for (const { code, given, decision } of cells) {
      if (!given.mayRetry) expect(['acknowledge', 'fail'], `code ${code}`).toContain(decision.kind)
    }
  })

  test('only what is retriable is retried', () => {
    for (const { code, given, decision } of cells) {
      if (decision.kind === 'retry') expect(errorFor(code).retriable, `code ${code}`).toBe(true)
      if (decision.kind === 'fail' && given.mayRetry) expect(errorFor(code).retriable, `code ${code}`).toBe(false)
    }
  })

  test('new sequences are given only to batches of an idempotent producer that surely are not written', () => {
    for (const { code, given, decision } of cells) {
      if (decision.kind !== 'restamp') continue
      expect(given, `code ${code}`).toMatchObject({ isIdempotent: true, mayBeWritten: false, mayRetry: true })
      expect(SEQUENCE_LOST).toContain(code)
    }
  })

  test('sequences that may be in the log are not used again', () => {
    for (const { code, given, decision } of failures) {
      if (!given.isIdempotent || decision.fatal || decision.outcome === 'never') continue
      expect(decision.identity, `code ${code}`).not.toBe('rewind')
    }
  })

  test('only three codes end the producer', () => {
    for (const { code, decision } of failures) expect(decision.fatal, `code ${code}`).toBe(FATAL.includes(code))
    for (const code of FATAL) {
      for (const given of facts) expect(produceDecision(code, given).kind).toBe('fail')
    }
  })

  test('success and a duplicate are acknowledged, and nothing else is', () => {
    for (const { code, decision } of cells) {
      if (code === 0) expect(decision).toEqual({ kind: 'acknowledge', offsetIsKnown: true })
      else if (code === 46) expect(decision).toEqual({ kind: 'acknowledge', offsetIsKnown: false })
      else expect(decision.kind, `code ${code}`).not.toBe('acknowledge')
    }
  })

  test('a code that says the leader is wrong asks for metadata', () => {
    for (const { code, decision } of cells) {
      if (decision.kind === 'retry')
        expect(decision.refreshMetadata, `code ${code}`).toBe(errorFor(code).refreshesMetadata)
    }
  })
})
