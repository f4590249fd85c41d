import { fc, test as property } from '@fast-check/vitest'
import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { BufferMemory } from '../../src/accumulate/buffer-memory.ts'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { Engine } from '../../src/engine.ts'
import { KafkaError, type RecordMetadata } from '../../src/index.ts'
import { World } from '../world/world.ts'

describe('buffer memory', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('take' as const), bytes: fc.integer({ min: 1, max: 9000 }) }),
    fc.record({ kind: fc.constant('give back' as const), which: fc.nat() }),
    fc.record({ kind: fc.constant('reserve' as const), bytes: fc.integer({ min: 1, max: 3000 }) }),
    fc.record({ kind: fc.constant('release' as const), which: fc.nat() }),
  )

  property.prop([fc.integer({ min: 1000, max: 30_000 }), fc.array(step, { maxLength: 80 })])(
    'buffers in use, pooled ones and what is reserved never pass the cap together',
    (limitBytes, steps) => {
      const memory = new BufferMemory(limitBytes)
      const buffers: Buffer[] = []
      const reserved: number[] = []
      for (const one of steps) {
        if (one.kind === 'take') {
          const buffer = memory.takeBuffer(one.bytes)
          if (buffer !== undefined) buffers.push(buffer)
          if (buffer !== undefined) expect(buffer.length).toBeGreaterThanOrEqual(one.bytes)
        } else if (one.kind === 'give back') {
          const [buffer] = buffers.splice(one.which % (buffers.length || 1), 1)
          if (buffer !== undefined) memory.returnBuffer(buffer)
        } else if (one.kind === 'reserve') {
          if (memory.reserve(one.bytes)) reserved.push(one.bytes)
        } else {
          const [bytes] = reserved.splice(one.which % (reserved.length || 1), 1)
          if (bytes !== undefined) memory.release(bytes)
        }
        const taken =
          buffers.reduce((sum, { length }) => sum + length, 0) + reserved.reduce((sum, bytes) => sum + bytes, 0)
        expect(memory.takenBytes).toBe(taken)
        expect(taken + memory.pooledBytes).toBeLessThanOrEqual(limitBytes)
      }
    },
  )

  test('a buffer that was given back is used again', () => {
    const memory = new BufferMemory(10_000)
    const first = memory.takeBuffer(1000)
    if (first === undefined) throw new Error('no room')
    memory.returnBuffer(first)
    expect(memory.takeBuffer(800)).toBe(first)
  })

  test('exactly the cap fits, and one byte more does not', () => {
    const memory = new BufferMemory(1000)
    expect(memory.reserve(1000)).toBe(true)
    expect(memory.reserve(1)).toBe(false)
    memory.release(1)
    expect(memory.reserve(1)).toBe(true)
  })
})

describe('the first buffer of a batch', () => {
  test("is as large as its partition's last batch, or just fits where memory has no room for that", async () => {
    const world = new World()
    const config = resolveConfig({ bootstrapServers: 'broker-1:9092' })
    const engine = new Engine(config, world.ports(), () => {})
    const { memory } = engine
    const topic = engine.metadata.topicFor('t')
    /** Sends a batch of one record. Answers what the batch took of memory, with the record itself. */
    const batchOf = async (sizeBytes: number): Promise<number> => {
      const before = memory.takenBytes
      const sent = new Promise<void>((resolve) => {
        const value = Buffer.alloc(sizeBytes)
        engine.offer(topic, 0, null, value, [], 0, () => resolve(), undefined, true)
      })
      await world.untilTrue(() => topic.isKnown)
      const taken = memory.takenBytes - before
      await world.until(sent)
      return taken
    }
    await batchOf(1)
    expect(await batchOf(1)).toBe(512 + 200)
    expect(await batchOf(10_000)).toBe(16_384 + 200)
    expect(await batchOf(1)).toBe(16_384 + 200)
    expect(await batchOf(1)).toBe(512 + 200)

    await batchOf(10_000)
    memory.reserve(memory.availableBytes - 20_000)
    expect(await batchOf(1)).toBe(16_384 + 200)

    await batchOf(10_000)
    memory.reserve(memory.availableBytes - 2000)
    expect(await batchOf(1)).toBe(512 + 200)
  })
})

