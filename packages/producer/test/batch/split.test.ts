import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { Engine } from '../../src/engine.ts'
import type { Producer, RecordMetadata } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const MESSAGE_TOO_LARGE = 10
const NOT_ENOUGH_REPLICAS = 19

/** A topic that takes batches of this size, and no larger ones. */
const limitedTo = (bytes: number): World =>
  new World({ topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': `${bytes}` } }] })

/** Records that a producer puts into one batch. */
async function sendTogether(world: World, producer: Producer, values: readonly string[]): Promise<RecordMetadata[]> {
  await world.until(producer.partitionsFor('t'))
  return world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
}

const valuesOf = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_, i) => `${i}`.padEnd(length, '.'))

describe('scenario 39, fault 43: a batch that is too large for the topic', () => {
  test('goes in pieces, in order, each record with its own offset', async () => {
    const world = limitedTo(2000)
    const values = valuesOf(40, 200)
    const sent = await sendTogether(world, world.producer(), values)
    expect(sent.map(({ offset }) => offset)).toEqual(values.map((_, i) => i))
    expect(world.valuesIn('t')).toEqual(values)
    expect(world.wire.violations).toEqual([])
  })

  test('leaves each piece its sequences: those of the whole, from its beginning', async () => {
    const world = limitedTo(2000)
    await sendTogether(world, world.producer(), valuesOf(16, 200))
    const stamps = world.wire.batches.map(({ batch }) => [
      batch.producerEpoch,
      batch.baseSequence,
      batch.records.length,
    ])
    expect(stamps[0]).toEqual([0, 0, 16])
    const written = world.batchesIn('t').map(({ baseSequence, records }) => [0, baseSequence, records.length])
    expect(stamps.slice(-written.length)).toEqual(written)
    let next = 0
    for (const [, baseSequence, count = 0] of written) {
      expect(baseSequence).toBe(next)
      next += count
    }
    expect(next).toBe(16)
  })

  test('keeps keys, headers, tombstones and timestamps', async () => {
    const world = limitedTo(700)
    const producer = world.producer()
    await world.until(producer.partitionsFor('t'))
    const records = Array.from({ length: 12 }, (_, i) => ({
      topic: 't',
      key: `key ${i}`,
      value: i % 3 === 0 ? null : 'v'.repeat(100 + i),
      headers: { number: `${i}`, nothing: null },
      timestamp: 1_700_000_000_000 + ((i * 7) % 5) * 100_000,
    }))
    const sent = await world.until(Promise.all(records.map((record) => producer.send(record))))
    expect(sent.map(({ timestamp }) => timestamp)).toEqual(records.map(({ timestamp }) => timestamp))
    const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString())
    const written = world.recordsIn('t').map(({ key, value, headers, timestamp }) => ({
      topic: 't',
      key: text(key),
      value: text(value),
      headers: Object.fromEntries(headers.map(([name, bytes]) => [name, text(bytes)])),
      timestamp: Number(timestamp),
    }))
    expect(written).toEqual(records)
  })

  test("fails a single record that is too large with 'never', and only that", async () => {
    const world = limitedTo(1000)
    const producer = world.producer()
    await world.until(producer.partitionsFor('t'))
    const values = valuesOf(9, 100)
    values[4] = 'large'.repeat(300)
    const sent = values.map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.until(producer.flush())
    expect(sent.map((outcome) => outcome().state)).toEqual(values.map((_, i) => (i === 4 ? 'rejected' : 'fulfilled')))
    expect(sent[4]?.()).toMatchObject({ error: { code: 'MESSAGE_TOO_LARGE', outcome: 'never', retriable: false } })
    expect(world.valuesIn('t')).toEqual(values.filter((_, i) => i !== 4))
    await world.until(producer.send({ topic: 't', value: 'after' }))
    expect(world.wire.batches.at(-1)?.batch, 'its sequence is used again').toMatchObject({
      producerEpoch: 0,
      baseSequence: 8,
    })
  })

  test('is learned from: the next batches of the topic are smaller', async () => {
    const world = limitedTo(2000)
    const producer = world.producer()
    await sendTogether(world, producer, valuesOf(40, 200))
    const [sentBefore, writtenBefore] = [world.wire.batches.length, world.batchesIn('t').length]
    await sendTogether(world, producer, valuesOf(40, 200))
    const written = world.batchesIn('t').length - writtenBefore
    expect(world.wire.batches.length - sentBefore, 'none is refused').toBe(written)
    expect(written, 'nor smaller than half of what the topic takes').toBeLessThanOrEqual(40 / 4)
  })

  test('of a thousand records costs few refusals', async () => {
    const world = limitedTo(2000)
    await sendTogether(world, world.producer(), valuesOf(1000, 100))
    expect(world.wire.batches.length - world.batchesIn('t').length).toBeLessThan(20)
  })

  test('uses up no retry', async () => {
    const world = limitedTo(700)
    await sendTogether(world, world.producer({ retries: 1 }), valuesOf(16, 200))
    expect(world.valuesIn('t')).toHaveLength(16)
    const strict = limitedTo(700)
    await sendTogether(strict, strict.producer({ retries: 0 }), valuesOf(16, 200))
    expect(strict.valuesIn('t')).toHaveLength(16)
  })

  test('leaves its pieces all retries', async () => {
    const world = new World()
    const producer = world.producer({ retries: 1 })
    await world.until(producer.partitionsFor('t'))
    const codes = [MESSAGE_TOO_LARGE, NOT_ENOUGH_REPLICAS, 0, NOT_ENOUGH_REPLICAS]
    world.onRequest(produce, (request, ordinal) => {
      const code = codes[ordinal - 1] ?? 0
      return code === 0 ? undefined : refuseProduce(request, code)
    })
    await world.until(Promise.all(['0', '1'].map((value) => producer.send({ topic: 't', value }))))
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('ends with single records when everything is too large', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, (request) => refuseProduce(request, MESSAGE_TOO_LARGE))
    const sent = valuesOf(20, 10).map((value) => world.watch(producer.send({ topic: 't', value })))
    expect(await world.until(producer.flush())).toBe(0)
    for (const outcome of sent) expect(outcome()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
    expect(world.wire.batches.length).toBeLessThanOrEqual(39)
  })

  test('is not split once it may have been written: pieces would not be known again', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, (request, ordinal) => {
      if (ordinal === 1) return { kind: 'close-after' }
      return ordinal === 2 ? refuseProduce(request, MESSAGE_TOO_LARGE) : undefined
    })
    const sent = ['0', '1'].map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.until(producer.flush())
    for (const outcome of sent) expect(outcome()).toMatchObject({ state: 'rejected', error: { outcome: 'unknown' } })
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('gives its pieces what is left of its time, and no more', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 2000 })
    await world.until(producer.partitionsFor('t'))
    const startMs = world.nowMs
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, MESSAGE_TOO_LARGE) : { kind: 'close-before' },
    )
    const sent = ['0', '1'].map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.until(producer.flush())
    const expired = { state: 'rejected', atMs: startMs + 2000 }
    expect(sent[0]?.()).toMatchObject({ ...expired, error: { outcome: 'unknown' } })
    expect(sent[1]?.(), 'it waited behind the first').toMatchObject({ ...expired, error: { outcome: 'never' } })
  })
})

