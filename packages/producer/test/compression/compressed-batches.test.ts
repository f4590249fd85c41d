import { createHash } from 'node:crypto'
import { produce, readRecordBatches } from '@linger/protocol'
import { decompress } from '@linger/compression'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const TYPES = ['gzip', 'snappy', 'lz4', 'zstd'] as const
const MESSAGE_TOO_LARGE = 10

function jsonLike(index: number): string {
  return JSON.stringify({ order: index, customer: `customer-${index % 97}`, items: ['apple', 'pear'], paid: true })
}

/** As a reader of the log sees them. */
function batchesIn(world: World, topic: string): ReturnType<typeof readRecordBatches> {
  const { log } = world.partition(topic, 0)
  const bytes: Uint8Array[] = []
  for (let offset = 0; offset < log.endOffset;) {
    const read = Buffer.from(log.read(offset, 1, true))
    bytes.push(read)
    offset = Number(read.readBigInt64BE(0)) + read.readInt32BE(23) + 1
  }
  return readRecordBatches(Buffer.concat(bytes), {
    decompress: (type, content) => decompress(type, content, { maxBytes: 100_000_000 }),
  })
}

function valuesIn(world: World, topic: string): string[] {
  return batchesIn(world, topic).flatMap(({ records }) =>
    records.map(({ value }) => Buffer.from(value ?? []).toString()),
  )
}

