import { metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { TestClient } from '../test-client.ts'

const ZERO_UUID = 'AAAAAAAAAAAAAAAAAAAAAA'

describe('Metadata', () => {
  test.each([4, 5, 6, 7, 8, 9, 10, 11, 12, 13])('version %i tells brokers, topics and leaders', (version) => {
    const client = new TestClient()
    const { id } = client.cluster.createTopic({ name: 't', partitions: 2 })
    const response = client.call(metadata, version, { topics: [{ name: 't' }] })
    expect(response).toMatchObject({
      clusterId: client.cluster.clusterId,
      controllerId: 1,
      brokers: [{ nodeId: 1, host: 'broker-1', port: 9092, rack: null }],
      topics: [{ errorCode: ErrorCode.NONE, name: 't', topicId: version >= 10 ? id : ZERO_UUID }],
    })
    expect(response.topics[0]?.partitions.map((partition) => [partition.partitionIndex, partition.leaderId])).toEqual([
      [0, 1],
      [1, 1],
    ])
  })

  test('null means all topics, an empty list none', () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 'a', partitions: 1 })
    client.cluster.createTopic({ name: 'b', partitions: 1 })
    expect(client.call(metadata, 12, { topics: null }).topics.map(({ name }) => name)).toEqual(['a', 'b'])
    expect(client.call(metadata, 12, { topics: [] }).topics).toEqual([])
  })

  test('a topic is found by its id, and an unknown id says so', () => {
    const client = new TestClient()
    const { id } = client.cluster.createTopic({ name: 't', partitions: 1 })
    const unknown = 'AAAAAAAAAAAAAAAAAAAAAQ'
    const topics = [
      { name: null, topicId: id },
      { name: null, topicId: unknown },
    ]
    expect(client.call(metadata, 12, { topics }).topics).toMatchObject([
      { errorCode: ErrorCode.NONE, name: 't', topicId: id },
      { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId: unknown },
    ])
  })
})

function ask(client: TestClient, name: string, allowAutoTopicCreation: boolean) {
  return client.call(metadata, 12, { topics: [{ name }], allowAutoTopicCreation }).topics[0]
}

describe('a topic that is not there', () => {
  test('is created by being asked for, and there at the next question', () => {
    const client = new TestClient({ defaultPartitions: 3 })
    expect(ask(client, 'new', true)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(ask(client, 'new', true)).toMatchObject({ errorCode: ErrorCode.NONE, name: 'new' })
    expect(ask(client, 'new', true)?.partitions).toHaveLength(3)
  })

  test('is not created when the client forbids it, or the broker', () => {
    const client = new TestClient()
    expect(ask(client, 'new', false)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    const strict = new TestClient({ autoCreateTopics: false })
    expect(ask(strict, 'new', true)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect([...client.cluster.topics, ...strict.cluster.topics]).toEqual([])
  })

  test('is not created, and stays unknown, when its name differs from another only in . and _', () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 'a.b', partitions: 1 })
    expect(ask(client, 'a_b', true)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(ask(client, 'a_b', true)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(client.cluster.topics.map(({ name }) => name)).toEqual(['a.b'])
  })

  test.each(['', '.', '..', 'a b', 'a/b', 'x'.repeat(250)])('is not created as %j', (name) => {
    const client = new TestClient()
    expect(ask(client, name, true)?.errorCode).toBe(ErrorCode.INVALID_TOPIC_EXCEPTION)
  })

  test('may have 249 letters', () => {
    const client = new TestClient()
    ask(client, 'x'.repeat(249), true)
    expect(client.cluster.topics).toHaveLength(1)
  })
})
