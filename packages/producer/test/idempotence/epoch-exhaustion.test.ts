import { initProducerId, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { answerTo, refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_ENOUGH_REPLICAS = 19
const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const INVALID_PRODUCER_EPOCH = 47
const PRODUCER_ID = 4_000n

/** A producer whose first id comes with this epoch. */
function startedAt(world: World, producerEpoch: number, retries: number): Producer {
  world.onRequest(initProducerId, (request, ordinal) =>
    ordinal === 1
      ? answerTo(request, initProducerId, () => ({ errorCode: 0, producerId: PRODUCER_ID, producerEpoch }))
      : undefined,
  )
  return world.producer({ retries, retryBackoffMs: 50 })
}

const stampsOf = (world: World): string[] =>
  world.wire.batches.map(({ batch: { producerId, producerEpoch, baseSequence } }) =>
    [producerId === PRODUCER_ID ? 'old id' : 'new id', producerEpoch, baseSequence].join(' '),
  )

describe('scenario 29, fault 52, librdkafka #3720: after epoch 32767', () => {
  test('comes a new producer id, with epoch 0 and sequence 0, in every partition', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = startedAt(world, 32_766, 3)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 2 || ordinal === 3 ? refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER) : undefined,
    )
    const send = (partition: number, value: string): Promise<unknown> => producer.send({ topic: 't', partition, value })
    for (const value of ['0', '1', '2']) await world.until(send(0, value))
    await world.until(send(1, '0'))
    expect(stampsOf(world)).toEqual([
      'old id 32766 0',
      'old id 32766 1',
      'old id 32767 0',
      'new id 0 0',
      'new id 0 1',
      'new id 0 0',
    ])
    expect(world.valuesIn('t', 0)).toEqual(['0', '1', '2'])
    expect(world.wire.of(initProducerId)).toHaveLength(2)
  })

  test('nothing is sent until there is a new id', async () => {
    const world = new World()
    const producer = startedAt(world, 32_767, 1)
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'close-before' } : undefined))
    world.onRequest(initProducerId, () => ({ kind: 'delay', delayMs: 5000 }))
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({ outcome: 'unknown' })
    const lostAtMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.nowMs - lostAtMs).toBeGreaterThanOrEqual(5000)
    expect(stampsOf(world)).toEqual(['old id 32767 0', 'old id 32767 1', 'old id 32767 1', 'new id 0 0'])
  })
})

describe('fault 51: INVALID_PRODUCER_EPOCH', () => {
  test('gets a new producer id: a higher epoch of the old one may not be high enough', async () => {
    const world = new World()
    const producer = startedAt(world, 0, 3)
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, INVALID_PRODUCER_EPOCH) : undefined,
    )
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(stampsOf(world)).toEqual(['old id 0 0', 'old id 0 1', 'new id 0 0'])
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('of several partitions at once gets one new id, not one each', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = startedAt(world, 0, 3)
    const sendToAll = (value: string): Promise<unknown> =>
      world.until(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value }))))
    await sendToAll('0')
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, INVALID_PRODUCER_EPOCH) : undefined,
    )
    await sendToAll('1')
    expect(world.wire.of(initProducerId)).toHaveLength(2)
  })

  test('that comes late, for the id before, leaves the new one alone', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = startedAt(world, 0, 3)
    const send = (partition: number, value: string): Promise<unknown> => producer.send({ topic: 't', partition, value })
    await world.until(Promise.all([send(0, '0'), send(1, '0')]))
    // Partition 1 tries again with the bytes of the old id when partition 0 has the new one.
    const codes = [NOT_ENOUGH_REPLICAS, INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_EPOCH]
    world.onRequest(produce, (request, ordinal) => {
      const code = codes[ordinal - 1]
      return code === undefined ? undefined : refuseProduce(request, code)
    })
    const late = send(1, '1')
    await world.pass(10)
    await world.until(send(0, '1'))
    await world.until(late)
    for (const partition of [0, 1]) await world.until(send(partition, '2'))
    expect(world.wire.of(initProducerId)).toHaveLength(2)
    for (const partition of [0, 1]) expect(world.valuesIn('t', partition)).toEqual(['0', '1', '2'])
  })

  test("of a batch that may have been written leaves it 'unknown'", async () => {
    const world = new World()
    const producer = startedAt(world, 0, 3)
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal === 2 ? refuseProduce(request, INVALID_PRODUCER_EPOCH) : undefined
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({ outcome: 'unknown' })
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})
