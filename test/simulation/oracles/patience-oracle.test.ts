import { codecFor, encodeRequestFrame, encodeResponseFrame, metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { PatienceOracle } from './patience-oracle.ts'

const codec = codecFor(metadata, 9)
const connection = { id: 1, owner: 0 }

/** One producer with a requestTimeoutMs of 1,000, and a broker. */
class Conversation {
  readonly violations: string[] = []
  nowMs = 0
  frozenMs = 0
  readonly #requests: AnsweredRequests

  constructor() {
    const oracle = new PatienceOracle({
      nowMs: () => this.nowMs,
      awakeMs: (_owner, sinceMs) => this.nowMs - sinceMs - this.frozenMs,
      requestTimeoutsMs: [1_000],
      violate: (what) => this.violations.push(what),
    })
    this.#requests = new AnsweredRequests({
      nowMs: () => this.nowMs,
      onRequest: (...of) => oracle.onRequest(...of),
      onAnswer: (...of) => oracle.onAnswer(...of),
      onClosed: () => {},
    })
  }

  ask(correlationId: number): void {
    this.#requests.onWrite(connection, Buffer.from(encodeRequestFrame(codec, correlationId, 'test', { topics: [] })))
  }

  answer(correlationId: number, throttleTimeMs: number = 0): void {
    const response = { throttleTimeMs, brokers: [], topics: [] }
    const frame = Buffer.from(encodeResponseFrame(codec, correlationId, response))
    for (let at = 0; at < frame.length; at++) this.#requests.onReceived(connection, frame.subarray(at, at + 1))
  }
}

describe('an answer', () => {
  test.each([
    ['in time is none', 1_000, 0, []],
    ['after requestTimeoutMs may not be taken', 1_200, 0, ['producer 0: an answer to Metadata is taken 200 ms late']],
    ['that came while the process was frozen is not late', 60_000, 59_500, []],
  ])('%s', (_name, afterMs, frozenMs, violations) => {
    const conversation = new Conversation()
    conversation.ask(1)
    Object.assign(conversation, { nowMs: afterMs, frozenMs })
    conversation.answer(1)
    expect(conversation.violations).toEqual(violations)
  })

  test('may come later by the pause that a broker asked for, and nothing is asked in it', () => {
    const conversation = new Conversation()
    conversation.ask(1)
    conversation.ask(2)
    conversation.answer(1, 5_000)
    conversation.nowMs = 5_900
    conversation.answer(2)
    expect(conversation.violations).toEqual([])
    conversation.ask(3)
    conversation.answer(3, 5_000)
    conversation.nowMs += 1_000
    conversation.ask(4)
    expect(conversation.violations).toEqual(['producer 0: Metadata 4000 ms before the end of a pause'])
  })
})
