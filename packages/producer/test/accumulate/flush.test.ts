import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

describe('flush()', () => {
  test('sends what lingers at once and waits for it', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 60_000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(100)
    expect(world.wire.batches).toEqual([])
    expect(await world.until(producer.flush())).toBe(0)
    expect(sent().state).toBe('fulfilled')
    expect(world.nowMs).toBeLessThan(200)
  })

  test('of nothing is done at once', async () => {
    const world = new World()
    expect(await world.until(world.producer().flush())).toBe(0)
    expect(world.nowMs).toBe(0)
  })

  test('waits only for records before it', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 5000 })
    const before = world.watch(producer.send({ topic: 't', value: 'before' }))
    await world.pass(50)
    const flushed = producer.flush()
    const after = world.watch(producer.send({ topic: 't', value: 'after' }))
    expect(await world.until(flushed)).toBe(0)
    expect(before().state).toBe('fulfilled')
    expect(after().state, 'not awaited').toBe('pending')
    await world.until(producer.flush())
    expect(after().state).toBe('fulfilled')
  })

  test('is done only when the last record has been told that its topic was not found', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 500 })
    const order: string[] = []
    producer.send({ topic: 'nowhere', value: 'v' }).catch(() => order.push('record'))
    await world.until(producer.flush().then(() => order.push('flush')))
    expect(order).toEqual(['record', 'flush'])
  })

  test('waits for every record that waits for its topic', async () => {
    for (const count of [1, 2, 5]) {
      const world = new World()
      const producer = world.producer()
      const sent = Array.from({ length: count }, (_, i) => world.watch(producer.send({ topic: 't', value: `${i}` })))
      expect(await world.until(producer.flush())).toBe(0)
      expect(sent.map((outcome) => outcome().state)).toEqual(sent.map(() => 'fulfilled'))
    }
  })

  test('waits for every record that waits for memory', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    const sent = Array.from({ length: 20 }, () => world.watch(producer.send({ topic: 't', value: 'x'.repeat(30_000) })))
    await world.pass(1)
    expect(await world.until(producer.flush())).toBe(0)
    expect(sent.map((outcome) => outcome().state)).toEqual(sent.map(() => 'fulfilled'))
  })

  test('several at once are each answered', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    expect(await world.until(Promise.all([producer.flush(), producer.flush(), producer.flush()]))).toEqual([0, 0, 0])
    expect(sent().state).toBe('fulfilled')
  })

  test('counts a failed record as settled', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 1000 })
    const sent = world.watch(producer.send({ topic: 'none', value: 'v' }))
    expect(await world.until(producer.flush())).toBe(0)
    expect(sent().state).toBe('rejected')
  })

  test('answers after its timeout how many records are unsettled, and they go on', async () => {
    const world = new World({ topics: [] })
    const producer = world.producer()
    const sent = ['1', '2', '3'].map((value) => producer.send({ topic: 'late', value }))
    expect(await world.until(producer.flush({ timeoutMs: 500 }))).toBe(3)
    expect(world.nowMs).toBe(500)
    world.cluster.createTopic({ name: 'late', partitions: 1 })
    await world.until(Promise.all(sent))
  })

  test('once it is over, batches linger again', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 100 })
    const first = producer.send({ topic: 't', value: '1' })
    await world.until(producer.flush())
    await world.until(first)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(100)
  })
})
