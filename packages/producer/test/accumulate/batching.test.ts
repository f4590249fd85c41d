import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { World } from '../world/world.ts'

/** Records per batch on the wire. */
const batchSizes = (world: World): number[] => world.wire.batches.map(({ batch }) => batch.records.length)

/** A producer whose connections are up and whose topic is known. */
async function warm(world: World, config: Parameters<World['producer']>[0] = {}, topic = 't'): Promise<Producer> {
  const producer = world.producer(config)
  const sent = producer.send({ topic, partition: 0, value: 'warm' })
  await world.pass(1)
  await world.until(producer.flush())
  await world.until(sent)
  world.wire.batches.length = 0
  return producer
}

describe('linger', () => {
  test('0 sends a record at once, and what comes meanwhile as the next batch', async () => {
    const world = new World()
    const producer = await warm(world)
    const startMs = world.nowMs
    const sent = [producer.send({ topic: 't', value: '0' })]
    await world.pass(0)
    expect(world.wire.batches).toHaveLength(1)
    expect(world.wire.batches[0]?.request.atMs).toBe(startMs)
    for (const value of ['1', '2', '3']) sent.push(producer.send({ topic: 't', value }))
    await world.until(Promise.all(sent))
    expect(batchSizes(world)).toEqual([1, 3])
    expect(world.valuesIn('t')).toEqual(['warm', '0', '1', '2', '3'])
  })

  test('holds a batch for its time and not longer', async () => {
    const world = new World()
    const producer = await warm(world, { lingerMs: 25 })
    const startMs = world.nowMs
    const first = producer.send({ topic: 't', value: '0' })
    await world.pass(20)
    const second = producer.send({ topic: 't', value: '1' })
    await world.pass(4)
    expect(world.wire.batches).toEqual([])
    await world.until(Promise.all([first, second]))
    expect(batchSizes(world)).toEqual([2])
    expect(world.wire.batches[0]?.request.atMs).toBe(startMs + 25)
  })

  test('is counted for each partition from its own first record', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = await warm(world, { lingerMs: 25 })
    const startMs = world.nowMs
    const sent = []
    for (const partition of [0, 1, 2]) {
      sent.push(producer.send({ topic: 't', partition, value: 'v' }))
      await world.pass(10)
    }
    await world.until(Promise.all(sent))
    expect(world.wire.batches.map(({ partition, request }) => [partition, request.atMs - startMs])).toEqual([
      [0, 25],
      [1, 35],
      [2, 45],
    ])
  })

  test('is over when the batch is full', async () => {
    const world = new World()
    const producer = await warm(world, { lingerMs: 1000, batchSize: 2000 })
    const startMs = world.nowMs
    const sent = Array.from({ length: 30 }, (_, i) => producer.send({ topic: 't', value: `${i}`.padEnd(100) }))
    await world.pass(0)
    expect(world.wire.batches[0]?.request.atMs).toBe(startMs)
    await world.until(Promise.all(sent))
    expect(
      batchSizes(world)
        .slice(0, -1)
        .every((count) => count === 17),
    ).toBe(true)
    expect(world.wire.batches.at(-1)?.request.atMs, 'the last one is not full').toBe(startMs + 1000)
  })

  test('is over when memory is full', async () => {
    const world = new World()
    const producer = await warm(world, { lingerMs: 10_000, bufferMemory: 140_000, maxRequestSize: 100_000 })
    const startMs = world.nowMs
    const sent = Array.from({ length: 20 }, () => producer.send({ topic: 't', value: 'x'.repeat(10_000) }))
    await world.pass(100)
    expect(world.wire.batches[0]?.request.atMs).toBe(startMs)
    await world.until(producer.flush())
    await world.until(Promise.all(sent))
  })
})