describe('fault 65: the cap on bufferMemory', () => {
  test('counts 200 bytes for every unsettled record once its batch is closed, whatever was paid ahead', async () => {
    const world = new World()
    const config = resolveConfig({ bootstrapServers: 'broker-1:9092', lingerMs: 1000 })
    const engine = new Engine(config, world.ports(), () => {})
    const topic = engine.metadata.topicFor('t')
    const offer = (): unknown => engine.offer(topic, 0, null, Buffer.from('x'), [], 0, undefined, undefined, true)
    offer()
    await world.untilTrue(() => topic.isKnown)
    for (let count = 2; count <= 20; count++) {
      offer()
      expect(engine.memory.takenBytes, `${count} records, open`).toBeGreaterThanOrEqual(512 + 200 * count)
    }
    topic.partitions[0]?.closeOpen()
    expect(engine.memory.takenBytes, 'closed').toBe(512 + 200 * 20)
    engine.close((outcome) => new KafkaError('CLOSED', 'over', { outcome }))
    expect(engine.memory.takenBytes, 'settled').toBe(0)
  })

  test('is never passed, whatever the sizes, and every record arrives', async () => {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World({ seed, topics: [{ name: 't', partitions: 4 }] })
      const config = resolveConfig({
        bootstrapServers: 'broker-1:9092',
        bufferMemory: 140_000,
        maxRequestSize: 80_000,
        batchSize: 30_000,
      })
      const engine = new Engine(config, world.ports(), () => {})
      let settled = 0
      const acknowledged = new Set<number>()
      let peak = 0
      const check = (): void => {
        const { takenBytes, pooledBytes, limitBytes } = engine.memory
        peak = Math.max(peak, takenBytes)
        expect(takenBytes + pooledBytes).toBeLessThanOrEqual(limitBytes)
      }
      const count = 200
      for (let i = 0; i < count; i++) {
        const size = world.random.below(10) === 0 ? world.random.below(79_000) : world.random.below(4000)
        const partition = world.random.below(4)
        const listener = (error: Error | null): void => {
          settled++
          if (error === null) acknowledged.add(i)
        }
        const topic = engine.metadata.topicFor('t')
        engine.offer(topic, partition, null, 'x'.repeat(size), [], 1, listener, undefined, true)
        check()
        if (world.random.below(4) === 0) await world.timeline.step()
        check()
      }
      await world.timeline.runUntil(() => {
        check()
        return settled === count
      }, 600_000)
      expect(acknowledged.size).toBe(count)
      expect(peak, 'the test fills the memory').toBeGreaterThan(120_000)
      expect(engine.memory.takenBytes, 'all is given back').toBe(0)
    }
  })

  test('lets waiters in first come, first served', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    const order: number[] = []
    const sent = Array.from({ length: 40 }, async (_, i) => {
      await producer.send({ topic: 't', partition: 0, value: `${i}`.padEnd((i * 8231) % 90_000) })
      order.push(i)
    })
    await world.until(Promise.all(sent))
    expect(order).toEqual(order.toSorted((a, b) => a - b))
  })

  test('a waiting record fails after maxBlockMs, and those behind it go on', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000, maxBlockMs: 1000 })
    await world.until(producer.connect())
    let answers = true
    world.onRequest(produce, () => (answers ? undefined : { kind: 'delay', delayMs: 5000 }))
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    answers = false
    const startMs = world.nowMs
    const filling = producer.send({ topic: 't', value: 'x'.repeat(90_000) })
    const large = world.watch(producer.send({ topic: 't', value: 'x'.repeat(90_000) }))
    await world.pass(500)
    const small = world.watch(producer.send({ topic: 't', value: 'small' }))
    await world.pass(600)
    expect(large()).toMatchObject({
      state: 'rejected',
      error: { code: 'BUFFER_EXHAUSTED', outcome: 'never' },
      atMs: startMs + 1000,
    })
    await world.until(filling)
    await world.pass(10_000)
    expect(small()).toMatchObject({ state: 'fulfilled' })
  })

  test('produce() answers false without taking the record, and drained() says when to come again', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const acknowledged: (RecordMetadata | undefined)[] = []
    let refusals = 0
    for (let i = 0; i < 50; i++) {
      while (
        !producer.produce({ topic: 't', value: `${i}`.padEnd(16_000) }, (_error, metadata) =>
          acknowledged.push(metadata),
        )
      ) {
        refusals++
        await world.until(producer.drained())
      }
    }
    await world.until(producer.flush())
    expect(refusals).toBeGreaterThan(5)
    expect(acknowledged.map((metadata) => metadata?.offset)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1))
    expect(world.valuesIn('t').slice(1).map(Number)).toEqual(Array.from({ length: 50 }, (_, i) => i))
  })

  test('batches do not become the smaller the longer memory is short', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 6 }] })
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 20 }))
    const producer = world.producer({ bufferMemory: 2_000_000, lingerMs: 5 })
    await world.until(producer.partitionsFor('t'))
    for (let i = 0; i < 50_000; i++) {
      const record = { topic: 't', partition: i % 6, value: 'v'.repeat(100) }
      while (!producer.produce(record)) await world.until(producer.drained())
    }
    await world.until(producer.flush())
    const counts = world.wire.batches.slice(-100).map(({ batch }) => batch.records.length)
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
    // A sixth of the memory holds about 1,000 records of 100 bytes with their overhead; two batches share it.
    expect(mean).toBeGreaterThan(200)
  })

  test('drained() with room is done at once', async () => {
    const world = new World()
    await world.until(world.producer().drained())
    expect(world.nowMs).toBe(0)
  })

  test('produce() does not pass those who wait for memory', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const sent = [
      producer.send({ topic: 't', value: 'x'.repeat(90_000) }),
      producer.send({ topic: 't', value: 'y'.repeat(90_000) }),
    ]
    expect(producer.produce({ topic: 't', value: 'small' })).toBe(false)
    await world.until(Promise.all(sent))
    expect(producer.produce({ topic: 't', value: 'small' })).toBe(true)
  })

  test('a record that can never fit is refused at once', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    const startMs = world.nowMs
    expect(await world.failureOf(producer.send({ topic: 't', value: 'x'.repeat(139_900) }))).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      outcome: 'never',
    })
    expect(world.nowMs).toBe(startMs)
  })
})

