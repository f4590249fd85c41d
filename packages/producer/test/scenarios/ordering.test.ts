import { initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { Engine } from '../../src/engine.ts'
import { answerTo, type BrokerRequest, type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_LEADER_OR_FOLLOWER = 6
const NOT_ENOUGH_REPLICAS = 19
const INVALID_RECORD = 87

/** Each of these is a batch of its own where batchSize is 600. */
const VALUES = Array.from({ length: 6 }, (_, i) => `${i}`.repeat(400))

const ONE_RECORD_PER_BATCH = { batchSize: 600 }

describe('scenario 19, 20, 22: several batches of a partition', () => {
  test('are never in flight together: the second waits for the answer to the first', async () => {
    const world = new World()
    const producer = world.producer(ONE_RECORD_PER_BATCH)
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 3000 } : undefined))
    const sent = VALUES.map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.pass(2900)
    expect(world.wire.batches).toHaveLength(1)
    await world.untilTrue(() => sent.every((outcome) => outcome().state === 'fulfilled'))
    expect(world.wire.violations).toEqual([])
    expect(world.valuesIn('t')).toEqual(VALUES)
  })

  test('keep their order when the first is refused, however often', async () => {
    const world = new World()
    const producer = world.producer(ONE_RECORD_PER_BATCH)
    world.onRequest(produce, (request, ordinal) =>
      ordinal <= 4 ? refuseProduce(request, NOT_ENOUGH_REPLICAS) : undefined,
    )
    await world.until(Promise.all(VALUES.map((value) => producer.send({ topic: 't', value }))))
    expect(world.valuesIn('t')).toEqual(VALUES)
    expect(world.wire.batches.slice(0, 5).map(({ batch }) => batch.baseSequence)).toEqual([0, 0, 0, 0, 0])
    expect(world.wire.violations).toEqual([])
  })

  test('wait for the answer of the old leader when the leader moves meanwhile', async () => {
    const topics = ['t', 'other'].map((name) => ({ name, partitions: 1 }))
    const world = new World({ brokers: 2, topics })
    world.elect('t', 0, 1)
    world.elect('other', 0, 2)
    const producer = world.producer({ ...ONE_RECORD_PER_BATCH, metadataMaxAgeMs: 500 })
    for (const { name } of topics) await world.until(producer.send({ topic: name, value: '-' }))
    world.wire.batches.splice(0)
    // They are asked in turns, and broker 1 is about to be slow.
    const startMs = world.nowMs
    await world.untilTrue(() => {
      const last = world.wire.of(metadata).at(-1)?.wire
      return last !== undefined && last.atMs > startMs && last.address.host === 'broker-1'
    })
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 3000 } : undefined))
    const sent = VALUES.map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.pass(100)
    world.elect('t', 0, 2)
    const electedMs = world.nowMs
    await world.pass(2800)
    const askedSince = world.wire.of(metadata).filter(({ wire }) => wire.atMs > electedMs)
    expect(askedSince[0]?.wire.address.host, 'which told the new leader').toBe('broker-2')
    expect(world.wire.batches).toHaveLength(1)
    await world.untilTrue(() => sent.every((outcome) => outcome().state === 'fulfilled'))
    expect(world.valuesIn('t')).toEqual(['-', ...VALUES])
    expect(world.wire.violations).toEqual([])
  })
})

describe('scenario 21, KAFKA-15591: the first batches of a partition', () => {
  test('survive a leader that refuses the first of them: none is accepted before it', async () => {
    const world = new World()
    const producer = world.producer(ONE_RECORD_PER_BATCH)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, NOT_LEADER_OR_FOLLOWER) : undefined,
    )
    const sent = await world.until(Promise.all(VALUES.map((value) => producer.send({ topic: 't', value }))))
    expect(sent.map(({ offset }) => offset)).toEqual(VALUES.map((_, i) => i))
    expect(world.valuesIn('t')).toEqual(VALUES)
  })
})

describe('scenario 23, librdkafka #4736: a retry', () => {
  test('has the bytes of the first attempt, though more records came meanwhile that would fit', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 5 })
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'close-after' } : undefined))
    const sent = [producer.send({ topic: 't', value: '0' })]
    for (let i = 1; i < 6; i++) {
      await world.pass(10)
      sent.push(producer.send({ topic: 't', value: `${i}` }))
    }
    await world.until(Promise.all(sent))
    const [first, second, third] = world.wire.batches
    expect(second?.bytes).toEqual(first?.bytes)
    expect(third?.bytes).toEqual(first?.bytes)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4', '5'])
  })
})

