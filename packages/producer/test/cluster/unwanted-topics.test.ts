import { metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

const MAX_BLOCK_MS = 5_000
const TEN_MINUTES_MS = 600_000

const askedCount = (world: World): number => world.wire.of(metadata).length

describe('a topic that nobody waits for any more', () => {
  test.each([
    ['after its record failed', (producer) => producer.send({ topic: 'typo', value: 'v' })],
    ['after partitionsFor() failed', (producer) => producer.partitionsFor('typo')],
  ] satisfies [string, (producer: ReturnType<World['producer']>) => Promise<unknown>][])(
    'is not asked for, %s',
    async (_name, call) => {
      const world = new World()
      const producer = world.producer({ maxBlockMs: MAX_BLOCK_MS })
      await world.failureOf(call(producer))
      await world.pass(1_000) // for the answer to the last question
      const before = askedCount(world)
      await world.pass(TEN_MINUTES_MS)
      expect(askedCount(world)).toBe(before)
    },
  )

  test('is not asked for beside others that are used', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: MAX_BLOCK_MS, metadataMaxAgeMs: 60_000 })
    await world.failureOf(producer.send({ topic: 'typo', value: 'v' }))
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const before = askedCount(world)
    await world.pass(180_000)
    const asked = world.wire.of(metadata).slice(before)
    expect(asked.length).toBeGreaterThan(1)
    expect(asked.length).toBeLessThan(5)
    for (const { request } of asked) expect(request.topics?.map(({ name }) => name)).toEqual(['t'])
  })

  test('is asked for again when another record comes', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: MAX_BLOCK_MS })
    await world.failureOf(producer.send({ topic: 'late', value: 'v' }))
    world.cluster.createTopic({ name: 'late', partitions: 1 })
    expect(await world.until(producer.send({ topic: 'late', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('is known for the next record where nobody may wait: maxBlockMs 0', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 0 })
    const first = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(1_000)
    expect(first()).toMatchObject({ error: { outcome: 'never' } })
    expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('is not forgotten by the answer to a question that was asked before it was wanted', async () => {
    const world = new World({ topics: ['t', 'u'].map((name) => ({ name, partitions: 1 })) })
    world.network.timing.latencyMs = 250
    const producer = world.producer({ maxBlockMs: 0 })
    const first = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => askedCount(world) === 1)
    const second = world.watch(producer.send({ topic: 'u', value: 'v' }))
    await world.pass(5_000)
    expect([first, second].map((one) => one().state)).toEqual(['rejected', 'rejected'])
    expect(await world.until(producer.send({ topic: 'u', value: 'v' }))).toMatchObject({ offset: 0 })
  })

  test('is no reason to look for long for a broker that is not there', async () => {
    const world = new World()
    const bootstrapServers = 'nobody:9092'
    const producer = world.producer({ maxBlockMs: MAX_BLOCK_MS, metadataMaxIdleMs: 60_000, bootstrapServers })
    await world.failureOf(producer.send({ topic: 'typo', value: 'v' }))
    await world.pass(60_000)
    const before = world.network.sockets.length
    await world.pass(TEN_MINUTES_MS)
    expect(world.network.sockets.length).toBe(before)
  })
})

describe('metadata is asked for with pauses', () => {
  test('where metadataMaxAgeMs is 0', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 0 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const before = askedCount(world)
    await world.pass(1_000)
    expect(askedCount(world) - before).toBeLessThanOrEqual(20)
  })

  test('where the answer leaves out the topic', async () => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, (answer) => {
        answer.topics = []
      }),
    )
    const producer = world.producer({ maxBlockMs: MAX_BLOCK_MS })
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(askedCount(world)).toBeLessThan(30)
  })
})
