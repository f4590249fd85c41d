import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer, RecordMetadata } from '../../src/index.ts'
import { type BrokerRequest, type Fault, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const INVALID_PRODUCER_EPOCH = 47
const INVALID_RECORD = 87

const TIMES = { requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 }

/** The broker has not read the request yet. */
const NO_ANSWER: Fault = { kind: 'answer', frame: Buffer.alloc(0) }

/** A broker that left one Produce request lying, and what came behind it on its connection. */
interface SlowBroker {
  readonly producer: Producer
  /** Reads that request now, whatever became of its sender. */
  readonly readLate: () => void
  /** What was in it. It was sent half its time after the call, so that it expires before its request does. */
  readonly sent: Promise<RecordMetadata>
}

async function withLateRequest(world: World): Promise<SlowBroker> {
  const producer = world.producer(TIMES)
  for (const { name } of world.cluster.topics) await world.until(producer.partitionsFor(name))
  let lying: BrokerRequest | undefined
  world.onRequest(produce, (request, ordinal) => {
    if (ordinal === 1) return { kind: 'delay', delayMs: TIMES.deliveryTimeoutMs / 2 }
    if (ordinal > 2) return undefined
    lying = request
    return NO_ANSWER
  })
  const host = world.host(1)
  const { faultFor } = host
  host.faultFor = (request) => (request.connectionId === lying?.connectionId ? NO_ANSWER : faultFor(request))
  const before = producer.send({ topic: 't', value: 'before' })
  await world.untilTrue(() => world.wire.batches.length === 1)
  const sent = producer.send({ topic: 't', value: 'expired' })
  sent.catch(() => {})
  await world.until(before)
  await world.untilTrue(() => lying !== undefined)
  const readLate = (): void => {
    if (lying !== undefined) world.host(1).broker.handle(lying.frame, () => {})
  }
  return { producer, readLate, sent }
}

/** Topic 't' is led by broker 1, 'other' by broker 2. */
function worldOfTwo(): World {
  const world = new World({ brokers: 2, topics: ['t', 'other'].map((name) => ({ name, partitions: 1 })) })
  world.elect('t', 0, 1)
  world.elect('other', 0, 2)
  return world
}

describe('fault 34, scenario 36: a batch that expires on the wire', () => {
  test("is refused when it arrives after what came later: 'unknown' was true, and so is the order", async () => {
    const world = new World()
    const { producer, readLate, sent } = await withLateRequest(world)
    expect(await world.failureOf(sent)).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'unknown' })
    await world.until(producer.send({ topic: 't', value: 'after' }))
    readLate()
    expect(world.valuesIn('t')).toEqual(['before', 'after'])
    await world.until(producer.send({ topic: 't', value: 'and on' }))
    expect(world.valuesIn('t')).toEqual(['before', 'after', 'and on'])
  })

  test("is written when it arrives before what came later: 'unknown' was true, and so is the order", async () => {
    const world = new World()
    const { producer, readLate, sent } = await withLateRequest(world)
    expect(await world.failureOf(sent)).toMatchObject({ outcome: 'unknown' })
    readLate()
    await world.until(producer.send({ topic: 't', value: 'after' }))
    expect(world.valuesIn('t')).toEqual(['before', 'expired', 'after'])
  })

  test('is refused in a partition that the broker had nothing of before, too', async () => {
    const world = new World()
    const producer = world.producer(TIMES)
    let lying: BrokerRequest | undefined
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal > 1) return undefined
      lying = request
      return NO_ANSWER
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: 'expired' }))).toMatchObject({ outcome: 'unknown' })
    await world.until(producer.send({ topic: 't', value: 'after' }))
    if (lying === undefined) throw new Error('nothing was sent')
    world.host(1).broker.handle(lying.frame, () => {})
    expect(world.valuesIn('t')).toEqual(['after'])
  })

  test('ends its connection, and what else was on it goes again with the same bytes', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ ...TIMES, deliveryTimeoutMs: 1500, requestTimeoutMs: 1500 })
    const send = (partition: number, value: string): Promise<RecordMetadata> =>
      producer.send({ topic: 't', partition, value })
    await world.until(Promise.all([send(0, '0'), send(1, '0')]))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'hang' } : undefined))
    const expiring = world.failureOf(send(0, 'expired'))
    await world.pass(700)
    const other = send(1, 'other')
    expect(await expiring).toMatchObject({ outcome: 'unknown' })
    expect(await world.until(other)).toMatchObject({ offset: 1 })
    const ofOther = world.wire.batches.filter(({ partition }) => partition === 1).slice(1)
    expect(ofOther).toHaveLength(2)
    expect(ofOther[1]?.bytes).toEqual(ofOther[0]?.bytes)
    expect(ofOther[1]?.request.connectionId).not.toBe(ofOther[0]?.request.connectionId)
    expect(world.valuesIn('t', 1)).toEqual(['0', 'other'])
  })

  test('leaves its partition without traffic until what follows has another epoch', async () => {
    const world = new World()
    const { producer, sent } = await withLateRequest(world)
    await world.pass(TIMES.deliveryTimeoutMs / 4)
    const following = producer.send({ topic: 't', value: 'after' })
    expect(await world.failureOf(sent)).toMatchObject({ outcome: 'unknown' })
    await world.until(following)
    const stamps = world.wire.batches.map(({ batch }) => [batch.producerEpoch, batch.baseSequence])
    expect(stamps).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
    ])
  })

  test('is kept out as well when the producer got a new id meanwhile: the old one has its say once more', async () => {
    const world = worldOfTwo()
    const { producer, readLate, sent } = await withLateRequest(world)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, INVALID_PRODUCER_EPOCH) : undefined,
    )
    await world.until(producer.send({ topic: 'other', value: 'under a new id' }))
    expect(await world.failureOf(sent)).toMatchObject({ outcome: 'unknown' })
    for (const value of ['after', 'and on']) await world.until(producer.send({ topic: 't', value }))
    readLate()
    expect(world.valuesIn('t')).toEqual(['before', 'after', 'and on'])
    const stamps = world.wire.batches
      .filter(({ topic }) => topic === world.wire.batches[0]?.topic)
      .map(({ batch }) => `id ${batch.producerId}, epoch ${batch.producerEpoch}, sequence ${batch.baseSequence}`)
    expect(stamps).toEqual([
      'id 0, epoch 0, sequence 0',
      'id 0, epoch 0, sequence 1',
      'id 0, epoch 1, sequence 0',
      'id 1, epoch 0, sequence 0',
    ])
  })

  test('of an id that the brokers refuse does not keep its partition from going on', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal <= 3 ? refuseProduce(request, INVALID_PRODUCER_EPOCH) : undefined
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({ outcome: 'unknown' })
    await world.until(producer.send({ topic: 't', value: '2' }))
    const stamps = world.wire.batches.map(({ batch }) => [batch.producerId, batch.producerEpoch, batch.baseSequence])
    expect(stamps).toEqual([
      [0n, 0, 0],
      [0n, 0, 1],
      [0n, 0, 1],
      [0n, 1, 0],
      [1n, 0, 0],
    ])
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })

  test('leaves the fence to the next batch, when the one that had it is refused for good', async () => {
    const world = worldOfTwo()
    const { producer, readLate, sent } = await withLateRequest(world)
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return refuseProduce(request, INVALID_PRODUCER_EPOCH)
      return ordinal === 3 ? refuseProduce(request, INVALID_RECORD) : undefined
    })
    await world.until(producer.send({ topic: 'other', value: 'under a new id' }))
    expect(await world.failureOf(sent)).toMatchObject({ outcome: 'unknown' })
    expect(await world.failureOf(producer.send({ topic: 't', value: 'bad' }))).toMatchObject({ outcome: 'never' })
    await world.until(producer.send({ topic: 't', value: 'after' }))
    readLate()
    expect(world.valuesIn('t')).toEqual(['before', 'after'])
  })
})
