import { apiVersions, initProducerId, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { KafkaError, Producer } from '../../src/index.ts'
import { World } from '../world/world.ts'

const BROKER = { host: 'broker-1', port: 9092 }

/** What a producer may be in the middle of. Each leaves it there, with records that wait. */
const MOMENTS: [string, (world: World) => Promise<Producer>][] = [
  ['idle, never used', (world) => Promise.resolve(world.producer())],
  [
    'idle, after use',
    async (world) => {
      const producer = world.producer()
      await world.until(producer.send({ topic: 't', value: '0' }))
      await world.pass(1000)
      return producer
    },
  ],
  [
    'resolving a name',
    async (world) => {
      const dns = { lookup: () => {} }
      const producer = new Producer({ bootstrapServers: 'broker-1:9092', logger: console }, { ...world.ports(), dns })
      producer.produce({ topic: 't', value: '0' })
      await world.pass(10)
      return producer
    },
  ],
  [
    'connecting',
    async (world) => {
      world.network.listen(BROKER, 'silent')
      const producer = world.producer()
      producer.produce({ topic: 't', value: '0' })
      await world.pass(10)
      return producer
    },
  ],
  ['asking for versions', (world) => stuckAt(world, () => world.onRequest(apiVersions, () => ({ kind: 'hang' })))],
  ['asking for metadata', (world) => stuckAt(world, () => world.onRequest(metadata, () => ({ kind: 'hang' })))],
  [
    'asking for a producer id',
    (world) => stuckAt(world, () => world.onRequest(initProducerId, () => ({ kind: 'hang' }))),
  ],
  ['waiting for an answer', (world) => stuckAt(world, () => world.onRequest(produce, () => ({ kind: 'hang' })))],
  [
    'writing to a socket that is full',
    async (world) => {
      const producer = world.producer()
      await world.until(producer.send({ topic: 't', value: '0' }))
      world.network.timing.leaveMs = Infinity
      producer.produce({ topic: 't', value: '1' })
      await world.pass(10)
      return producer
    },
  ],
  [
    'backing off before it connects again',
    async (world) => {
      const producer = world.producer()
      await world.until(producer.send({ topic: 't', value: '0' }))
      world.network.unlisten(BROKER)
      world.host(1).reset()
      producer.produce({ topic: 't', value: '1' })
      await world.pass(3000)
      return producer
    },
  ],
]

async function stuckAt(world: World, getStuck: () => void): Promise<Producer> {
  getStuck()
  const producer = world.producer()
  producer.produce({ topic: 't', value: '0' })
  await world.pass(50)
  return producer
}

describe('fault 69: close() of a producer that is', () => {
  describe.each(MOMENTS)('%s,', (_moment, get) => {
    test('with timeout 0, ends at once and settles everything', async () => {
      const world = new World()
      const producer = await get(world)
      const others = [world.watch(producer.send({ topic: 't', value: 'a' })), world.watch(producer.flush())]
      await world.pass(0)
      const startMs = world.nowMs
      await world.until(producer.close({ timeoutMs: 0 }))
      await world.pass(0)
      expect(world.nowMs).toBe(startMs)
      expect(others.map((outcome) => outcome().state)).not.toContain('pending')
      await expectQuiet(world)
    })

    test('without a timeout, ends when the records have had their time', async () => {
      const world = new World()
      const producer = await get(world)
      const sent = world.watch(producer.send({ topic: 't', value: 'a' }))
      const startMs = world.nowMs
      await world.until(producer.close())
      await world.pass(0)
      expect(sent().state).not.toBe('pending')
      expect(world.nowMs - startMs).toBeLessThanOrEqual(180_000)
      await expectQuiet(world)
    })

    test('several times at once, ends for all of them when the most impatient says', async () => {
      const world = new World()
      const producer = await get(world)
      const sent = world.watch(producer.send({ topic: 't', value: 'a' }))
      const startMs = world.nowMs
      const closings = [producer.close(), producer.close({ timeoutMs: 60_000 })]
      await world.pass(20)
      closings.push(producer.close({ timeoutMs: 100 }), producer.close())
      await world.until(Promise.all(closings))
      await world.pass(0)
      expect(world.nowMs - startMs).toBeLessThanOrEqual(120)
      expect(sent().state).not.toBe('pending')
      await world.until(producer.close({ timeoutMs: 0 }))
      await expectQuiet(world)
    })
  })
})

describe('fault 69: close(), called again', () => {
  test('with timeout 0, cuts short one that waits', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const sent = world.watch(producer.send({ topic: 't', value: '1' }))
    const first = world.watch(producer.close())
    await world.pass(500)
    const startMs = world.nowMs
    await world.until(producer.close({ timeoutMs: 0 }))
    await world.pass(0)
    expect(world.nowMs).toBe(startMs)
    expect(first().state).toBe('fulfilled')
    expect(sent()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('with a longer timeout, does not put off the first', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, () => ({ kind: 'hang' }))
    producer.produce({ topic: 't', value: '1' })
    const startMs = world.nowMs
    await world.until(Promise.all([producer.close({ timeoutMs: 300 }), producer.close({ timeoutMs: 9000 })]))
    expect(world.nowMs - startMs).toBe(300)
  })
})

describe('fault 70: send()', () => {
  test('before anything is known waits for it', async () => {
    const world = new World()
    const producer = world.producer()
    const sent = Array.from({ length: 5 }, (_, i) => producer.send({ topic: 't', value: `${i}` }))
    await world.until(Promise.all(sent))
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4'])
  })

  test("while closing, and after, is refused with 'never', and disturbs nothing", async () => {
    const world = new World()
    const producer = world.producer()
    const before = world.watch(producer.send({ topic: 't', value: '0' }))
    const closing = producer.close()
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'CLOSED',
      outcome: 'never',
    })
    await world.until(closing)
    expect(before().state).toBe('fulfilled')
    expect(await world.failureOf(producer.send({ topic: 't', value: '2' }))).toMatchObject({ outcome: 'never' })
    expect(() => producer.produce({ topic: 't', value: '3' })).toThrow(KafkaError)
    await world.pass(10_000)
    expect(world.valuesIn('t')).toEqual(['0'])
  })

  test('in the callback that close() has called is refused, and close() ends', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const story: unknown[] = []
    const sendAndClose = async (): Promise<void> => {
      const refused = world.watch(producer.send({ topic: 't', value: '1' }))
      await producer.close()
      story.push(refused())
    }
    producer.produce({ topic: 't', value: '0' }, (error) => {
      story.push(error?.code)
      void sendAndClose()
    })
    await world.pass(20)
    await world.until(producer.close({ timeoutMs: 0 }))
    await world.pass(0)
    expect(story).toMatchObject(['CLOSED', { state: 'rejected', error: { outcome: 'never' } }])
    await expectQuiet(world)
  })
})

