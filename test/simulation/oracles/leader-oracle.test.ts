import { codecFor, encodeRequestFrame, encodeResponseFrame, metadata, produce, ZERO_UUID } from '@linger/protocol'
import { expect, test } from 'vitest'
import { AnsweredRequests } from './answered-requests.ts'
import { LeaderOracle } from './leader-oracle.ts'

const metadataCodec = codecFor(metadata, 12)
const produceCodec = codecFor(produce, 10)
/** Names topics by their ids alone. */
const newestProduceCodec = codecFor(produce, 13)
/** Brokers 1 to 3, and the connection to each has its number. */
const BROKERS = [1, 2, 3]

/** One producer that writes to partition 0 of topic t. */
class Conversation {
  readonly violations: string[] = []
  mayBeginAgain = false
  readonly #requests: AnsweredRequests
  #correlationId = 0

  constructor() {
    const oracle = new LeaderOracle({
      nodeIdOf: ({ id }) => id,
      topicNameOf: () => 't',
      mayBeginAgain: () => this.mayBeginAgain,
      violate: (what) => this.violations.push(what),
    })
    this.#requests = new AnsweredRequests({
      nowMs: () => 0,
      onRequest: (...of) => oracle.onRequest(...of),
      onAnswer: (...of) => oracle.onAnswer(...of),
      onClosed: () => {},
    })
  }

  hear(leaderId: number, leaderEpoch: number, topicId: string = ZERO_UUID): void {
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
    const response = { brokers, topics: [{ errorCode: 0, name: 't', topicId, partitions }] }
    this.#requests.onReceived(connection, Buffer.from(encodeResponseFrame(metadataCodec, correlationId, response)))
  }

  sendToPartition(index: number, topicId: string): void {
    const body = { acks: -1, timeoutMs: 1_000, topicData: [{ topicId, partitionData: [{ index, records: null }] }] }
    const frame = encodeRequestFrame(newestProduceCodec, ++this.#correlationId, 'test', body)
    this.#requests.onWrite({ id: 1, owner: 0 }, Buffer.from(frame))
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
  conversation.mayBeginAgain = true
  conversation.sendTo(1)
  expect(conversation.violations).toEqual([])
  conversation.mayBeginAgain = false
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

test('a topic that was made anew has its leader epochs anew', () => {
  const conversation = new Conversation()
  conversation.hear(2, 5, 'AAAAAAAAAAAAAAAAAAAAAQ')
  conversation.hear(1, 0, 'AAAAAAAAAAAAAAAAAAAAAg')
  conversation.sendTo(1)
  expect(conversation.violations).toEqual([])
  conversation.sendTo(2)
  expect(conversation.violations).toEqual(['producer 0: t-0 goes to broker 2, though 1 leads since epoch 0'])
})

test('a partition that a topic does not have gets nothing', () => {
  const conversation = new Conversation()
  conversation.hear(1, 0, 'AAAAAAAAAAAAAAAAAAAAAQ')
  conversation.sendToPartition(0, 'AAAAAAAAAAAAAAAAAAAAAQ')
  conversation.sendToPartition(1, 'AAAAAAAAAAAAAAAAAAAAAg')
  expect(conversation.violations, 'nothing is known of another topic').toEqual([])
  conversation.sendToPartition(1, 'AAAAAAAAAAAAAAAAAAAAAQ')
  expect(conversation.violations).toEqual(['producer 0: t-1 goes to broker 1, though there is no such partition'])
})
