import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { ReadableStream } from 'node:stream/web'
import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { KafkaError, Producer, ProducerRecord, WritableOptions } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const SMALL_MEMORY = { bufferMemory: 140_000, maxRequestSize: 100_000 }

/** Large enough to fill the small memory soon. */
const record = (index: number): ProducerRecord => ({ topic: 't', value: `${index}`.padEnd(10_000) })

/** Counts how many records were taken of it. */
class Source {
  taken = 0;

  *records(count: number): Generator<ProducerRecord> {
    for (let index = 0; index < count; index++) {
      this.taken++
      yield record(index)
    }
  }
}

type Pipe = (producer: Producer, records: Iterable<ProducerRecord>, options?: WritableOptions) => Promise<void>

const kinds: [string, Pipe][] = [
  ['writable()', (producer, records, options) => pipeline(Readable.from(records), producer.writable(options))],
  [
    'writableStream()',
    (producer, records, options) => ReadableStream.from(records).pipeTo(producer.writableStream(options)),
  ],
]

describe.each(kinds)('%s', (_name, pipe) => {
  test('writes what is piped into it, in order, and is done when all is acknowledged', async () => {
    const world = new World()
    await world.until(pipe(world.producer(SMALL_MEMORY), new Source().records(100)))
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })

  test('makes its source wait while the broker is slow', async () => {
    const world = new World()
    const producer = world.producer(SMALL_MEMORY)
    await world.until(producer.send(record(0)))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 10_000 }))
    const source = new Source()
    const piped = world.watch(pipe(producer, source.records(200)))
    await world.pass(9_000)
    expect(source.taken, 'what fits into memory and into the streams').toBeLessThan(80)
    await world.pass(600_000)
    expect(piped().state).toBe('fulfilled')
    expect(world.valuesIn('t')).toHaveLength(201)
  })

  test('makes its source wait while the broker fails, and goes on once it works again', async () => {
    const world = new World()
    const producer = world.producer(SMALL_MEMORY)
    await world.until(producer.send(record(0)))
    let isBroken = true
    world.onRequest(produce, () => (isBroken ? { kind: 'close-after' } : undefined))
    const source = new Source()
    const piped = world.watch(pipe(producer, source.records(200)))
    await world.pass(20_000)
    expect([piped().state, source.taken < 80]).toEqual(['pending', true])
    isBroken = false
    await world.pass(60_000)
    expect(piped().state).toBe('fulfilled')
    expect(world.valuesIn('t').slice(1).map(Number)).toEqual(Array.from({ length: 200 }, (_, index) => index))
  })

  test('fails with the error of the first record that does, takes no more, and lets the others be', async () => {
    const world = new World()
    const source = new Source()
    function* withBadOne(): Generator<ProducerRecord> {
      yield* source.records(3)
      yield unchecked({ topic: 't', value: 5 })
      yield* source.records(1_000)
    }
    const producer = world.producer(SMALL_MEMORY)
    const error = await world.failureOf(pipe(producer, withBadOne()))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
    expect(source.taken).toBeLessThan(200)
    await world.until(producer.flush())
    expect(world.valuesIn('t').slice(0, 3).map(Number)).toEqual([0, 1, 2])
  })

  test('fails when a record has no answer in its time', async () => {
    const world = new World()
    const producer = world.producer({ ...SMALL_MEMORY, deliveryTimeoutMs: 3_000, requestTimeoutMs: 1_000 })
    world.onRequest(produce, () => ({ kind: 'close-before' }))
    expect(await world.failureOf(pipe(producer, new Source().records(100)))).toMatchObject({ code: 'DELIVERY_TIMEOUT' })
  })

  test('goes on after a failure where somebody is told of it', async () => {
    const world = new World()
    const failed: [KafkaError, unknown][] = []
    const acknowledged: unknown[] = []
    const bad: ProducerRecord = unchecked({ topic: 't', value: 5 })
    const options: WritableOptions = {
      onFailed: (error, one) => failed.push([error, one]),
      onAcknowledged: ({ offset }, one) => acknowledged.push([offset, one]),
    }
    await world.until(pipe(world.producer(), [record(0), bad, record(1)], options))
    expect(failed).toEqual([[expect.objectContaining({ code: 'INVALID_ARGUMENT' }), bad]])
    expect(acknowledged).toEqual([
      [0, record(0)],
      [1, record(1)],
    ])
  })

  test('fails when the producer is closed under it', async () => {
    const world = new World()
    const producer = world.producer()
    function* closing(): Generator<ProducerRecord> {
      yield record(0)
      void producer.close()
      yield* new Source().records(100)
    }
    expect(await world.failureOf(pipe(producer, closing()))).toMatchObject({ code: 'CLOSED', outcome: 'never' })
  })
})

test('a writable that is destroyed while it waits for room sends nothing of what it held', async () => {
  const world = new World()
  const producer = world.producer(SMALL_MEMORY)
  await world.until(producer.send(record(0)))
  world.onRequest(produce, () => ({ kind: 'delay', delayMs: 5_000 }))
  const writable = producer.writable()
  let hasRoom = true
  for (let index = 1; hasRoom; index++) hasRoom = writable.write(record(index))
  const heldCount = writable.writableLength
  expect(heldCount).toBe(16)
  writable.destroy()
  await world.until(producer.flush())
  const written = world.valuesIn('t').length
  await world.pass(60_000)
  expect(world.valuesIn('t')).toHaveLength(written)
})