describe('a producer whose connect() has failed', () => {
  test('rests: no sockets, no timers, until something is sent', async () => {
    const world = new World()
    world.network.unlisten(BROKER)
    const producer = world.producer()
    await world.failureOf(producer.connect())
    await expectQuiet(world)
    const tries = world.network.sockets.length
    await world.pass(600_000)
    expect(world.network.sockets).toHaveLength(tries)
    world.network.listen(BROKER, world.host(1).accept)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(world.nowMs - startMs).toBeLessThan(50)
  })

  test('by its timeout, rests when what it has begun is over', async () => {
    const world = new World()
    world.network.listen(BROKER, 'silent')
    const producer = world.producer({ socketConnectionSetupTimeoutMs: 5000 })
    await world.failureOf(producer.connect({ timeoutMs: 1000 }))
    await world.pass(5000)
    await expectQuiet(world)
  })

  test('connects at the next connect()', async () => {
    const world = new World()
    world.network.unlisten(BROKER)
    const producer = world.producer()
    await world.failureOf(producer.connect())
    world.network.listen(BROKER, world.host(1).accept)
    await world.until(producer.connect())
    await world.until(producer.send({ topic: 't', value: 'v' }))
  })
})

/** Neither a socket nor a timer is left. */
async function expectQuiet(world: World): Promise<void> {
  world.network.timing.leaveMs = 0
  await world.pass(10)
  expect(world.network.openSockets).toEqual([])
  // What hangs in the world for ever is no event of the producer's.
  expect(world.timeline.nextEventMs).toBe(Infinity)
}
