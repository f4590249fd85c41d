import { metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

describe('scenario 15: a key', () => {
  // From Kafka's UtilsTest: the hash, its sign bit cleared, modulo the number of partitions.
  test.each([
    ['21', -973_932_308],
    ['foobar', -790_332_482],
    ['a-little-bit-long-string', -985_981_536],
    ['a-little-bit-longer-string', -1_486_304_829],
    ['abc', 479_470_107],
  ])('%s goes where Java sends it', async (key, hash) => {
    const world = new World({ topics: [{ name: 't', partitions: 7 }] })
    const { partition } = await world.until(world.producer().send({ topic: 't', key, value: 'v' }))
    expect(partition).toBe((hash & 0x7fff_ffff) % 7)
  })
})

describe('scenario 16: records without a key', () => {
  test('are spread evenly, within a tenth, when each is awaited', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 4 }], seed: 4 })
    const producer = world.producer()
    for (let i = 0; i < 2000; i++) await world.until(producer.send({ topic: 't', value: 'v' }))
    for (const partition of [0, 1, 2, 3]) {
      const count = world.recordsIn('t', partition).length
      expect(count).toBeGreaterThan(450)
      expect(count).toBeLessThan(550)
    }
  })

  test('fill one batch after the other, so that there are few', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 6 }] })
    const producer = world.producer({ batchSize: 2000, lingerMs: 10 })
    await world.until(producer.partitionsFor('t'))
    const sent = Array.from({ length: 100 }, () => producer.send({ topic: 't', value: 'v'.repeat(100) }))
    await world.until(Promise.all(sent))
    const fullCount = world.wire.batches.filter(({ bytes }) => bytes.length > 1850).length
    expect(fullCount, 'of the six that 100 records fill').toBeGreaterThanOrEqual(5)
  })
})

describe('scenario 17: a broker that is slow', () => {
  test('gets fewer of the records without a key', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.elect('t', 0, 1)
    world.elect('t', 1, 2)
    const slow = world.host(2)
    slow.faultFor = ({ api }) => (api?.name === 'Produce' ? { kind: 'delay', delayMs: 200 } : undefined)
    const producer = world.producer({ batchSize: 300 })
    const sent: Promise<unknown>[] = []
    for (let i = 0; i < 400; i++) {
      sent.push(producer.send({ topic: 't', value: 'v'.repeat(200) }))
      await world.pass(5)
    }
    await world.until(Promise.all(sent))
    const [fast, slowCount] = [0, 1].map((partition) => world.recordsIn('t', partition).length)
    expect((fast ?? 0) / (slowCount ?? 1)).toBeGreaterThan(1.5)
  })

  test('that is unreachable gets none of them', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.elect('t', 0, 1)
    world.elect('t', 1, 2)
    const producer = world.producer({ reconnectBackoffMs: 60_000, reconnectBackoffMaxMs: 60_000 })
    for (const partition of [0, 1]) await world.until(producer.send({ topic: 't', partition, value: 'v' }))
    world.network.unlisten({ host: 'broker-2', port: 9092 })
    world.host(2).reset()
    const lost = world.watch(producer.send({ topic: 't', partition: 1, value: 'v' }))
    await world.pass(100)
    for (let i = 0; i < 30; i++) await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(world.recordsIn('t', 0)).toHaveLength(31)
    expect(lost()).toEqual({ state: 'pending' })
  })
})

describe('scenario 18: partitions that are added', () => {
  test('can be named before the producer has heard of them', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'v' }))
    world.cluster.addPartitions('t', 3)
    expect(await world.until(producer.send({ topic: 't', partition: 2, value: 'v' }))).toMatchObject({ partition: 2 })
    expect(world.wire.of(metadata).length).toBeGreaterThan(1)
  })

  test('get records without a key once metadata tells of them', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1 }] })
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.cluster.addPartitions('t', 4)
    await world.pass(1100)
    for (let i = 0; i < 60; i++) await world.until(producer.send({ topic: 't', value: 'v' }))
    for (const partition of [0, 1, 2, 3]) expect(world.recordsIn('t', partition).length).toBeGreaterThan(0)
  })
})
