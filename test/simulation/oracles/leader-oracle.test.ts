import { codecFor, encodeRequestFrame, encodeResponseFrame, metadata, produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { LeaderOracle } from './leader-oracle.ts'

const metadataCodec = codecFor(metadata, 12)
const produceCodec = codecFor(produce, 10)
/** Brokers 1 to 3, and the connection to each has its number. */
const BROKERS = [1, 2, 3]

/** One producer that writes to partition 0 of topic t. */
class Conversation {
  readonly violations: string[] = []
  isExcused = false
  readonly #requests: AnsweredRequests
  #correlationId = 0

  constructor() {
    const oracle = new LeaderOracle({
      nodeIdOf: ({ id }) => id,
      topicNameOf: (id) => id,
      isExcused: () => this.isExcused,
      violate: (what) => this.violations.push(what),
    })
    this.#requests = new AnsweredRequests({
      nowMs: () => 0,
      onRequest: (...of) => oracle.onRequest(...of),
      onAnswer: (...of) => oracle.onAnswer(...of),
      onClosed: () => {},
    })
  }

  hear(leaderId: number, leaderEpoch: number): void {
    const correlationId = ++this.#correlationId
    const connection = { id: 1, owner: 0 }
    this.#requests.onWrite(
      connection,
      Buffer.from(encodeRequestFrame(metadataCodec, correlationId, 'test', { topics: [] })),
    )
    const brokers = BROKERS.map((nodeId) => ({ nodeId, host: 'h', port: 1 }))
    const partitions = [
      { errorCode: 0, partitionIndex: 0, leaderId, leaderEpoch, replicaNodes: [], isrNodes: [], offlineReplicas: [] },
    ]
    const response = { brokers, topics: [{ errorCode: 0, name: 't', partitions }] }
    this.#requests.onReceived(connection, Buffer.from(encodeResponseFrame(metadataCodec, correlationId, response)))
  }

  /** @param named the leader that the answer names */
  sendTo(nodeId: number, named?: { readonly leaderId: number; readonly leaderEpoch: number }): void {
    const correlationId = ++this.#correlationId
    const connection = { id: nodeId, owner: 0 }
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: null }] }]
    const body = { transactionalId: null, acks: -1, timeoutMs: 1_000, topicData }
    this.#requests.onWrite(connection, Buffer.from(encodeRequestFrame(produceCodec, correlationId, 'test', body)))
    const partitionResponses = [
      { index: 0, errorCode: 6, baseOffset: -1n, ...(named === undefined ? {} : { currentLeader: named }) },
    ]
    const response = { responses: [{ name: 't', partitionResponses }] }
    this.#requests.onReceived(connection, Buffer.from(encodeResponseFrame(produceCodec, correlationId, response)))
  }
}

test('a batch goes to the leader of the newest epoch that was heard of', () => {
  const conversation = new Conversation()
  conversation.hear(1, 4)
  conversation.sendTo(1)
  conversation.hear(2, 5)
  conversation.sendTo(2)
  conversation.hear(1, 4)
  conversation.sendTo(2)
  expect(conversation.violations).toEqual([])
})

test('a batch that goes back to a former leader is found, unless the producer began again', () => {
  const conversation = new Conversation()
  conversation.hear(2, 5)
  conversation.hear(1, 4)
  conversation.isExcused = true
  conversation.sendTo(1)
  expect(conversation.violations).toEqual([])
  conversation.isExcused = false
  conversation.sendTo(1)
  expect(conversation.violations).toEqual(['producer 0: t-0 goes to broker 1, though 2 leads since epoch 5'])
})

test('a leader that a refusal names may be believed if its epoch is not older', () => {
  const conversation = new Conversation()
  conversation.hear(1, 5)
  conversation.sendTo(1, { leaderId: 2, leaderEpoch: 6 })
  conversation.sendTo(2, { leaderId: 3, leaderEpoch: 4 })
  expect(conversation.violations).toEqual([])
  conversation.sendTo(3)
  expect(conversation.violations).toHaveLength(1)
})
