import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer, RecordMetadata } from '../../src/index.ts'
import type { BrokerRequest } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const TIMES = { requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 }

/** A broker that left one Produce request lying. */
interface SlowBroker {
  readonly producer: Producer
  /** Reads that request now, whatever became of its sender. */
  readonly readLate: () => void
  /** What was in it. It was sent half its time after the call, so that it expires before its request does. */
  readonly sent: Promise<RecordMetadata>
}

async function withLateRequest(world: World): Promise<SlowBroker> {
  const producer = world.producer(TIMES)
  let lying: BrokerRequest | undefined
  world.onRequest(produce, (request, ordinal) => {
    if (ordinal === 1) return { kind: 'delay', delayMs: TIMES.deliveryTimeoutMs / 2 }
    if (ordinal > 2) return undefined
    lying = request
    return { kind: 'answer', frame: Buffer.alloc(0) }
  })
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
      return { kind: 'answer', frame: Buffer.alloc(0) }
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
})