describe('scenario 25, librdkafka #3584: answers that are lost', () => {
  const losses: readonly ((request: BrokerRequest) => Fault)[] = [
    () => ({ kind: 'close-after' }),
    () => ({ kind: 'hang' }),
    (request) => ({ ...refuseProduce(request, 7) }),
  ]
  test.each([1, 2, 3, 4, 5])('%i times in a row end with every record written once', async (count) => {
    for (const lose of losses) {
      const world = new World()
      const producer = world.producer({ requestTimeoutMs: 1000 })
      await world.until(producer.send({ topic: 't', value: '-' }))
      world.onRequest(produce, (request, ordinal) => (ordinal <= count ? lose(request) : undefined))
      const sent = ['0', '1', '2'].map((value) => producer.send({ topic: 't', value }))
      expect((await world.until(Promise.all(sent))).map(({ offset }) => offset)).toEqual([1, 2, 3])
      expect(world.valuesIn('t')).toEqual(['-', '0', '1', '2'])
      expect(world.wire.of(initProducerId)).toHaveLength(1)
    }
  })
})

describe('scenario 28, fault 52: a sequence that wraps', () => {
  test('is retried with the same bytes, and counted on from 0', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const engine = new Engine(resolveConfig({ bootstrapServers: 'broker-1:9092' }), world.ports(), () => {})
    const topic = engine.metadata.topicFor('t')
    const errors: (Error | null)[] = []
    const send = (partition: number, count: number): Promise<void> => {
      for (let i = 0; i < count; i++)
        engine.offer(topic, partition, null, 'v', [], 1, (error) => errors.push(error), undefined, true)
      const total = errors.length + count
      return world.untilTrue(() => errors.length === total)
    }
    await send(0, 1)
    const [known, other] = topic.partitions
    if (known?.sequence === undefined || other === undefined) throw new Error('no identity yet')
    other.sequence = { identity: known.sequence.identity, next: 2_147_483_646 }
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal % 3 === 1) return { kind: 'close-after' }
      return ordinal % 3 === 2 ? refuseProduce(request, NOT_ENOUGH_REPLICAS) : undefined
    })
    await send(1, 4)
    await send(1, 3)
    const ofOther = world.wire.batches.filter(({ partition }) => partition === 1)
    expect(ofOther.map(({ batch }) => batch.baseSequence)).toEqual([
      2_147_483_646, 2_147_483_646, 2_147_483_646, 2, 2, 2,
    ])
    expect(errors).toEqual(errors.map(() => null))
    expect(world.recordsIn('t', 1)).toHaveLength(7)
  })
})

describe('scenario 31: a batch that fails for good', () => {
  test('leaves its sequences to those behind it', async () => {
    const world = new World()
    const producer = world.producer(ONE_RECORD_PER_BATCH)
    world.onRequest(produce, (request, ordinal) => (ordinal === 2 ? refuseProduce(request, INVALID_RECORD) : undefined))
    const sent = VALUES.map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.untilTrue(() => sent.every((outcome) => outcome().state !== 'pending'))
    expect(sent[1]?.()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
    expect(world.wire.batches.map(({ batch }) => batch.baseSequence)).toEqual([0, 1, 1, 2, 3, 4])
    expect(world.valuesIn('t')).toEqual(VALUES.filter((_, i) => i !== 1))
  })
})

describe('scenario 32, fault 38: a topic that a restarting broker does not know', () => {
  test('keeps its sequences: what is sent after it is not taken for what was sent before', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 100 })
    for (const value of ['0', '1', '2']) await world.until(producer.send({ topic: 't', value }))
    let isForgotten = true
    world.onRequest(metadata, (request) =>
      isForgotten
        ? answerTo(request, metadata, ({ topics }) => ({
            brokers: [{ nodeId: 1, host: 'broker-1', port: 9092 }],
            topics: (topics ?? []).map(({ name }) => ({ name, errorCode: 3, partitions: [] })),
          }))
        : undefined,
    )
    await world.pass(1000)
    isForgotten = false
    await world.pass(1000)
    for (const value of ['3', '4', '5']) await world.until(producer.send({ topic: 't', value }))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4', '5'])
    expect(world.wire.batches.map(({ batch }) => batch.baseSequence)).toEqual([0, 1, 2, 3, 4, 5])
  })
})

describe('scenario 34, platformatic #326: single records that are sent at once', () => {
  test('get an offset each, and are all there', async () => {
    const world = new World()
    const producer = world.producer({ batchSize: 0 })
    const values = Array.from({ length: 20 }, (_, i) => `${i}`)
    const sent = await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(sent.map(({ offset }) => offset)).toEqual(values.map(Number))
    expect(world.valuesIn('t')).toEqual(values)
  })
})
