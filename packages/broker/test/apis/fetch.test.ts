import { fetch, type FetchResponse, produce, type RequestInput } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { recordBatch } from '../record-batch.ts'
import { responseIn, TestClient } from '../test-client.ts'

const VERSION = 12
const batch = recordBatch()

function clientWithTopic(): TestClient {
  const client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 2 })
  return client
}

function append(client: TestClient, index = 0): void {
  const topicData = [{ name: 't', partitionData: [{ index, records: batch }] }]
  client.call(produce, VERSION, { acks: -1, timeoutMs: 1000, topicData })
}

interface FetchOptions {
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly maxWaitMs?: number
  readonly fetchOffset?: bigint
  readonly partitions?: readonly number[]
  readonly currentLeaderEpoch?: number
  readonly partitionMaxBytes?: number
}

function request(options: FetchOptions = {}): RequestInput<typeof fetch> {
  const { minBytes = 1, maxBytes = 1_000_000, maxWaitMs = 500, fetchOffset = 0n, partitions = [0] } = options
  const { currentLeaderEpoch = -1, partitionMaxBytes = 1_000_000 } = options
  const wanted = partitions.map((partition) => ({ partition, fetchOffset, partitionMaxBytes, currentLeaderEpoch }))
  return { maxWaitMs, minBytes, maxBytes, topics: [{ topic: 't', partitions: wanted }] }
}

function sizes(response: FetchResponse): number[] {
  return response.responses.flatMap(({ partitions }) => partitions.map(({ records }) => records?.length ?? -1))
}

function errors(response: FetchResponse): number[] {
  return response.responses.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode))
}

describe('Fetch answers at once', () => {
  test('with what is there, when that is enough', () => {
    const client = clientWithTopic()
    append(client)
    expect(sizes(client.call(fetch, VERSION, request()))).toEqual([batch.length])
  })

  test('with nothing, when it may not wait', () => {
    expect(sizes(clientWithTopic().call(fetch, VERSION, request({ maxWaitMs: 0 })))).toEqual([0])
  })

  test.each<[string, FetchOptions, ErrorCode]>([
    ['an unknown partition', { partitions: [7] }, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['an offset beyond the end', { fetchOffset: 1n }, ErrorCode.OFFSET_OUT_OF_RANGE],
    ['a negative offset', { fetchOffset: -1n }, ErrorCode.OFFSET_OUT_OF_RANGE],
    ['a leader epoch that has not begun', { currentLeaderEpoch: 1 }, ErrorCode.UNKNOWN_LEADER_EPOCH],
  ])('with an error for %s', (_, options, errorCode) => {
    expect(errors(clientWithTopic().call(fetch, VERSION, request(options)))).toEqual([errorCode])
  })

  test('with an error for a leader epoch that is over', () => {
    const client = clientWithTopic()
    const partition = client.cluster.topicNamed('t')?.partitions[0]
    if (partition === undefined) throw new Error('no partition')
    partition.leaderEpoch = 5
    const response = client.call(fetch, VERSION, request({ currentLeaderEpoch: 4 }))
    expect(errors(response)).toEqual([ErrorCode.FENCED_LEADER_EPOCH])
  })

  test('with an error for an unknown topic id', () => {
    const topics = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: request().topics[0]?.partitions ?? [] }]
    const response = clientWithTopic().call(fetch, 13, { ...request(), topics })
    expect(errors(response)).toEqual([ErrorCode.UNKNOWN_TOPIC_ID])
  })

  test('with an error for a session, since it gives none', () => {
    const response = clientWithTopic().call(fetch, VERSION, { ...request(), sessionId: 5 })
    expect(response).toMatchObject({ errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, sessionId: 0 })
  })
})

describe('the size of an answer', () => {
  test('one batch comes even when every limit is smaller, but only one', () => {
    const client = clientWithTopic()
    append(client, 0)
    append(client, 1)
    expect(sizes(client.call(fetch, VERSION, request({ partitions: [0, 1], maxBytes: 1 })))).toEqual([batch.length, 0])
  })

  test('the first partition with records has that right, not the first one', () => {
    const client = clientWithTopic()
    append(client, 1)
    expect(sizes(client.call(fetch, VERSION, request({ partitions: [0, 1], maxBytes: 1 })))).toEqual([0, batch.length])
  })

  test('what one partition gives is taken from what the next may give', () => {
    const client = clientWithTopic()
    for (const index of [0, 0, 1, 1]) append(client, index)
    const response = client.call(fetch, VERSION, request({ partitions: [0, 1], maxBytes: batch.length * 3 }))
    expect(sizes(response)).toEqual([batch.length * 2, batch.length])
  })

  test('a partition has its own limit', () => {
    const client = clientWithTopic()
    for (let count = 0; count < 5; count++) append(client)
    const response = client.call(fetch, VERSION, request({ partitionMaxBytes: batch.length * 2 + 1 }))
    expect(sizes(response)).toEqual([batch.length * 2])
  })
})

describe('Fetch waits', () => {
  test('until records come', () => {
    const client = clientWithTopic()
    const { answers } = client.start(fetch, VERSION, request())
    expect(answers).toHaveLength(0)
    append(client)
    expect(sizes(responseIn(fetch, VERSION, answers[0]))).toEqual([batch.length])
    expect(client.ports.timerCount).toBe(0)
  })

  test('until they are enough', () => {
    const client = clientWithTopic()
    const { answers } = client.start(fetch, VERSION, request({ minBytes: batch.length + 1 }))
    append(client)
    expect(answers).toHaveLength(0)
    append(client)
    expect(sizes(responseIn(fetch, VERSION, answers[0]))).toEqual([batch.length * 2])
  })

  test('until its time is over, and then takes what there is', () => {
    const client = clientWithTopic()
    const { answers } = client.start(fetch, VERSION, request({ minBytes: batch.length + 1 }))
    append(client)
    client.ports.pass(499)
    expect(answers).toHaveLength(0)
    client.ports.pass(1)
    expect(sizes(responseIn(fetch, VERSION, answers[0]))).toEqual([batch.length])
    append(client)
    expect(answers).toHaveLength(1)
  })

  test('no longer when the connection is gone', () => {
    const client = clientWithTopic()
    const { answers, cancel } = client.start(fetch, VERSION, request())
    cancel()
    append(client)
    client.ports.pass(1000)
    expect(answers).toHaveLength(0)
    expect(client.ports.timerCount).toBe(0)
  })
})
