import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const INVALID_RECORD = 87

describe('fault 40, scenario 33: a topic that is deleted and made anew', () => {
  test('gets a batch that was on its way to the old one, and the next is not taken for a duplicate of it', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 50 })
    let isCut = true
    world.onRequest(produce, () => (isCut ? { kind: 'close-before' } : undefined))
    const first = producer.send({ topic: 't', value: 'first' })
    await world.untilTrue(() => world.wire.batches.length === 1)
    world.cluster.recreateTopic('t')
    await world.pass(60)
    isCut = false
    expect(await world.until(first)).toMatchObject({ offset: 0 })
    expect(await world.until(producer.send({ topic: 't', value: 'second' }))).toMatchObject({ offset: 1 })
    expect(world.valuesIn('t')).toEqual(['first', 'second'])
  })

  test('has the newest epoch, also where the next batch was to take the sequence of one that was refused', async () => {
    const world = new World({ topics: ['failing', 'healthy'].map((name) => ({ name, partitions: 1 })) })
    const producer = world.producer({ metadataMaxAgeMs: 50, maxProduceRequestBytes: 1 })
    for (const topic of ['failing', 'healthy']) await world.until(producer.send({ topic, value: 'first' }))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER)
      return ordinal === 2 ? refuseProduce(request, INVALID_RECORD) : undefined
    })
    const failing = producer.send({ topic: 'failing', value: 'second' })
    await world.failureOf(producer.send({ topic: 'healthy', value: 'refused' }))
    await world.until(failing)
    world.cluster.recreateTopic('healthy')
    await world.pass(60)
    await world.until(producer.send({ topic: 'healthy', value: 'third' }))
    expect(world.wire.batches.at(-1)?.batch).toMatchObject({ producerEpoch: 1, baseSequence: 0 })
    expect(world.valuesIn('healthy')).toEqual(['third'])
  })
})
