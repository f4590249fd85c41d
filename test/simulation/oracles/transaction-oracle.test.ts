import {
  addOffsetsToTxn,
  type Api,
  codecFor,
  encodeRequestFrame,
  encodeResponseFrame,
  endTxn,
  findCoordinator,
  initProducerId,
  produce,
  type RequestOf,
  type ResponseOf,
} from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { TransactionOracle } from './transaction-oracle.ts'

const FIRST = { id: 1, owner: 0 }
const SECOND = { id: 2, owner: 1 }
/** Another one of the first producer. */
const TO_LEADER = { id: 3, owner: 0 }
const TRANSACTION_ABORTABLE = 120
const PRODUCER_FENCED = 90
const NOT_COORDINATOR = 16

/** A transactional producer or two, and what their coordinator answers. */
class Conversation {
  readonly violations: string[] = []
  readonly oracle: TransactionOracle = new TransactionOracle(['tx'], (what) => this.violations.push(what))
  readonly #requests: AnsweredRequests
  /** Of whoever asks. */
  connection = FIRST
  #count = 0

  constructor() {
    this.#requests = new AnsweredRequests({
      nowMs: () => 0,
      onRequest: (...of) => this.oracle.onRequest(...of),
      onAnswer: (...of) => this.oracle.onAnswer(...of),
      onClosed: (connection) => this.oracle.onClosed(connection),
    })
  }

  /** Asks, and hears this; nothing when it is undefined. */
  ask<T extends Api>(api: T, version: number, request: RequestOf<T>, response: ResponseOf<T> | undefined): void {
    const codec = codecFor<T>(api, version)
    const correlationId = ++this.#count
    this.#requests.onWrite(this.connection, Buffer.from(encodeRequestFrame(codec, correlationId, 'test', request)))
    if (response === undefined) {
      this.#requests.onClosed(this.connection) // whoever gets no answer ends the connection
      return
    }
    this.#requests.onReceived(this.connection, Buffer.from(encodeResponseFrame(codec, correlationId, response)))
  }

  end(committed: boolean, errorCode: number | undefined, version: number = 4, producerEpoch: number = 7): void {
    const request = { transactionalId: 'tx', producerId: 1n, producerEpoch, committed }
    const next =
      version < 5 ? { producerId: -1n, producerEpoch: -1 } : { producerId: 1n, producerEpoch: producerEpoch + 1 }
    const response = errorCode === undefined ? undefined : { throttleTimeMs: 0, errorCode, ...next }
    this.ask(endTxn, version, request, response)
  }

  /** On a connection of its own, where the answer may come later or never. */
  sendRecords(): void {
    const request = { transactionalId: 'tx', acks: -1, timeoutMs: 1000, topicData: [] }
    const frame = encodeRequestFrame(codecFor(produce, 12), ++this.#count, 'test', request)
    this.#requests.onWrite(TO_LEADER, Buffer.from(frame))
  }

  acknowledgeRecords(): void {
    const response = { responses: [], throttleTimeMs: 0, nodeEndpoints: [] }
    const frame = encodeResponseFrame(codecFor(produce, 12), this.#count, response)
    this.#requests.onReceived(TO_LEADER, Buffer.from(frame))
  }

  loseLeader(): void {
    this.#requests.onClosed(TO_LEADER)
  }

  begin(producerEpoch: number = 7): void {
    const request = { transactionalId: 'tx', producerId: 1n, producerEpoch, groupId: 'g' }
    this.ask(addOffsetsToTxn, 3, request, { throttleTimeMs: 0, errorCode: 0 })
  }
}

describe('an end that was asked for', () => {
  test('is asked for again in the same direction, until it has its answer', () => {
    const conversation = new Conversation()
    conversation.begin()
    conversation.end(true, undefined)
    conversation.end(true, NOT_COORDINATOR)
    conversation.end(true, 0)
    expect(conversation.violations).toEqual([])
  })

  test('never becomes another, unless the coordinator has refused it', () => {
    const conversation = new Conversation()
    conversation.end(true, undefined)
    conversation.end(false, 0)
    expect(conversation.violations).toEqual(['producer 0: commit becomes abort in epoch 7 of producer id 1'])
    const deposed = new Conversation()
    deposed.end(true, NOT_COORDINATOR)
    deposed.end(false, 0)
    expect(deposed.violations).toHaveLength(1)
    const refused = new Conversation()
    refused.end(true, TRANSACTION_ABORTABLE)
    refused.end(false, 0)
    expect(refused.violations).toEqual([])
  })

  test('T7: and has no answer keeps its epoch from another transaction of v1', () => {
    const conversation = new Conversation()
    conversation.end(true, undefined)
    conversation.end(true, 0)
    conversation.begin(8)
    expect(conversation.violations).toEqual([])
    conversation.begin(7)
    expect(conversation.violations).toEqual(['producer 0: begins in epoch 7, in which an EndTxn has no answer'])
  })

  test('T7: and was answered each time does not', () => {
    const conversation = new Conversation()
    conversation.end(true, NOT_COORDINATOR)
    conversation.end(true, 0)
    conversation.begin(7)
    expect(conversation.violations).toEqual([])
  })
})

describe('an end, while records are on the wire', () => {
  test('is a violation: they could land behind it', () => {
    const conversation = new Conversation()
    conversation.sendRecords()
    conversation.end(false, 0)
    expect(conversation.violations).toEqual(['producer 0: ends the transaction of epoch 7, with 1 Produce on the wire'])
  })

  test('is none once they are acknowledged, or lost with their connection', () => {
    const conversation = new Conversation()
    conversation.sendRecords()
    conversation.acknowledgeRecords()
    conversation.end(true, 0)
    conversation.sendRecords()
    conversation.loseLeader()
    conversation.end(true, 0)
    expect(conversation.violations).toEqual([])
  })

  test('of another producer is none', () => {
    const conversation = new Conversation()
    conversation.sendRecords()
    conversation.connection = SECOND
    conversation.end(true, 0)
    expect(conversation.violations).toEqual([])
  })
})

describe('a producer', () => {
  test('T6: that has an epoch does not ask as a new one would, which takes the transactional id', () => {
    const conversation = new Conversation()
    const asNew = { transactionalId: 'tx', transactionTimeoutMs: 1000, producerId: -1n, producerEpoch: -1 }
    const given = { throttleTimeMs: 0, errorCode: 0, producerId: 1n, producerEpoch: 7 }
    conversation.ask(initProducerId, 4, asNew, { ...given, errorCode: NOT_COORDINATOR })
    conversation.ask(initProducerId, 4, asNew, given)
    conversation.ask(initProducerId, 4, { ...asNew, producerId: 1n, producerEpoch: 7 }, given)
    conversation.ask(initProducerId, 2, asNew, given)
    conversation.ask(initProducerId, 4, { ...asNew, transactionalId: null }, given)
    expect(conversation.violations).toEqual([])
    conversation.ask(initProducerId, 4, asNew, given)
    expect(conversation.violations).toEqual([
      'producer 0: asks for an epoch as if it had none, and takes over from whoever has fenced it',
    ])
  })

  test('T6: that a coordinator has fenced asks coordinators nothing more', () => {
    const conversation = new Conversation()
    conversation.end(true, PRODUCER_FENCED)
    expect(conversation.violations).toEqual([])
    conversation.end(true, PRODUCER_FENCED)
    expect(conversation.violations).toEqual(['producer 0: EndTxn after it was fenced'])
  })

  test.each([
    ['a coordinator that has moved', true, NOT_COORDINATOR, false],
    ['a commit that needs an abort', true, TRANSACTION_ABORTABLE, false],
    ['an abort that cannot be done', false, TRANSACTION_ABORTABLE, true],
    ['a producer that took over', true, PRODUCER_FENCED, true],
  ])('may end after %s: %s, %i: %s', (_name, isCommit, errorCode, mayEnd) => {
    const conversation = new Conversation()
    conversation.end(isCommit, errorCode)
    expect(conversation.oracle.mayEnd(0)).toBe(mayEnd)
  })

  test('may end after a commit without an answer that needs an abort: it may be done', () => {
    const conversation = new Conversation()
    conversation.end(true, undefined)
    const request = { key: 'tx', keyType: 1, coordinatorKeys: [] }
    const response = {
      throttleTimeMs: 0,
      errorCode: TRANSACTION_ABORTABLE,
      errorMessage: null,
      nodeId: -1,
      host: '',
      port: -1,
      coordinators: [],
    }
    conversation.ask(findCoordinator, 3, request, response)
    expect(conversation.oracle.mayEnd(0)).toBe(true)
  })

  test('has a twin when a coordinator gives its epoch to another one too, and not when it asks again itself', () => {
    const conversation = new Conversation()
    const request = { transactionalId: 'tx', transactionTimeoutMs: 1000, producerId: -1n, producerEpoch: -1 }
    const given = (producerEpoch: number) => ({ throttleTimeMs: 0, errorCode: 0, producerId: 1n, producerEpoch })
    for (const epoch of [7, 8]) conversation.ask(initProducerId, 4, request, given(epoch))
    conversation.end(true, 0, 5, 9)
    conversation.end(true, 0, 5, 9)
    expect(conversation.oracle.hasTwins).toBe(false)
    conversation.connection = SECOND
    conversation.end(false, 0, 5, 9)
    expect(conversation.oracle.hasTwins).toBe(true)
  })

  test('is known by the first identity that it was given', () => {
    const conversation = new Conversation()
    const request = { transactionalId: 'tx', transactionTimeoutMs: 1000, producerId: -1n, producerEpoch: -1 }
    for (const producerEpoch of [3, 4]) {
      conversation.ask(initProducerId, 4, request, { throttleTimeMs: 0, errorCode: 0, producerId: 5n, producerEpoch })
    }
    expect(conversation.oracle.identityOf(0)).toEqual({ producerId: 5n, epoch: 3 })
  })
})
