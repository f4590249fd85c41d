import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { KafkaError, Producer, ProducerConfig } from '../../src/index.ts'
import { World } from '../world/world.ts'

/** A producer that knows the topic already, so that nothing but batching takes time. */
async function acquainted(world: World, config: Partial<ProducerConfig>): Promise<Producer> {
  const producer = world.producer(config)
  await world.until(producer.partitionsFor('t'))
  await world.until(Promise.all([producer.send({ topic: 't', partition: 0, value: '-' }), producer.flush()]))
  world.wire.batches.splice(0)
  return producer
}

const recordCounts = (world: World): number[] => world.wire.batches.map(({ batch }) => batch.records.length)

describe('scenario 1: lingerMs', () => {
  test('is how long a single record waits for company, no less and no more', async () => {
    const world = new World()
    const producer = await acquainted(world, { lingerMs: 100 })
    const startMs = world.nowMs
    const sent = producer.send({ topic: 't', value: 'v' })
    await world.pass(99)
    expect(world.wire.batches).toEqual([])
    await world.until(sent)
    expect((world.wire.batches[0]?.request.atMs ?? 0) - startMs).toBe(100)
  })
})

describe('scenario 2, 12: a full batch', () => {
  test('leaves at once, however long the others linger', async () => {
    const world = new World()
    const producer = await acquainted(world, { lingerMs: 60_000, batchSize: 600 })
    const startMs = world.nowMs
    const sent = ['1', '2'].map((value) => producer.send({ topic: 't', value: value.repeat(400) }))
    await world.until(Promise.race(sent))
    expect(world.nowMs - startMs).toBeLessThan(10)
    expect(recordCounts(world)).toEqual([1])
  })

  test('does not wait for lingerMs after the one before it: lingering is no limit of the rate', async () => {
    const world = new World()
    const producer = await acquainted(world, { lingerMs: 1000, batchSize: 600 })
    const startMs = world.nowMs
    const sent = Array.from({ length: 51 }, () => producer.send({ topic: 't', value: 'v'.repeat(400) }))
    await world.until(Promise.all(sent.slice(0, 50)))
    expect(recordCounts(world)).toHaveLength(50)
    expect(world.nowMs - startMs).toBeLessThan(1000)
  })
})

describe('scenario 3: batches of several partitions', () => {
  test('leave each at its own time', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = await acquainted(world, { lingerMs: 100 })
    const startMs = world.nowMs
    const sent = [producer.send({ topic: 't', partition: 1, value: 'v' })]
    await world.pass(30)
    sent.push(producer.send({ topic: 't', partition: 2, value: 'v' }))
    await world.until(Promise.all(sent))
    expect(world.wire.batches.map(({ request }) => request.atMs - startMs)).toEqual([100, 130])
  })
})

describe('scenario 4, 13: a record', () => {
  test('that is larger than batchSize has a batch of its own', async () => {
    const world = new World()
    const producer = await acquainted(world, { batchSize: 1000, lingerMs: 20 })
    const values = ['1', 'large'.repeat(1000), '2', '3']
    await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(recordCounts(world)).toEqual([1, 1, 2])
    expect(world.valuesIn('t')).toEqual(['-', ...values])
  })

  test('travels alone when batchSize is 0', async () => {
    const world = new World()
    const producer = await acquainted(world, { batchSize: 0, lingerMs: 20 })
    await world.until(Promise.all(['1', '2', '3'].map((value) => producer.send({ topic: 't', value }))))
    expect(recordCounts(world)).toEqual([1, 1, 1])
  })
})

describe('scenario 5: a request that is full', () => {
  test('leaves no partition behind for long: each is served before any has its third turn', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 8 }] })
    const producer = await acquainted(world, { batchSize: 1000, maxProduceRequestBytes: 3000 })
    const partitions = [0, 1, 2, 3, 4, 5, 6, 7]
    const sent = Array.from({ length: 6 }).flatMap(() =>
      partitions.map((partition) => producer.send({ topic: 't', partition, value: 'v'.repeat(900) })),
    )
    await world.until(Promise.all(sent))
    const turns = new Map<number, number>()
    for (const { partition } of world.wire.batches) {
      turns.set(partition, (turns.get(partition) ?? 0) + 1)
      const counts = partitions.map((index) => turns.get(index) ?? 0)
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(2)
    }
    for (const { wire } of world.wire.of(produce)) expect(wire.frame.length).toBeLessThan(3200)
  })
})

describe('scenario 6, 7, 8: memory that is full', () => {
  const LARGE = 'v'.repeat(40_000)
  const limits = { bufferMemory: 131_072, maxRequestSize: 100_000 }

  test('sends what lingers at once', async () => {
    const world = new World()
    const producer = await acquainted(world, { ...limits, lingerMs: 60_000 })
    const startMs = world.nowMs
    const sent = Array.from({ length: 8 }, () => producer.send({ topic: 't', value: LARGE }))
    await world.until(Promise.all(sent.slice(0, 4)))
    expect(world.nowMs - startMs).toBeLessThan(60_000)
  })

  test('is given to who waits for it in the order of the calls, of whatever size', async () => {
    const world = new World()
    const producer = await acquainted(world, { ...limits, batchSize: 4000 })
    const values = Array.from({ length: 60 }, (_, i) => `${i}`.padEnd((i * 7919) % 60_000))
    await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(world.valuesIn('t').slice(1)).toEqual(values)
  })

  test("fails who waited for maxBlockMs, with 'never'", async () => {
    const world = new World()
    const producer = await acquainted(world, { ...limits, maxBlockMs: 500 })
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const startMs = world.nowMs
    const sent = ['a', 'b', 'c', 'd', 'e'].map((letter) => producer.send({ topic: 't', value: letter + LARGE }))
    for (const one of sent) one.catch(() => {})
    const failed = await world.failureOf(Promise.all(sent))
    expect(failed).toMatchObject<Partial<KafkaError>>({ code: 'BUFFER_EXHAUSTED', outcome: 'never' })
    expect(world.nowMs - startMs).toBe(500)
  })
})

describe('scenario 9: flush()', () => {
  test('sends what lingers, and waits for the records before it, not for those after it', async () => {
    const world = new World()
    const producer = await acquainted(world, { lingerMs: 60_000 })
    const before = world.watch(producer.send({ topic: 't', value: 'before' }))
    const flushed = world.watch(producer.flush())
    world.onRequest(produce, (_request, ordinal) => (ordinal > 1 ? { kind: 'hang' } : undefined))
    const after = world.watch(producer.send({ topic: 't', value: 'after' }))
    await world.untilTrue(() => flushed().state === 'fulfilled')
    expect(before()).toMatchObject({ state: 'fulfilled' })
    expect(after()).toEqual({ state: 'pending' })
  })
})