describe('the order of calls', () => {
  test('holds for a record that is sent when another one fails, while more wait for their topic', async () => {
    const world = new World({ topics: [] })
    const producer = world.producer()
    const sent: Promise<unknown>[] = []
    producer.produce({ topic: 'late', partition: 9, value: 'nowhere' }, () => {
      sent.push(producer.send({ topic: 'late', partition: 0, value: 'last' }))
    })
    for (const value of ['first', 'second']) sent.push(producer.send({ topic: 'late', partition: 0, value }))
    world.timeline.after(300, () => world.cluster.createTopic({ name: 'late', partitions: 1 }))
    await world.untilTrue(() => sent.length === 3)
    await world.until(Promise.all(sent))
    expect(world.valuesIn('late')).toEqual(['first', 'second', 'last'])
  })

  test('is the order in the log, per partition, whatever the records wait for', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const topics = ['known', 'late', 'later']
      const world = new World({ seed, brokers: 2, topics: [{ name: 'known', partitions: 3 }] })
      const producer = world.producer({
        bufferMemory: 140_000,
        maxRequestSize: 100_000,
        batchSize: 60_000,
        lingerMs: seed % 3,
      })
      world.onRequest(produce, () =>
        world.random.below(6) === 0
          ? { kind: world.random.below(2) === 0 ? 'close-before' : 'close-after' }
          : undefined,
      )
      world.timeline.after(300, () => world.cluster.createTopic({ name: 'late', partitions: 2 }))
      world.timeline.after(900, () => world.cluster.createTopic({ name: 'later', partitions: 1 }))
      const sent = []
      for (let i = 0; i < 120; i++) {
        const topic = topics[world.random.below(3)] ?? 'known'
        const value = `${i}`.padEnd(world.random.below(30_000))
        if (world.random.below(4) === 0) {
          const batch = producer.createBatch()
          batch.append({ value })
          sent.push(producer.sendBatch(batch, { topic, partition: 0 }))
        } else {
          sent.push(producer.send({ topic, key: `${world.random.below(5)}`, value }))
        }
        if (world.random.below(3) === 0) await world.pass(world.random.below(20))
      }
      await world.until(Promise.all(sent))
      for (const { name, partitions } of world.cluster.topics) {
        for (const { index } of partitions) {
          const numbers = world.valuesIn(name, index).map(Number)
          expect(numbers, `${name}-${index}, seed ${seed}`).toEqual(numbers.toSorted((a, b) => a - b))
        }
      }
      const count = world.cluster.topics
        .flatMap(({ partitions }) => partitions)
        .reduce((sum, { log }) => sum + log.endOffset, 0)
      expect(count, `each once, seed ${seed}`).toBe(120)
      expect(world.wire.violations).toEqual([])
    }
  }, 30_000)
})
