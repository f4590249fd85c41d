import { createTopics, deleteTopics, listOffsets, metadata, type ResponseInput } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { KafkaError, type Producer, TopicsError } from '../../src/index.ts'
import { alterAnswer } from '../network/altered-answer.ts'
import { answerTo, type BrokerRequest, type Fault } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const NOT_CONTROLLER = 41

function notController(request: BrokerRequest): Fault {
  return answerTo(request, createTopics, ({ topics }) => ({
    throttleTimeMs: 0,
    topics: topics.map(({ name }): ResponseInput<typeof createTopics>['topics'][number] => ({
      name,
      errorCode: NOT_CONTROLLER,
      errorMessage: null,
      configs: null,
    })),
  }))
}

/** The failures of a call, by topic. */
async function failuresOf(world: World, call: Promise<unknown>): Promise<Record<string, string>> {
  const error = await world.failureOf(call)
  if (!(error instanceof TopicsError)) throw error
  return Object.fromEntries([...error.failures].map(([topic, { code }]) => [topic, code]))
}

describe('createTopics()', () => {
  test('makes topics with partitions, replicas and configs, and records go to them', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer()
    const configs = { 'max.message.bytes': '2000' }
    await world.until(
      producer.createTopics([
        { topic: 'orders', partitions: 3, replicationFactor: 2, configs },
        { topic: 'assigned', assignments: [{ partition: 0, replicas: [2] }] },
      ]),
    )
    const made = world.cluster.topicNamed('orders')
    expect(made?.partitions).toHaveLength(3)
    expect(made?.replicationFactor).toBe(2)
    expect(made?.givenConfig).toMatchObject(configs)
    expect(world.partition('assigned', 0).leaderId).toBe(2)
    expect(await world.until(producer.send({ topic: 'orders', partition: 2, value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('with validateOnly makes none', async () => {
    const world = new World()
    await world.until(world.producer().createTopics([{ topic: 'new', partitions: 1 }], { validateOnly: true }))
    expect(world.cluster.topicNamed('new')).toBeUndefined()
  })

  test('tells of each topic that was refused, and the others are there', async () => {
    const world = new World()
    const created = world.producer().createTopics([{ topic: 't' }, { topic: 'not a topic' }, { topic: 'new' }])
    expect(await failuresOf(world, created)).toEqual({
      t: 'TOPIC_ALREADY_EXISTS',
      'not a topic': 'INVALID_TOPIC_EXCEPTION',
    })
    expect(world.cluster.topicNamed('new')).toBeDefined()
  })

  test('asks the next controller where the one that metadata names is no controller any more', async () => {
    const world = new World({ brokers: 2 })
    world.onRequest(createTopics, (request, ordinal) => (ordinal <= 2 ? notController(request) : undefined))
    await world.until(world.producer().createTopics([{ topic: 'new', partitions: 1 }]))
    expect(world.cluster.topicNamed('new')).toBeDefined()
    expect(world.wire.of(metadata), 'each attempt asks anew who it is').toHaveLength(3)
  })

  test('gives up after its timeout, with what was answered last', async () => {
    const world = new World()
    world.onRequest(createTopics, notController)
    const error = await world.failureOf(world.producer().createTopics([{ topic: 'new' }], { timeoutMs: 2000 }))
    expect(error).toMatchObject({ code: 'NOT_CONTROLLER', outcome: 'never', retriable: true })
    expect(world.nowMs).toBeLessThanOrEqual(2000)
  })

  test('is not asked for twice where nobody knows whether it was done', async () => {
    const world = new World()
    world.onRequest(createTopics, () => ({ kind: 'close-after' }))
    const error = await world.failureOf(world.producer().createTopics([{ topic: 'new', partitions: 1 }]))
    expect(error).toMatchObject({ code: 'NETWORK_EXCEPTION', outcome: 'unknown' })
    expect(world.wire.of(createTopics)).toHaveLength(1)
    expect(world.cluster.topicNamed('new')).toBeDefined()
  })

  test('that never learns who the controller is was surely not done', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 100 })
    await world.until(producer.connect())
    world.onRequest(metadata, () => ({ kind: 'hang' }))
    const error = await world.failureOf(producer.createTopics([{ topic: 'new' }], { timeoutMs: 500 }))
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'never' })
    expect(world.wire.of(createTopics)).toEqual([])
  })

  test('waits for a controller that restarts', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ bootstrapServers: 'broker-2:9092' })
    await world.until(producer.connect())
    const controller = { host: 'broker-1', port: 9092 }
    world.onRequest(metadata, (request) => alterAnswer(request, metadata, (answer) => void (answer.controllerId = 1)))
    world.network.unlisten(controller)
    const created = world.watch(producer.createTopics([{ topic: 'new', partitions: 1 }], { timeoutMs: 10_000 }))
    await world.pass(2000)
    expect(created()).toEqual({ state: 'pending' })
    world.network.listen(controller, world.host(1).accept)
    await world.untilTrue(() => created().state !== 'pending')
    expect(created()).toMatchObject({ state: 'fulfilled' })
  })

  test('whose controller does not come back was surely not done', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ bootstrapServers: 'broker-2:9092' })
    await world.until(producer.connect())
    world.onRequest(metadata, (request) => alterAnswer(request, metadata, (answer) => void (answer.controllerId = 1)))
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    const error = await world.failureOf(producer.createTopics([{ topic: 'new' }], { timeoutMs: 1000 }))
    expect(error).toMatchObject({ code: 'NETWORK_EXCEPTION', outcome: 'never', retriable: true })
  })

  test('asks with back-off who the controller is', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.connect())
    world.onRequest(metadata, () => ({ kind: 'close-before' }))
    await world.failureOf(producer.createTopics([{ topic: 'new' }], { timeoutMs: 60_000 }))
    expect(world.wire.of(metadata).length).toBeLessThan(100)
  })

  test('where no broker is there fails at its timeout, and never was asked', async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody:9092' })
    const error = await world.failureOf(producer.createTopics([{ topic: 'new' }], { timeoutMs: 500 }))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(error.message).toContain('nobody:9092 cannot be reached')
    expect(world.nowMs).toBe(500)
  })

  test('rejects when the producer is closed meanwhile, and after', async () => {
    const world = new World()
    world.network.listen({ host: 'silent', port: 9092 }, 'silent')
    const producer = world.producer({ bootstrapServers: 'silent:9092' })
    const created = world.watch(producer.createTopics([{ topic: 'new' }]))
    await world.pass(10)
    await world.until(producer.close())
    await world.pass(0)
    expect(created()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'never' } })
    expect(await world.failureOf(producer.createTopics([{ topic: 'new' }]))).toMatchObject({ code: 'CLOSED' })
  })

  test.each([
    [{ topic: 5 }, 'the name of a topic is a string, not number'],
    [{ topic: 'a', partitions: 1.5 }, 'a: partitions must be an integer below 2147483648, not 1.5'],
    [{ topic: 'a', replicationFactor: 40_000 }, 'a: replicationFactor must be an integer below 32768, not 40000'],
  ])('%j is refused before anybody is asked', async (topic, message) => {
    const world = new World()
    const error = await world.failureOf(world.producer().createTopics([unchecked(topic)]))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', message })
    expect(world.wire.requests).toEqual([])
  })

  test('a name that the protocol has no room for is refused, and the producer goes on', async () => {
    const world = new World()
    world.host(1).versions = { CreateTopics: [2, 4] }
    const producer = world.producer()
    const error = await world.failureOf(producer.createTopics([{ topic: 'x'.repeat(40_000) }]))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('a record that waits for its topic goes on as soon as it is made', async () => {
    const world = new World()
    const producer = world.producer()
    const sent = producer.send({ topic: 'late', value: 'v' })
    await world.pass(500)
    await world.until(producer.createTopics([{ topic: 'late', partitions: 1 }]))
    expect(await world.until(sent)).toMatchObject({ topic: 'late', offset: 0 })
  })
})