describe.each(TYPES)('with compressionType %s', (compressionType) => {
  test('small batches and large ones arrive compressed, in order', async () => {
    const world = new World()
    const producer = world.producer({ compressionType, lingerMs: 5 })
    const values = Array.from({ length: 20_000 }, (_, index) => jsonLike(index))
    await world.until(producer.sendAll(values.map((value) => ({ topic: 't', value }))))
    await world.until(producer.send({ topic: 't', value: jsonLike(0).repeat(3) }))
    expect(valuesIn(world, 't')).toEqual([...values, jsonLike(0).repeat(3)])
    const types = batchesIn(world, 't').map(({ compression }) => compression)
    expect(types.every((type) => type === compressionType)).toBe(true)
    expect(world.wire.violations).toEqual([])
  })

  test('a batch that does not shrink is sent as it is', async () => {
    const world = new World()
    const producer = world.producer({ compressionType })
    await world.until(producer.send({ topic: 't', value: 'x' }))
    expect(batchesIn(world, 't').map(({ compression }) => compression)).toEqual(['none'])
  })

  test('a retry sends the same bytes', async () => {
    const world = new World()
    world.onRequest(produce, (_request, ordinal) => (ordinal < 3 ? { kind: 'close-after' } : undefined))
    const producer = world.producer({ compressionType })
    await world.until(producer.send({ topic: 't', value: jsonLike(1).repeat(100) }))
    expect(new Set(world.wire.batches.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1)
    expect(valuesIn(world, 't')).toEqual([jsonLike(1).repeat(100)])
  })

  test('a batch that is too large goes in pieces, each compressed', async () => {
    const world = new World()
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, MESSAGE_TOO_LARGE) : undefined,
    )
    const producer = world.producer({ compressionType, lingerMs: 5 })
    const values = Array.from({ length: 500 }, (_, index) => jsonLike(index))
    await world.until(Promise.all(values.map((value) => producer.send({ topic: 't', value }))))
    expect(valuesIn(world, 't')).toEqual(values)
    expect(batchesIn(world, 't').length).toBeGreaterThan(1)
  })

  test('a record that was taken back while its batch was compressed is not in it', async () => {
    const world = new World()
    const producer = world.producer({ compressionType, batchSize: 1_000_000, lingerMs: 5 })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 50 }))
    const controller = new AbortController()
    const first = producer.send({ topic: 't', value: 'first'.repeat(50_000) })
    await world.untilTrue(() => world.wire.batches.length === 1)
    const value = 'gone'.repeat(20_000)
    const taken = world.watch(producer.send({ topic: 't', value }, { signal: controller.signal }))
    const kept = producer.send({ topic: 't', value: 'kept'.repeat(20_000) })
    void producer.flush() // nothing more comes into the batch, so that it is compressed ahead of its turn
    controller.abort()
    await world.until(Promise.all([first, kept]))
    await world.pass(100)
    expect(taken()).toMatchObject({ state: 'rejected', error: { code: 'ABORTED' } })
    expect(valuesIn(world, 't')).toEqual(['first'.repeat(50_000), 'kept'.repeat(20_000)])
  })

  test('records that are taken back one after the other, while their batch waits compressed, are those that were meant', async () => {
    const world = new World()
    const producer = world.producer({ compressionType, lingerMs: 5 })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 50 }))
    const first = producer.send({ topic: 't', value: 'first' })
    await world.untilTrue(() => world.wire.batches.length === 1)
    const sent = ['a', 'b', 'c', 'd', 'e'].map((letter) => {
      const controller = new AbortController()
      const value = letter.repeat(20_000)
      const outcome = world.watch(producer.send({ topic: 't', value }, { signal: controller.signal }))
      return { controller, outcome, value }
    })
    void producer.flush()
    for (const index of [0, 2, 4]) {
      sent[index]?.controller.abort()
      await world.pass(3)
    }
    await world.until(first)
    await world.pass(200)
    expect(sent.map(({ outcome }) => outcome().state)).toEqual([
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
    ])
    expect(valuesIn(world, 't')).toEqual(['first', sent[1]?.value, sent[3]?.value])
    await world.until(producer.close())
  })

  test('batches come out near batchSize once their ratio is known, and hardly any is split', async () => {
    const world = new World()
    const producer = world.producer({ compressionType, batchSize: 20_000, lingerMs: 50, bufferMemory: 8_000_000 })
    const hash = (index: number): string => createHash('md5').update(`${index}`).digest('hex')
    for (let round = 0; round < 60; round++) {
      const values = Array.from({ length: 2_000 }, (_, index) => jsonLike(index) + hash(round * 2_000 + index))
      await world.until(producer.sendAll(values.map((value) => ({ topic: 't', value }))))
    }
    const sizes = batchesIn(world, 't').map(({ sizeBytes }) => sizeBytes)
    const late = sizes.slice(Math.floor(sizes.length / 2)).toSorted((a, b) => a - b)
    expect(late[Math.floor(late.length / 2)]).toBeGreaterThan(10_000)
    expect(Math.max(...sizes)).toBeLessThan(21_000)
  })

  test('memory is given back to the last byte', async () => {
    const world = new World()
    const producer = world.producer({ compressionType, bufferMemory: 1_000_000, maxRequestSize: 200_000 })
    const values = Array.from({ length: 5_000 }, (_, index) => jsonLike(index).repeat(5))
    for (const value of values) {
      while (!producer.produce({ topic: 't', value })) await world.until(producer.drained())
    }
    await world.until(producer.flush())
    expect(valuesIn(world, 't')).toEqual(values)
    // All of it fits again, at once.
    const again = Array.from({ length: 4 }, () => producer.produce({ topic: 't', value: 'x'.repeat(150_000) }))
    expect(again).toEqual([true, true, true, true])
    await world.until(producer.close())
  })
})

test('records that compress well and then do not go in pieces that a request can take', async () => {
  const world = new World()
  const producer = world.producer({ compressionType: 'lz4', lingerMs: 20, batchSize: 100_000, maxRequestSize: 100_000 })
  await world.until(producer.sendAll(Array.from({ length: 5_000 }, (_, i) => ({ topic: 't', value: jsonLike(i) }))))
  const noise = Array.from({ length: 200 }, () =>
    Buffer.from(Array.from({ length: 4_000 }, () => Math.floor(world.random.next() * 256))).toString('latin1'),
  )
  await world.until(Promise.all(noise.map((value) => producer.send({ topic: 't', value }))))
  expect(valuesIn(world, 't').slice(5_000)).toEqual(noise)
  expect(Math.max(...world.wire.batches.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(100_000)
})

test.each([
  [{ compressionType: 'brotli' }, 'compressionType'],
  [{ compressionType: 'gzip', compressionGzipLevel: 10 }, 'compressionGzipLevel'],
  [{ compressionType: 'zstd', compressionZstdLevel: 23 }, 'compressionZstdLevel'],
  [{ compressionLz4Level: 9 }, 'compressionLz4Level'],
])('%j is refused at construction, and the key named', (config: object, key) => {
  expect(() => new World().producer(config)).toThrow(key)
})
