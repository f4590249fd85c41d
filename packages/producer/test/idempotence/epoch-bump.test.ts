import { initProducerId, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { appendButAnswer, refuseProduce } from '../world/broker-host.ts'
import type { WireBatch } from '../world/wire.ts'
import { World } from '../world/world.ts'

const OUT_OF_ORDER_SEQUENCE_NUMBER = 45

const TOPICS = [
  { name: 'failing', partitions: 1 },
  { name: 'healthy', partitions: 1 },
  { name: 'idle', partitions: 1 },
]

/** A producer that has written one record to each of the topics. */
async function acquainted(world: World): Promise<Producer> {
  const producer = world.producer({ maxProduceRequestBytes: 1 })
  await world.until(Promise.all(TOPICS.map(({ name }) => producer.send({ topic: name, value: '0' }))))
  return producer
}

const stampsOf = (batches: readonly WireBatch[]): string[] =>
  batches.map(({ batch }) => `epoch ${batch.producerEpoch}, sequence ${batch.baseSequence}`)

/** Batches that carry a value. */
function carrying(world: World, value: string): WireBatch[] {
  return world.wire.batches.filter(({ batch }) =>
    batch.records.some((record) => Buffer.from(record.value ?? []).toString() === value),
  )
}

describe('scenario 26, 27, fault 48, KAFKA-12152, Dekaf #3342: an epoch bump', () => {
  test('stamps anew the batch that was refused, and no other that is on its way', async () => {
    const world = new World({ topics: TOPICS })
    const producer = await acquainted(world)
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER)
      return ordinal === 2 ? { kind: 'close-after' } : undefined
    })
    const sent = ['failing', 'healthy'].map((topic) => producer.send({ topic, value: topic }))
    await world.until(Promise.all(sent))
    expect(stampsOf(carrying(world, 'failing'))).toEqual(['epoch 0, sequence 1', 'epoch 1, sequence 0'])
    expect(stampsOf(carrying(world, 'healthy')), 'in the log since its first attempt').toEqual([
      'epoch 0, sequence 1',
      'epoch 0, sequence 1',
    ])
    expect(carrying(world, 'healthy').map(({ bytes }) => bytes)[1]).toEqual(carrying(world, 'healthy')[0]?.bytes)
    expect(world.valuesIn('failing')).toEqual(['0', 'failing'])
    expect(world.valuesIn('healthy')).toEqual(['0', 'healthy'])
  })

  test('is followed by every other partition with its next batch, also by idle ones: none is refused for ever', async () => {
    const world = new World({ topics: TOPICS })
    const producer = await acquainted(world)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER) : undefined,
    )
    await world.until(producer.send({ topic: 'failing', value: '1' }))
    for (const value of ['next', 'and the one after'])
      for (const topic of ['healthy', 'idle']) await world.until(producer.send({ topic, value }))
    expect(stampsOf(carrying(world, 'next'))).toEqual(['epoch 1, sequence 0', 'epoch 1, sequence 0'])
    expect(stampsOf(carrying(world, 'and the one after'))).toEqual(['epoch 1, sequence 1', 'epoch 1, sequence 1'])
    expect(world.valuesIn('idle')).toEqual(['0', 'next', 'and the one after'])
    expect(world.wire.of(initProducerId), 'the client counts epochs by itself').toHaveLength(1)
  })

  test('is one for all partitions whose batches were lost with the same stamp', async () => {
    const partitions = 40
    const world = new World({ topics: [{ name: 't', partitions }] })
    const producer = world.producer({ retries: 1 })
    const sendToAll = (value: string): Promise<unknown>[] =>
      Array.from({ length: partitions }, (_, partition) => producer.send({ topic: 't', partition, value }))
    await world.until(Promise.all(sendToAll('0')))
    let isDown = true
    world.onRequest(produce, () => (isDown ? { kind: 'close-before' } : undefined))
    const lost = sendToAll('1').map((sent) => world.watch(sent))
    await world.untilTrue(() => lost.every((outcome) => outcome().state === 'rejected'))
    isDown = false
    await world.until(Promise.all(sendToAll('2')))
    expect(new Set(stampsOf(carrying(world, '2')))).toEqual(new Set(['epoch 1, sequence 0']))
  })

  test('never gives a new stamp to a batch that may have been written', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return appendButAnswer(request, 7)
      return ordinal === 2 ? refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER) : undefined
    })
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
      outcome: 'unknown',
    })
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(stampsOf(carrying(world, '1'))).toEqual(['epoch 0, sequence 1', 'epoch 0, sequence 1'])
    expect(stampsOf(carrying(world, '2'))).toEqual(['epoch 1, sequence 0'])
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})