describe('a broker that does not know the cluster', () => {
  const REBOOTSTRAP_REQUIRED = 129
  const nothing = { brokers: [], topics: [], controllerId: -1, clusterId: null }

  test.each<[string, (producer: Producer) => Promise<unknown[]>]>([
    ['listTopics()', (producer: Producer) => producer.listTopics()],
    ['describeTopics()', (producer: Producer) => producer.describeTopics(['t'])],
    ['listOffsets()', (producer: Producer) => producer.listOffsets('t')],
  ])('gives no answer to %s: it is asked for again', async (_name, ask) => {
    for (const errorCode of [0, REBOOTSTRAP_REQUIRED]) {
      const world = new World()
      const producer = world.producer()
      await world.until(producer.connect())
      world.onRequest(metadata, (request, ordinal) =>
        ordinal === 1 ? answerTo(request, metadata, () => ({ errorCode, ...nothing })) : undefined,
      )
      expect(await world.until(ask(producer)), `error code ${errorCode}`).toHaveLength(1)
    }
  })

  test.each([
    [0, 'BROKER_NOT_AVAILABLE'],
    [REBOOTSTRAP_REQUIRED, 'REBOOTSTRAP_REQUIRED'],
  ])('that goes on so fails the call: error code %i', async (errorCode, code) => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.connect())
    world.onRequest(metadata, (request) => answerTo(request, metadata, () => ({ errorCode, ...nothing })))
    const error = await world.failureOf(producer.listTopics({ timeoutMs: 1000 }))
    expect(error).toMatchObject({ code, outcome: 'never', retriable: true })
  })

  test('and wants the client to begin anew is obeyed', async () => {
    const world = new World({ brokers: 2 })
    world.addresses.set('kafka', ['broker-1'])
    const producer = world.producer({ bootstrapServers: 'kafka:9092' })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.addresses.set('kafka', ['broker-2'])
    world.onRequest(metadata, (request, ordinal) =>
      ordinal <= 2 ? answerTo(request, metadata, () => ({ errorCode: REBOOTSTRAP_REQUIRED, ...nothing })) : undefined,
    )
    const before = world.network.sockets.length
    expect(await world.until(producer.listTopics())).toEqual(['t'])
    expect(world.network.sockets.slice(before).map(({ address }) => address.host)).toContain('broker-2')
  })
})

