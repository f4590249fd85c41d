import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const asked = (world: World): (string | null)[][] =>
  world.wire.of(metadata).map(({ request }) => (request.topics ?? []).map(({ name }) => name))

const replicasOn = (nodeId: number): object => ({
  replicas: [nodeId],
  inSyncReplicas: [nodeId],
  offlineReplicas: [],
})

describe('topics', () => {
  test('an unknown topic is asked for at once, and alone', async () => {
    const world = new World({
      topics: [
        { name: 'a', partitions: 1 },
        { name: 'b', partitions: 1 },
      ],
    })
    const producer = world.producer()
    await world.until(producer.send({ topic: 'a', value: '1' }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 'b', value: '2' }))
    expect(asked(world).at(-1)).toEqual(['b'])
    expect(world.nowMs - startMs).toBeLessThan(20)
  })

  test('records wait for a topic that is created later, and keep their order', async () => {
    const world = new World({ topics: [] })
    const producer = world.producer()
    const sent = Array.from({ length: 10 }, (_, i) => producer.send({ topic: 'late', value: `${i}` }))
    await world.pass(3000)
    world.cluster.createTopic({ name: 'late', partitions: 1 })
    await world.until(Promise.all(sent))
    expect(world.valuesIn('late')).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
  })

  test('a topic that never comes fails its records after maxBlockMs and says how to create it', async () => {
    const world = new World({ topics: [{ name: 'other', partitions: 1 }] })
    const producer = world.producer({ maxBlockMs: 2000 })
    const error = world.failureOf(producer.send({ topic: 'none', value: 'v' }))
    expect(await error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'never', retriable: true })
    expect((await error).message).toContain('kafka-topics.sh --create --topic none')
    expect(world.nowMs).toBe(2000)
    expect(await world.until(producer.send({ topic: 'other', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('a broker that may create topics does so only when allowed', async () => {
    for (const allowAutoTopicCreation of [true, false]) {
      const world = new World({ topics: [], brokerConfig: { autoCreateTopics: true } })
      const producer = world.producer({ allowAutoTopicCreation, maxBlockMs: 2000 })
      const sent = world.watch(producer.send({ topic: 'new', value: 'v' }))
      await world.pass(3000)
      expect(sent().state).toBe(allowAutoTopicCreation ? 'fulfilled' : 'rejected')
    }
  })

  test.each([
    [17, 'INVALID_TOPIC_EXCEPTION'],
    [29, 'TOPIC_AUTHORIZATION_FAILED'],
  ])('metadata error %i fails the records of the topic at once', async (errorCode, code) => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      answerTo(request, metadata, ({ topics }) => ({
        brokers: [...world.cluster.nodes],
        topics: (topics ?? []).map(({ name }) => ({ name, errorCode, partitions: [] })),
      })),
    )
    const error = await world.failureOf(world.producer().send({ topic: 'secret', value: 'v' }))
    expect(error).toMatchObject({ code, outcome: 'never' })
    expect(world.nowMs).toBeLessThan(1000)
  })

  test('partitionsFor tells partitions, leaders and replicas', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer()
    const expected = [
      { topic: 't', partition: 0, leader: 1, ...replicasOn(1) },
      { topic: 't', partition: 1, leader: 2, ...replicasOn(2) },
      { topic: 't', partition: 2, leader: 1, ...replicasOn(1) },
    ]
    expect(await world.until(producer.partitionsFor('t'))).toEqual(expected)
    expect(await world.until(producer.partitionsFor('t')), 'known by now').toEqual(expected)
  })

  test('partitionsFor an unknown topic rejects after maxBlockMs', async () => {
    const world = new World()
    const error = await world.failureOf(world.producer({ maxBlockMs: 1500 }).partitionsFor('none'))
    expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'never' })
    expect(world.nowMs).toBe(1500)
  })

  test('partitionsFor rejects when the producer is closed meanwhile', async () => {
    const world = new World()
    const producer = world.producer()
    const partitions = world.watch(producer.partitionsFor('none'))
    await world.pass(50)
    await world.until(producer.close())
    await world.pass(0)
    expect(partitions()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'never' } })
  })
})

