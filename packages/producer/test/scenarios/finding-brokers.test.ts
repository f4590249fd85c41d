import { apiVersions, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const REBOOTSTRAP_REQUIRED = 129

describe('scenario 46: a broker that answers REBOOTSTRAP_REQUIRED', () => {
  test('sends the producer back to its bootstrap servers, once, and records go on in order', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 2)
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(metadata, (request, ordinal) =>
      ordinal === 1
        ? answerTo(request, metadata, () => ({ brokers: [], topics: [], errorCode: REBOOTSTRAP_REQUIRED }))
        : undefined,
    )
    await world.pass(1500)
    const asked = world.wire.of(metadata).length
    for (const value of ['1', '2']) await world.until(producer.send({ topic: 't', value }))
    expect(world.wire.of(metadata).length - asked, 'it does not go back again and again').toBeLessThan(4)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})

describe('scenario 47: a bootstrap server', () => {
  test('whose first address is dead is reached at the next', async () => {
    const world = new World()
    world.addresses.set('kafka', ['10.0.0.1', 'broker-1'])
    const producer = world.producer({ bootstrapServers: 'kafka:9092' })
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('whose name has no address yet is looked up again', async () => {
    const world = new World()
    world.addresses.set('kafka', new Error('getaddrinfo ENOTFOUND kafka'))
    const producer = world.producer({ bootstrapServers: 'kafka:9092' })
    const sent = producer.send({ topic: 't', value: 'v' })
    await world.pass(5000)
    world.addresses.set('kafka', ['broker-1'])
    expect(await world.until(sent)).toMatchObject({ offset: 0 })
  })
})

describe('scenario 48: a broker', () => {
  test.each([0, 1, 2, 3])('that knows ApiVersions up to %i is asked with that, once', async (newest) => {
    const world = new World()
    world.host(1).versions = { ApiVersions: [0, newest] }
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    const asked = world.wire.of(apiVersions).map(({ wire }) => wire.apiVersion)
    expect(asked.slice(0, 2)).toEqual([4, newest])
  })
})

describe('scenario 70, fault 17: a broker that is hostile', () => {
  test.each([
    ['negative', [0xff, 0xff, 0xff, 0xff]],
    ['two gigabytes long', [0x7f, 0xff, 0xff, 0xff]],
    ['empty', [0, 0, 0, 0]],
    ['garbage', [0, 0, 0, 6, 1, 2, 3, 4, 5, 6]],
  ])('and sends a frame that is %s loses its connection, not the records', async (_what, bytes) => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) =>
      ordinal === 1 ? { kind: 'answer', frame: Uint8Array.from(bytes) } : undefined,
    )
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    const connections = world.wire.batches.map(({ request }) => request.connectionId)
    expect(connections[2]).not.toBe(connections[1])
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })
})