describe('batch size', () => {
  test.each([100, 512, 1000, 4096, 5000])('%i is never passed by a batch of several records', async (batchSize) => {
    const world = new World()
    const producer = await warm(world, { batchSize })
    const sent = Array.from({ length: 200 }, (_, i) => producer.send({ topic: 't', value: 'x'.repeat((i * 37) % 400) }))
    await world.until(Promise.all(sent))
    for (const { bytes, batch } of world.wire.batches) {
      if (batch.records.length > 1) expect(bytes.length).toBeLessThanOrEqual(batchSize)
    }
    expect(world.recordsIn('t')).toHaveLength(201)
  })

  test('0 sends every record alone', async () => {
    const world = new World()
    const producer = await warm(world, { batchSize: 0 })
    await world.until(Promise.all(['1', '2', '3'].map((value) => producer.send({ topic: 't', value }))))
    expect(batchSizes(world)).toEqual([1, 1, 1])
    expect(world.valuesIn('t')).toEqual(['warm', '1', '2', '3'])
  })

  test('a larger record has a batch of its own, and its neighbours keep their order', async () => {
    const world = new World()
    const producer = await warm(world, { batchSize: 1000 })
    const values = ['a', 'b', 'x'.repeat(5000), 'c', 'd']
    await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(batchSizes(world)).toEqual([2, 1, 2])
    expect(world.valuesIn('t')).toEqual(['warm', ...values])
  })

  test('a record of exactly maxRequestSize goes, and one byte more does not', async () => {
    const world = new World()
    const producer = await warm(world, { maxRequestSize: 2000 })
    // 61 bytes of batch header and 10 around a value of this size.
    expect(await world.until(producer.send({ topic: 't', value: 'x'.repeat(1930) }))).toMatchObject({ offset: 1 })
    expect(world.wire.batches[0]?.bytes.length).toBe(2000)
    const error = await world.failureOf(producer.send({ topic: 't', value: 'x'.repeat(1931) }))
    expect(error).toMatchObject({ code: 'MESSAGE_TOO_LARGE', outcome: 'never' })
    expect(error.message).toContain('2001 bytes as a batch is over maxRequestSize (2000)')
  })

  test('a request of several batches keeps to maxProduceRequestBytes, a single batch may be larger', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 8 }] })
    const producer = await warm(world, { maxProduceRequestBytes: 2500 })
    const sizes = [900, 900, 900, 4000, 900, 900, 900, 900]
    const sent = sizes.map((size, partition) => producer.send({ topic: 't', partition, value: 'x'.repeat(size) }))
    await world.until(Promise.all(sent))
    const requests = [...new Set(world.wire.batches.map(({ request }) => request))].map((request) =>
      world.wire.batches.filter((batch) => batch.request === request),
    )
    for (const batches of requests) {
      const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0)
      if (batches.length > 1) expect(bytes).toBeLessThanOrEqual(2500)
    }
    expect(requests.map((batches) => batches.length).toSorted((a, b) => a - b)).toEqual([1, 1, 2, 2, 2])
  })
})

describe('in flight', () => {
  test('a partition has one batch and a connection five requests at most', async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const world = new World({ seed, brokers: 2, topics: [{ name: 't', partitions: 20 }] })
      world.network.timing.latencyMs = 20
      const producer = await warm(world, { maxProduceRequestBytes: 1 })
      const sent = []
      for (let i = 0; i < 300; i++) {
        sent.push(producer.send({ topic: 't', key: `${world.random.below(1000)}`, value: `${i}` }))
        if (world.random.below(3) === 0) await world.pass(world.random.below(4))
      }
      await world.until(Promise.all(sent))
      expect(world.wire.violations).toEqual([])
      expect(world.wire.inFlightPeak).toBe(5)
    }
  })

  test('maxInFlightRequestsPerConnection 1 waits for every answer', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 20 }] })
    world.wire.inFlightMax = 1
    const producer = await warm(world, { maxInFlightRequestsPerConnection: 1, maxProduceRequestBytes: 1 })
    world.wire.violations.length = 0
    const sent = Array.from({ length: 40 }, (_, i) => producer.send({ topic: 't', partition: i % 20, value: `${i}` }))
    await world.until(Promise.all(sent))
    expect(world.wire.violations).toEqual([])
  })

  test('a connection that still holds a request gets no other, so that batches grow', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = await warm(world)
    world.network.timing.leaveMs = 50
    const startMs = world.nowMs
    const sent = [producer.send({ topic: 't', partition: 0, value: '0' })]
    for (let i = 0; i < 10; i++) {
      await world.pass(4)
      sent.push(producer.send({ topic: 't', partition: 1, value: `${i}` }))
    }
    await world.until(Promise.all(sent))
    expect(world.wire.batches.map(({ request, batch }) => [request.atMs - startMs, batch.records.length])).toEqual([
      [0, 1],
      [50, 10],
    ])
  })

  test('single records to many partitions do not become a request each', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 100 }] })
    const producer = await warm(world)
    world.network.timing.latencyMs = 5
    const sent = []
    for (let i = 0; i < 100; i++) {
      sent.push(producer.send({ topic: 't', partition: i, value: 'v' }))
      await world.pass(0.1)
    }
    await world.until(Promise.all(sent))
    expect(new Set(world.wire.batches.map(({ request }) => request)).size).toBeLessThanOrEqual(15)
  })
})

test('equal brokers get equal shares of unkeyed records', async () => {
  const partitions = 6
  const world = new World({ brokers: 3, topics: [{ name: 't', partitions }] })
  const producer = await warm(world)
  const counts = Array.from({ length: partitions }, () => 0)
  for (let i = 0; i < 10_000; i++) {
    const { partition } = await world.until(producer.send({ topic: 't', value: 'v' }))
    counts[partition] = (counts[partition] ?? 0) + 1
  }
  for (const count of counts) expect(Math.abs(count - 10_000 / partitions)).toBeLessThan(1_000 / partitions)
}, 30_000)

test('records with a key go where Java sends them', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 5 }] })
  const producer = await warm(world)
  // murmur2('foobar') is -790332482, which without its sign bit is 1357151166: 1 modulo 5.
  expect(await world.until(producer.send({ topic: 't', key: 'foobar', value: 'v' }))).toMatchObject({ partition: 1 })
  expect(await world.until(producer.send({ topic: 't', key: Buffer.from('foobar') }))).toMatchObject({ partition: 1 })
})
