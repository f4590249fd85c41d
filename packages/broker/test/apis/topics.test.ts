import { createTopics, deleteTopics, describeConfigs, fetch, metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { responseIn, TestClient } from '../test-client.ts'

const TIMEOUT_MS = 1000
const plain = { numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }

interface Refused {
  readonly name?: string
  readonly numPartitions?: number
  readonly replicationFactor?: number
  readonly configs?: { name: string; value: string }[]
}

/** Both partitions on one broker. */
function onBroker(id: number) {
  return [0, 1].map((partitionIndex) => ({ partitionIndex, brokerIds: [id] }))
}

/** What becomes of a topic with these settings. */
function createdWith(settings: Readonly<Record<string, string>>) {
  const client = new TestClient()
  const configs = Object.entries(settings).map(([name, value]) => ({ name, value }))
  const topics = [{ ...plain, name: 't', configs }]
  const response = client.call(createTopics, 7, { topics, timeoutMs: TIMEOUT_MS })
  return { errorCode: response.topics[0]?.errorCode, topic: client.cluster.topicNamed('t') }
}

function describeTopic(client: TestClient, resourceName: string, configurationKeys: string[] | null) {
  const resources = [{ resourceType: 2, resourceName, configurationKeys }]
  return client.call(describeConfigs, 4, { resources }).results[0]
}

describe('CreateTopics', () => {
  test.each([2, 3, 4, 5, 6, 7])('version %i creates a topic with its configuration', (version) => {
    const client = new TestClient()
    const configs = [{ name: 'message.timestamp.type', value: 'LogAppendTime' }]
    const response = client.call(createTopics, version, { topics: [{ ...plain, name: 't', configs }], timeoutMs: 1000 })
    expect(response.topics).toMatchObject([{ name: 't', errorCode: ErrorCode.NONE }])
    const topic = client.cluster.topicNamed('t')
    expect(topic?.partitions).toHaveLength(2)
    expect(topic?.config.messageTimestampType).toBe('LogAppendTime')
    if (version >= 7) expect(response.topics[0]?.topicId).toBe(topic?.id)
  })

  test.each<[string, Refused, ErrorCode]>([
    ['a name that is taken', { name: 'taken' }, ErrorCode.TOPIC_ALREADY_EXISTS],
    ['an illegal name', { name: 'a b' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ['a name that differs only in . and _', { name: 'the_taken.name' }, ErrorCode.INVALID_TOPIC_EXCEPTION],
    ['no partitions', { numPartitions: 0 }, ErrorCode.INVALID_PARTITIONS],
    ['three replicas on one broker', { replicationFactor: 3 }, ErrorCode.INVALID_REPLICATION_FACTOR],
    ['an unknown setting', { configs: [{ name: 'colour', value: 'red' }] }, ErrorCode.INVALID_CONFIG],
    ['a wrong value', { configs: [{ name: 'max.message.bytes', value: 'many' }] }, ErrorCode.INVALID_CONFIG],
  ])('%s is refused, with a message', (_, fields, errorCode) => {
    const client = new TestClient()
    for (const name of ['taken', 'the.taken_name']) client.cluster.createTopic({ name, partitions: 1 })
    const response = client.call(createTopics, 7, { topics: [{ ...plain, name: 't', ...fields }], timeoutMs: 1000 })
    expect(response.topics).toMatchObject([{ errorCode }])
    expect(response.topics[0]?.errorMessage).toMatch(/./)
    expect(client.cluster.topics).toHaveLength(2)
  })

  test.each<[string, string, string, Readonly<Record<string, string>>?]>([
    ['an object has without being asked', 'constructor', '1'],
    ['is below its range', 'segment.ms', '0'],
    ['is above its range', 'compression.lz4.level', '18'],
    ['is no int', 'max.message.bytes', '2147483648'],
    ['is no long', 'retention.ms', '9223372036854775808'],
    ['is no boolean', 'preallocate', 'yes'],
    ['is no ratio', 'min.cleanable.dirty.ratio', '1.1'],
    ['brokers without tiered storage refuse', 'remote.storage.enable', 'true'],
    ['names no replicas', 'leader.replication.throttled.replicas', 'all'],
    ['contradicts another', 'min.compaction.lag.ms', '9223372036854775807', { 'max.compaction.lag.ms': '1' }],
  ])('a setting that %s is refused: %s = %s', (_why, name, value, others = {}) => {
    expect(createdWith({ ...others, [name]: value })).toMatchObject({ errorCode: ErrorCode.INVALID_CONFIG })
  })

  test('a topic may have every setting of Kafka, with spaces around its value', () => {
    const configs = {
      'cleanup.policy': ' compact , delete ',
      'compression.gzip.level': '9',
      'compression.zstd.level': '-131072',
      'delete.retention.ms': ' 1000000 ',
      'file.delete.delay.ms': '1000000',
      'flush.messages': '1000000',
      'flush.ms': '1000000',
      'index.interval.bytes': '1000000',
      'leader.replication.throttled.replicas': '0:1, 1:2',
      'follower.replication.throttled.replicas': '*',
      'max.compaction.lag.ms': '1000000',
      'min.cleanable.dirty.ratio': '0.25',
      'min.compaction.lag.ms': '1000000',
      'message.timestamp.type': ' LogAppendTime ',
      'retention.bytes': '-5',
      'segment.index.bytes': '1000000',
      'segment.jitter.ms': '1000000',
      'segment.ms': '1000000',
      'unclean.leader.election.enable': 'TRUE',
    }
    const { topic, errorCode } = createdWith(configs)
    expect(errorCode).toBe(ErrorCode.NONE)
    expect(topic?.config).toMatchObject({ compacted: true, messageTimestampType: 'LogAppendTime' })
  })

  test('a topic may be assigned to brokers by hand, but only to those there are', () => {
    const client = new TestClient()
    const byHand = { numPartitions: -1, replicationFactor: -1, configs: [] }
    const topics = [
      { ...byHand, name: 'here', assignments: onBroker(1) },
      { ...byHand, name: 'nowhere', assignments: onBroker(2) },
    ]
    const response = client.call(createTopics, 7, { topics, timeoutMs: TIMEOUT_MS })
    expect(response.topics.map(({ errorCode }) => errorCode)).toEqual([0, ErrorCode.INVALID_REPLICA_ASSIGNMENT])
    expect(client.cluster.topicNamed('here')?.partitions).toHaveLength(2)
  })

  test('the same name twice in a request is refused both times', () => {
    const client = new TestClient()
    const topics = [
      { ...plain, name: 't' },
      { ...plain, name: 't' },
    ]
    const response = client.call(createTopics, 7, { topics, timeoutMs: TIMEOUT_MS })
    expect(response.topics.map(({ errorCode }) => errorCode)).toEqual([
      ErrorCode.INVALID_REQUEST,
      ErrorCode.INVALID_REQUEST,
    ])
    expect(client.cluster.topics).toEqual([])
  })

  test('validateOnly checks and creates nothing', () => {
    const client = new TestClient()
    const topics = [{ ...plain, name: 't' }]
    const response = client.call(createTopics, 7, { topics, timeoutMs: TIMEOUT_MS, validateOnly: true })
    expect(response.topics[0]?.errorCode).toBe(ErrorCode.NONE)
    expect(client.cluster.topics).toEqual([])
  })
})

describe('DeleteTopics', () => {
  test('frees the names that collided with the topic', () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 'a.b', partitions: 1 })
    client.call(deleteTopics, 5, { topicNames: ['a.b'], timeoutMs: TIMEOUT_MS })
    const response = client.call(createTopics, 7, { topics: [{ ...plain, name: 'a_b' }], timeoutMs: TIMEOUT_MS })
    expect(response.topics[0]?.errorCode).toBe(ErrorCode.NONE)
  })

  test.each([1, 2, 3, 4, 5])('version %i deletes by name', (version) => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 't', partitions: 1 })
    const { responses } = client.call(deleteTopics, version, { topicNames: ['t', 'u'], timeoutMs: TIMEOUT_MS })
    expect(responses.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['t', ErrorCode.NONE],
      ['u', ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ])
    expect(client.call(metadata, 12, { topics: null }).topics).toEqual([])
  })

  test('version 6 deletes by id as well', () => {
    const client = new TestClient()
    const { id } = client.cluster.createTopic({ name: 't', partitions: 1 })
    const topics = [{ topicId: id }, { topicId: id }]
    const { responses } = client.call(deleteTopics, 6, { topics, timeoutMs: TIMEOUT_MS })
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.UNKNOWN_TOPIC_ID])
  })

  test('a Fetch that waits for the topic is told at once', () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 't', partitions: 1 })
    const partitions = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const { answers } = client.start(fetch, 12, { maxWaitMs: 500, minBytes: 1, topics: [{ topic: 't', partitions }] })
    client.call(deleteTopics, 5, { topicNames: ['t'], timeoutMs: TIMEOUT_MS })
    expect(responseIn(fetch, 12, answers[0]).responses[0]?.partitions[0]?.errorCode).toBe(
      ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
    )
  })
})

describe('DescribeConfigs', () => {
  test('tells what was set and what is the default', () => {
    const client = new TestClient()
    client.cluster.createTopic({ name: 't', partitions: 1, config: { 'retention.ms': '1' } })
    expect(describeTopic(client, 't', ['retention.ms', 'max.message.bytes'])?.configs).toMatchObject([
      { name: 'max.message.bytes', value: '1048588', configSource: 5 },
      { name: 'retention.ms', value: '1', configSource: 1 },
    ])
    expect(describeTopic(client, 't', null)?.configs.length).toBeGreaterThan(5)
  })

  test('an unknown topic is an error', () => {
    expect(describeTopic(new TestClient(), 't', null)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })

  test('a broker describes itself and no other', () => {
    const resources = ['1', '2'].map((resourceName) => ({ resourceType: 4, resourceName, configurationKeys: null }))
    const { results } = new TestClient({ defaultPartitions: 6 }).call(describeConfigs, 1, { resources })
    expect(results.map(({ errorCode }) => errorCode)).toEqual([ErrorCode.NONE, ErrorCode.INVALID_REQUEST])
    expect(results[0]?.configs).toContainEqual(expect.objectContaining({ name: 'num.partitions', value: '6' }))
  })
})
