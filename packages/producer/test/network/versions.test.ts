import { apiVersions, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from './altered-answer.ts'
import { World } from '../world/world.ts'

const BROKER = { host: 'broker-1', port: 9092 }

interface Range {
  readonly apiKey: number
  minVersion: number
  maxVersion: number
}

/** The broker claims other versions than it has. */
function claim(world: World, change: (range: Range) => void): void {
  world.onRequest(apiVersions, (request) =>
    alterAnswer(request, apiVersions, (response) => {
      for (const range of response.apiKeys) change(range)
    }),
  )
}

describe('fault 25: a broker that speaks', () => {
  test('only an older ApiVersions is asked again once the first question has left, even if its answer is quicker', async () => {
    const world = new World()
    world.network.timing.writtenMs = 30
    world.host(1).versions = { ApiVersions: [0, 1] }
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.wire.of(apiVersions).map(({ wire }) => wire.apiVersion)).toEqual([4, 1, 4, 1])
    expect(world.valuesIn('t')).toEqual(['v'])
  })

  test('nothing at all is refused with a sentence, and asked again later', async () => {
    const world = new World()
    world.onRequest(apiVersions, (request, ordinal) =>
      ordinal > 1 ? undefined : alterAnswer(request, apiVersions, (response) => (response.apiKeys = [])),
    )
    const producer = world.producer()
    const error = await world.failureOf(producer.connect())
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(error.message).toContain('broker-1:9092 has no Metadata version that this client speaks (4-13)')
    await world.until(producer.send({ topic: 't', value: 'v' }))
  })

  test('no Metadata, as a controller does, is refused with a sentence', async () => {
    const world = new World()
    world.host(1).versions = { Metadata: [0, -1], Produce: [0, -1] }
    expect((await world.failureOf(world.producer().connect())).message).toContain('has no Metadata version')
  })

  test.each([
    ['whose oldest is newer than its newest', 9, 5],
    ['that begin after ours end', 99, 120],
    ['that end before ours begin', 0, 1],
    ['below zero', -5, -1],
  ])('Metadata versions %s has none', async (_what, minVersion, maxVersion) => {
    const world = new World()
    claim(world, (range) => {
      if (range.apiKey === metadata.apiKey) Object.assign(range, { minVersion, maxVersion })
    })
    expect((await world.failureOf(world.producer().connect())).message).toContain('has no Metadata version')
  })

  test('only versions from some point on gets the newest that both speak', async () => {
    const world = new World()
    claim(world, (range) => {
      if (range.apiKey === produce.apiKey) range.minVersion = 13
    })
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.wire.batches.map(({ request }) => request.apiVersion)).toEqual([13])
  })

  test('newer versions than we do gets ours', async () => {
    const world = new World()
    claim(world, (range) => (range.maxVersion += 20))
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.wire.batches.map(({ request }) => request.apiVersion)).toEqual([13])
  })

  test('older versions after a restart, as in a rolling downgrade, is asked anew, and the retry is the same batch', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    world.host(1).versions = { Produce: [0, 7], Metadata: [0, 8], ApiVersions: [0, 2], InitProducerId: [0, 1] }
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    const [, first, second] = world.wire.batches
    expect([first?.request.apiVersion, second?.request.apiVersion]).toEqual([13, 7])
    expect(second?.bytes).toEqual(first?.bytes)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('newer versions after a restart gets them', async () => {
    const world = new World()
    world.host(1).versions = { Produce: [0, 7] }
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.host(1).versions = {}
    world.host(1).reset()
    await world.pass(10)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.wire.batches.map(({ request }) => request.apiVersion)).toEqual([7, 13])
  })

  test('an old ApiVersions, and answers before its socket says that the question has left, is asked when it has', async () => {
    const world = new World()
    world.host(1).versions = { ApiVersions: [0, 2] }
    world.network.timing.writtenMs = 50
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.valuesIn('t')).toEqual(['v'])
  })

  test('differently from its neighbour gets its own', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.host(2).versions = { Produce: [0, 9] }
    const producer = world.producer()
    await world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value: 'v' }))))
    const versions = new Map(
      world.wire.batches.map(({ request }) => [request.address.host, request.apiVersion] as const),
    )
    expect(versions).toEqual(
      new Map([
        ['broker-1', 13],
        ['broker-2', 9],
      ]),
    )
  })
})

describe('a broker that ends the connection when it is asked for ApiVersions 4, as Azure Event Hubs does', () => {
  test('is asked for version 3, at once', async () => {
    const world = new World()
    world.onRequest(apiVersions, ({ header }) => (header.apiVersion > 3 ? { kind: 'close-before' } : undefined))
    await world.until(world.producer().connect())
    expect(world.nowMs).toBeLessThan(10)
    const [first, second] = world.wire.of(apiVersions)
    expect([first?.wire.apiVersion, second?.wire.apiVersion]).toEqual([4, 3])
  })

  test('and for version 3 ever after', async () => {
    const world = new World()
    world.onRequest(apiVersions, ({ header }) => (header.apiVersion > 3 ? { kind: 'close-before' } : undefined))
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    await world.pass(1000)
    const before = world.wire.of(apiVersions).length
    world.host(1).reset()
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(
      world.wire
        .of(apiVersions)
        .slice(before)
        .map(({ wire }) => wire.apiVersion),
    ).not.toContain(4)
  })

  test('is told from one that ends every connection: that is an error, after two tries', async () => {
    const world = new World()
    world.onRequest(apiVersions, () => ({ kind: 'close-before' }))
    const error = await world.failureOf(world.producer().connect())
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' })
    expect(error.message).toContain('closed the connection without an answer: its listener may want TLS')
    expect(world.network.sockets).toHaveLength(2)
  })

  test('is none of those that cannot be reached', async () => {
    const world = new World()
    world.network.unlisten(BROKER)
    const producer = world.producer({ maxBlockMs: 2000 })
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    world.network.listen(BROKER, world.host(1).accept)
    await world.until(producer.connect())
    expect(world.wire.of(apiVersions)[0]?.wire.apiVersion).toBe(4)
  })
})