describe('age', () => {
  test('metadata is asked for again after metadataMaxAgeMs', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 10_000 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const before = world.wire.of(metadata).length
    await world.pass(35_000)
    expect(world.wire.of(metadata).length - before).toBe(3)
    expect(asked(world).at(-1)).toEqual(['t'])
  })

  test('a topic that nothing was sent to for metadataMaxIdleMs is not asked for', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 10_000, metadataMaxIdleMs: 15_000 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(35_000)
    expect(asked(world).at(-1)).toEqual([])
    expect(await world.until(producer.send({ topic: 't', value: 'w' }))).toMatchObject({ offset: 1 })
  })

  test('questions for new topics do not put off the one for all', async () => {
    const topics = Array.from({ length: 9 }, (_, i) => ({ name: `t${i}`, partitions: 1 }))
    const world = new World({ topics })
    const producer = world.producer({ metadataMaxAgeMs: 10_000 })
    for (const { name } of topics) {
      await world.until(producer.send({ topic: name, value: 'v' }))
      await world.pass(4000)
    }
    const whole = asked(world).filter((names) => names.includes('t0') && names.length > 1)
    expect(whole.length).toBeGreaterThanOrEqual(3)
  })

  test('a garbled answer to Metadata is followed by another question', async () => {
    const world = new World()
    world.onRequest(metadata, (_request, ordinal) =>
      ordinal === 1 ? { kind: 'alter', alter: (frame) => cutShort(frame) } : undefined,
    )
    const producer = world.producer()
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
    expect(world.nowMs).toBeLessThan(2000)
  })
})

describe('leaders', () => {
  test('a partition that moves takes its records along, in order and once', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.elect('t', 0, 2)
    await world.until(Promise.all([1, 2, 3].map((i) => producer.send({ topic: 't', value: `${i}` }))))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3'])
    const [, refused, moved] = world.wire.batches
    expect([refused?.request.address.host, moved?.request.address.host]).toEqual(['broker-1', 'broker-2'])
    expect(moved?.bytes, 'a retry has the same bytes').toEqual(refused?.bytes)
  })

  test('a partition without a leader waits for one', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, -1)
    const producer = world.producer()
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(3000)
    expect(sent().state).toBe('pending')
    world.elect('t', 0, 2)
    await world.pass(3000)
    expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 0 } })
  })

  test('the word of a broker that lags behind is not taken', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ metadataMaxAgeMs: 5000 })
    world.elect('t', 0, 2)
    await world.until(producer.send({ topic: 't', value: '0' }))
    const partition = world.partition('t', 0)
    world.onRequest(metadata, (request) =>
      answerTo(request, metadata, () => ({
        brokers: [...world.cluster.nodes],
        topics: [
          {
            errorCode: 0,
            name: 't',
            topicId: world.cluster.topicNamed('t')?.id ?? '',
            partitions: [
              {
                errorCode: 0,
                partitionIndex: 0,
                leaderId: 1,
                leaderEpoch: partition.leaderEpoch - 1,
                replicaNodes: [],
                isrNodes: [],
              },
            ],
          },
        ],
      })),
    )
    await world.pass(6000)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.wire.batches.map(({ request }) => request.address.host)).toEqual(['broker-2', 'broker-2'])
  })

  test('a leader that comes, goes and comes back gets one batch of a partition at a time', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ metadataMaxAgeMs: 1000, batchSize: 1000 })
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1
        ? answerTo(request, produce, ({ topicData }) => ({
            throttleTimeMs: 5000,
            responses: topicData.map(({ name, topicId }) => ({
              name,
              topicId,
              partitionResponses: [{ index: 0, errorCode: 0, baseOffset: 0n }],
            })),
          }))
        : undefined,
    )
    await world.until(producer.send({ topic: 't', value: '0' }))
    const sent = ['1', '2', '3'].map((value) => producer.send({ topic: 't', value: value.repeat(900) }))
    world.elect('t', 0, -1)
    await world.pass(1500)
    world.elect('t', 0, 1)
    await world.until(Promise.allSettled(sent))
    expect(world.wire.violations).toEqual([])
  })

  test('a broker that moved to another address is found there, by topics that were not asked about too', async () => {
    const world = new World({
      topics: [
        { name: 'a', partitions: 1 },
        { name: 'b', partitions: 1 },
      ],
    })
    const producer = world.producer({ bootstrapServers: 'broker-1:9092', deliveryTimeoutMs: 40_000 })
    await world.until(producer.send({ topic: 'a', value: '0' }))
    const moved = { nodeId: 1, host: 'moved', port: 9092 }
    world.network.listen(moved, world.host(1).accept)
    world.cluster.register(moved)
    await world.until(producer.send({ topic: 'b', value: '0' }))
    await world.pass(1000)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 'a', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(1000)
    expect(world.valuesIn('a')).toEqual(['0', '1'])
  })
})

/** An answer with a right size and a wrong end. */
function cutShort(frame: Uint8Array): Uint8Array {
  const cut = Buffer.from(frame.subarray(0, frame.length - 9))
  cut.writeInt32BE(cut.length - 4, 0)
  return cut
}