describe('deleteTopics()', () => {
  test.each([5, 6])('deletes topics by name, version %i', async (newest) => {
    const world = new World({ topics: ['a', 'b', 'c'].map((name) => ({ name, partitions: 1 })) })
    world.host(1).versions = { DeleteTopics: [1, newest] }
    await world.until(world.producer().deleteTopics(['a', 'b']))
    expect(world.wire.of(deleteTopics).map(({ wire }) => wire.apiVersion)).toEqual([newest])
    expect(await world.until(world.producer().listTopics())).toEqual(['c'])
  })

  test('tells of each that does not exist', async () => {
    const world = new World()
    const deleted = world.producer().deleteTopics(['t', 'nobody'])
    expect(await failuresOf(world, deleted)).toEqual({ nobody: 'UNKNOWN_TOPIC_OR_PARTITION' })
    expect(world.cluster.topicNamed('t')).toBeUndefined()
  })
})

describe('describeTopics()', () => {
  test('tells leaders and replicas as they are now, of those that are named or of all', async () => {
    const world = new World({
      brokers: 2,
      topics: [
        { name: 'a', partitions: 2 },
        { name: 'b', partitions: 1 },
      ],
    })
    const producer = world.producer()
    await world.until(producer.describeTopics(['a']))
    world.elect('a', 1, 1)
    const [described] = await world.until(producer.describeTopics(['a']))
    expect(described).toMatchObject({ topic: 'a', partitions: [{ partition: 0 }, { partition: 1, leader: 1 }] })
    const all = await world.until(producer.describeTopics())
    expect(all.map(({ topic }) => topic).toSorted()).toEqual(['a', 'b'])
  })

  test('creates no topic, also where brokers would', async () => {
    const world = new World({ brokerConfig: { autoCreateTopics: true } })
    const described = world.producer().describeTopics(['t', 'nobody'])
    expect(await failuresOf(world, described)).toEqual({ nobody: 'UNKNOWN_TOPIC_OR_PARTITION' })
    expect(world.cluster.topicNamed('nobody')).toBeUndefined()
  })

  test('is news to the producer too: a record goes to the new leader at once', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    const { leaderId } = world.partition('t', 0)
    world.elect('t', 0, 3 - leaderId)
    await world.until(producer.describeTopics(['t']))
    world.onRequest(metadata, () => ({ kind: 'hang' }))
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
  })
})

describe('listOffsets()', () => {
  test('tells where each partition begins and ends, asking every leader', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer()
    for (const partition of [0, 1, 1]) await world.until(producer.send({ topic: 't', partition, value: 'v' }))
    expect(await world.until(producer.listOffsets('t'))).toEqual([
      { partition: 0, earliest: 0, latest: 1 },
      { partition: 1, earliest: 0, latest: 2 },
      { partition: 2, earliest: 0, latest: 0 },
    ])
    expect(new Set(world.wire.of(listOffsets).map(({ wire }) => wire.address.host)).size).toBe(3)
  })

  test('asks again where a leader is no leader any more', async () => {
    const world = new World()
    world.onRequest(listOffsets, (request, ordinal) =>
      ordinal === 1
        ? answerTo(request, listOffsets, ({ topics }) => ({
            topics: topics.map(({ name, partitions }) => ({
              name,
              partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: 6 })),
            })),
          }))
        : undefined,
    )
    expect(await world.until(world.producer().listOffsets('t'))).toEqual([{ partition: 0, earliest: 0, latest: 0 }])
  })

  test('of a topic that does not exist is an answer, and not asked for again', async () => {
    const world = new World()
    const error = await world.failureOf(world.producer().listOffsets('nobody'))
    expect(error).toBeInstanceOf(KafkaError)
    expect(error).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'never' })
    expect(world.wire.of(metadata)).toHaveLength(1)
  })

  test('outlives a lost connection, as every question does', async () => {
    const world = new World()
    world.onRequest(listOffsets, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    expect(await world.until(world.producer().listOffsets('t'))).toHaveLength(1)
  })
})