describe('scenario 10, KAFKA-19479: flush() and close()', () => {
  test.each(['flush', 'close'] as const)('wait for the pieces: %s()', async (call) => {
    const world = limitedTo(700)
    const producer = world.producer({ lingerMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const sent = valuesOf(30, 200).map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.until<unknown>(producer[call]())
    for (const outcome of sent) expect(outcome().state).toBe('fulfilled')
  })
})

describe('memory', () => {
  test('is given back to the last byte, and each buffer once', async () => {
    const world = limitedTo(2000)
    const engine = new Engine(resolveConfig({ bootstrapServers: 'broker-1:9092' }), world.ports(), () => {})
    const topic = engine.metadata.topicFor('t')
    let settled = 0
    for (let i = 0; i < 200; i++) {
      engine.offer(topic, 0, null, 'v'.repeat(150), [], 1, () => settled++, undefined, true)
    }
    await world.untilTrue(() => settled === 200)
    await world.pass(10)
    expect(engine.memory.takenBytes).toBe(0)
    expect(world.recordsIn('t')).toHaveLength(200)
    expect(world.network.violations).toEqual([])
  })

  test('that is full of batches that are too large becomes free again', async () => {
    const world = limitedTo(2000)
    const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 100_000, maxBlockMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const sent = valuesOf(300, 1000).map((value) => producer.send({ topic: 't', value }))
    expect(await world.until(Promise.all(sent))).toHaveLength(300)
  })

  test('that pieces took beyond the limit does not take the place of a record that waits for its topic', async () => {
    const world = new World({
      brokers: 2,
      topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': '2000' } }],
    })
    world.elect('t', 0, 1)
    const config = resolveConfig({
      bootstrapServers: ['broker-1:9092', 'broker-2:9092'],
      bufferMemory: 140_000,
      maxRequestSize: 130_000,
    })
    const engine = new Engine(config, world.ports(), () => {})
    const results: (Error | null)[] = []
    const send = (topic: string, value: string): unknown => {
      const listener = (error: Error | null): void => void results.push(error)
      return engine.offer(engine.metadata.topicFor(topic), 0, null, value, [], 1, listener, undefined, true)
    }
    send('t', 'first')
    await world.untilTrue(() => results.length === 1)
    send('later', 'waits for its topic')
    for (let i = 0; i < 90; i++) send('t', 'v'.repeat(1000))
    // The socket keeps the whole, so that its buffers are not given back when the pieces take theirs.
    const keep = (bytes: Buffer): void => void (world.network.timing.writtenMs = bytes.length > 50_000 ? 5000 : 0)
    const others = { onReceived: (): void => {}, onClosed: (): void => {} }
    world.network.observers.push({ ...others, onWrite: (_connectionId, _address, bytes) => keep(bytes) })
    await world.untilTrue(() => engine.memory.takenBytes > config.bufferMemory)
    world.cluster.createTopic({ name: 'later', partitions: 1 })
    await world.untilTrue(() => results.length === 92)
    expect(results).toEqual(results.map(() => null))
    expect(world.valuesIn('later')).toEqual(['waits for its topic'])
    await world.pass(10)
    expect(engine.memory.takenBytes).toBe(0)
  })

  test('is not given back while a socket still writes the whole', async () => {
    const world = limitedTo(700)
    world.network.timing.writtenMs = 50
    const producer = world.producer()
    await sendTogether(world, producer, valuesOf(30, 200))
    expect(world.network.violations).toEqual([])
    expect(world.valuesIn('t')).toEqual(valuesOf(30, 200))
  })
})
