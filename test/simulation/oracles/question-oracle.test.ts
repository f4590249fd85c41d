import {
  apiVersions,
  codecFor,
  encodeRequestFrame,
  encodeResponseFrame,
  initProducerId,
  metadata,
  type Api,
} from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { QuestionOracle } from './question-oracle.ts'

const OWNER = 0

/** One producer with connections to two brokers, of which each has the broker's number in its id. */
class Conversation {
  readonly violations: string[] = []
  readonly writing = new Set<number>()
  nowMs = 0
  /** The network knows them no more. */
  readonly #closed = new Set<number>()
  readonly #requests: AnsweredRequests
  #correlationId = 0

  constructor() {
    const oracle = new QuestionOracle({
      nowMs: () => this.nowMs,
      nodeIdOf: ({ id }) => (this.#closed.has(id) ? -1 : id % 10),
      isWriting: ({ id }) => this.writing.has(id),
      connectionsMaxIdleMs: [10_000],
      violate: (what) => this.violations.push(what),
    })
    this.#requests = new AnsweredRequests({
      nowMs: () => this.nowMs,
      onRequest: (...of) => oracle.onRequest(...of),
      onAnswer: (...of) => oracle.onAnswer(...of),
      onClosed: (...of) => oracle.onClosed(...of),
    })
  }

  open(id: number): void {
    this.#ask(id, apiVersions, 4, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
    this.#answer(id, apiVersions, 4, { errorCode: 0, apiKeys: [] })
  }

  askForMetadata(id: number): void {
    this.#ask(id, metadata, 12, { topics: [] })
  }

  answerMetadata(id: number, throttleTimeMs: number = 0): void {
    this.#answer(id, metadata, 12, { throttleTimeMs, brokers: [], topics: [] })
  }

  askForProducerId(id: number, transactionalId: string | null = null): void {
    this.#ask(id, initProducerId, 4, { transactionalId, transactionTimeoutMs: 1 })
  }

  close(id: number): void {
    this.#closed.add(id)
    this.#requests.onClosed({ id, owner: OWNER })
  }

  #ask(id: number, api: Api, version: number, body: Readonly<Record<string, unknown>>): void {
    this.nowMs += 1
    const frame = encodeRequestFrame(codecFor(api, version), ++this.#correlationId, 'test', body)
    this.#requests.onWrite({ id, owner: OWNER }, Buffer.from(frame))
  }

  #answer(id: number, api: Api, version: number, body: Readonly<Record<string, unknown>>): void {
    const frame = encodeResponseFrame(codecFor(api, version), this.#correlationId, body)
    this.#requests.onReceived({ id, owner: OWNER }, Buffer.from(frame))
  }
}

const AGAIN = 'producer 0: Metadata goes to broker 1, which did not answer the last one, though broker 2 could be asked'

/** Broker 2 is connected; broker 1 was asked for metadata, has ended that connection without an answer, and is back. */
function withoutAnswer(conversation: Conversation = new Conversation()): Conversation {
  conversation.open(12)
  conversation.open(11)
  conversation.askForMetadata(11)
  conversation.close(11)
  conversation.open(21)
  return conversation
}

describe('a broker that did not answer', () => {
  test('is not asked the same again while another could be', () => {
    const conversation = withoutAnswer()
    conversation.askForMetadata(21)
    expect(conversation.violations).toEqual([AGAIN])
  })

  test('may be asked again when the other has had its turn', () => {
    const conversation = withoutAnswer()
    conversation.askForMetadata(12)
    conversation.answerMetadata(12)
    conversation.askForMetadata(21)
    expect(conversation.violations).toEqual([])
  })

  test('may be asked again when the other was asked on a connection whose end had not been heard of', () => {
    const conversation = withoutAnswer()
    conversation.close(12)
    conversation.askForMetadata(12)
    conversation.close(12)
    conversation.open(22)
    conversation.askForMetadata(21)
    expect(conversation.violations).toEqual([])
  })

  test('may be asked something else, or what only it can answer', () => {
    const conversation = withoutAnswer()
    conversation.askForProducerId(21)
    conversation.close(21)
    conversation.open(31)
    conversation.askForProducerId(31, 'tx')
    expect(conversation.violations).toEqual([])
  })

  test.each([
    ['is not connected', (conversation: Conversation) => conversation.close(12)],
    ['was not used for long', (conversation: Conversation) => void (conversation.nowMs += 10_000)],
    ['still has a request to take', (conversation: Conversation) => void conversation.writing.add(12)],
    ['owes another answer', (conversation: Conversation) => conversation.askForProducerId(12)],
  ])('may be asked again when the other %s', (_name, happens) => {
    const conversation = withoutAnswer()
    happens(conversation)
    conversation.askForMetadata(21)
    expect(conversation.violations).toEqual([])
  })

  test('may be asked again while the other has asked for a pause', () => {
    const paused = new Conversation()
    paused.open(12)
    paused.askForMetadata(12)
    paused.answerMetadata(12, 5_000)
    withoutAnswer(paused).askForMetadata(21)
    expect(paused.violations).toEqual([])
  })
})

test('a broker that answered is asked again as one likes', () => {
  const conversation = new Conversation()
  conversation.open(12)
  conversation.open(11)
  conversation.askForMetadata(11)
  conversation.answerMetadata(11)
  conversation.close(11)
  conversation.open(21)
  conversation.askForMetadata(21)
  expect(conversation.violations).toEqual([])
})
