import kafkajs from 'kafkajs'
import { describe, expect, test } from 'vitest'
import type { Admin } from '../../src/index.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 2 }] })

async function withAdmin<Result>(run: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = local.kafka().admin()
  await admin.connect()
  try {
    return await run(admin)
  } finally {
    await admin.disconnect()
  }
}

describe('admin()', () => {
  test('creates topics, lists and describes them, tells their offsets, and deletes them', async () => {
    await withAdmin(async (admin) => {
      const topics = [
        { topic: 'made', numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '1000' }] },
        { topic: 'assigned', replicaAssignment: [{ partition: 0, replicas: [1] }] },
      ]
      expect(await admin.createTopics({ topics })).toBe(true)
      expect(local.cluster.topicNamed('made')?.givenConfig).toMatchObject({ 'retention.ms': '1000' })
      expect((await admin.listTopics()).toSorted()).toEqual(['assigned', 'made', 'orders'])
      const partition = { partitionErrorCode: 0, leader: 1, replicas: [1], isr: [1], offlineReplicas: [] }
      expect(await admin.fetchTopicMetadata({ topics: ['made'] })).toEqual({
        topics: [{ name: 'made', partitions: [0, 1, 2].map((partitionId) => ({ ...partition, partitionId })) }],
      })
      expect((await admin.fetchTopicMetadata()).topics).toHaveLength(3)
      expect(await admin.fetchTopicOffsets('assigned')).toEqual([{ partition: 0, offset: '0', high: '0', low: '0' }])
      await admin.deleteTopics({ topics: ['made', 'assigned'] })
      expect(await admin.listTopics()).toEqual(['orders'])
    })
  })

  test('tells the offsets of what a producer has written', async () => {
    const producer = local.kafka().producer()
    await producer.connect()
    await producer.send({ topic: 'orders', messages: [{ value: 'v', partition: 1 }] })
    await producer.disconnect()
    const offsets = await withAdmin((admin) => admin.fetchTopicOffsets('orders'))
    expect(offsets[1]).toEqual({ partition: 1, offset: '1', high: '1', low: '0' })
  })

  test('answers false where every topic was there already', async () => {
    expect(await withAdmin((admin) => admin.createTopics({ topics: [{ topic: 'orders' }] }))).toBe(false)
  })

  test('tells of every topic that was refused, sorted by name', async () => {
    const topics = ['orders', 'not a topic', 'almost not a topic'].map((topic) => ({ topic }))
    const error = await withAdmin((admin) => failureOf(admin.createTopics({ topics })))
    expect(error).toMatchObject({ name: 'KafkaJSAggregateError', message: 'Topic creation errors' })
    expect(Reflect.get(error, 'errors')).toMatchObject([
      { name: 'KafkaJSCreateTopicError', type: 'INVALID_TOPIC_EXCEPTION', code: 17, topic: 'almost not a topic' },
      { topic: 'not a topic' },
      { type: 'TOPIC_ALREADY_EXISTS', code: 36, topic: 'orders' },
    ])
  })

  test('waits for a topic that is not there yet before it is deleted, with a line in the log for each attempt', async () => {
    local.logged.length = 0
    const error = await withAdmin((admin) => failureOf(admin.deleteTopics({ topics: ['nobody'] })))
    expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', retryCount: 3 })
    expect(error.cause).toMatchObject({ name: 'KafkaJSProtocolError', type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    expect(local.logged.map(({ namespace, log }) => [namespace, log.message])).toEqual(
      Array.from({ length: 4 }, () => ['Admin', 'Could not delete topics']),
    )
  })

  test('works without connect(), and again after disconnect()', async () => {
    const admin = local.kafka().admin()
    for (let round = 0; round < 2; round++) {
      expect(await admin.listTopics()).toContain('orders')
      await admin.disconnect()
    }
  })

  test('creates with validateOnly nothing, and waits for nobody', async () => {
    const created = withAdmin((admin) => admin.createTopics({ topics: [{ topic: 'dry' }], validateOnly: true }))
    expect(await created).toBe(true)
    expect(local.cluster.topicNamed('dry')).toBeUndefined()
  })

  test.each<[string, (admin: Admin) => Promise<unknown>]>([
    ['createPartitions', (admin) => admin.createPartitions({ topicPartitions: [] })],
    ['fetchOffsets', (admin) => admin.fetchOffsets({ groupId: 'g' })],
    ['describeCluster', (admin) => admin.describeCluster()],
    ['describeConfigs', (admin) => admin.describeConfigs({ resources: [], includeSynonyms: false })],
    ['listGroups', (admin) => admin.listGroups()],
    ['deleteTopicRecords', (admin) => admin.deleteTopicRecords({ topic: 't', partitions: [] })],
  ])('has no %s, and says what to keep', async (method, call) => {
    expect(await failureOf(call(local.kafka().admin()))).toMatchObject({
      name: 'KafkaJSNotImplemented',
      message: `@linger/kafkajs has no ${method}(): keep kafkajs for it, both work side by side in one process`,
    })
  })

  test('has every method of KafkaJS', () => {
    const theirs = new kafkajs.Kafka({ brokers: [] }).admin()
    expect(Object.keys(local.kafka().admin()).toSorted()).toEqual(Object.keys(theirs).toSorted())
  })
})

test('connecting, requests and disconnecting are told to listeners', async () => {
  const admin = local.kafka().admin()
  const told: unknown[] = []
  admin.on(admin.events.CONNECT, ({ type }) => told.push(type))
  admin.on(admin.events.REQUEST, ({ payload }) => told.push(payload.apiName))
  admin.on('admin.disconnect', ({ type }) => told.push(type))
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: 'heard' }], waitForLeaders: false })
  await admin.fetchTopicOffsets('heard')
  await admin.deleteTopics({ topics: ['heard'] })
  await admin.disconnect()
  expect(told.at(-1)).toBe('admin.disconnect')
  expect(new Set(told)).toEqual(
    new Set([
      'admin.connect',
      'ApiVersions',
      'Metadata',
      'CreateTopics',
      'ListOffsets',
      'DeleteTopics',
      'admin.disconnect',
    ]),
  )
  expect(() => admin.on(unchecked('other'), () => {})).toThrow('Event name should be one of admin.events.CONNECT, ')
  expect(admin.logger()).toHaveProperty('setLogLevel')
})
