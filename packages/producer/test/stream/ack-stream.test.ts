import { Readable } from 'node:stream'
import { ReadableStream } from 'node:stream/web'
import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Acknowledgement, Producer, ProducerRecord, RecordSource } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const record = (index: number): ProducerRecord => ({ topic: 't', value: `${index}` })
const records = (count: number): ProducerRecord[] => Array.from({ length: count }, (_, index) => record(index))

/** Never ends, and counts how many were taken of it. */
class Endless implements AsyncIterable<ProducerRecord> {
  taken = 0
  isClosed = false

  async *[Symbol.asyncIterator](): AsyncGenerator<ProducerRecord> {
    try {
      for (;;) yield await Promise.resolve(record(this.taken++))
    } finally {
      this.isClosed = true
    }
  }
}

async function allOf<Item>(acks: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const one of acks) all.push(one)
  return all
}

const offsetsOf = (acks: readonly Acknowledgement<ProducerRecord>[]): unknown[] =>
  acks.map((ack) => ('metadata' in ack ? ack.metadata.offset : ack.error.code))

describe('acks()', () => {
  test.each<[string, (input: ProducerRecord[]) => RecordSource<ProducerRecord>]>([
    ['an array', (input) => input],
    ['an iterable', (input) => new Set(input)],
    [
      'an async iterable',
      (input) =>
        (async function* each() {
          yield* input
        })(),
    ],
    ["Node's stream", (input) => Readable.from(input)],
    ["the web's stream", (input) => ReadableStream.from(input)],
  ])('over %s tells each record with its metadata, in the order of the input', async (_name, sourceOf) => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const input = records(100).map((one, index) => ({ ...one, partition: (index * 7) % 3 }))
    const acks = await world.until(allOf(world.producer().acks(sourceOf(input))))
    expect(acks.map((ack) => ack.record)).toEqual(input)
    for (const ack of acks) {
      if (!('metadata' in ack)) throw ack.error
      expect(world.valuesIn('t', ack.metadata.partition)[ack.metadata.offset ?? -1]).toBe(ack.record.value)
    }
  })

  test('tells a record that failed in its place, and goes on', async () => {
    const world = new World()
    const input = [record(0), unchecked({ topic: 't', value: 5 }), record(1)]
    expect(offsetsOf(await world.until(allOf(world.producer().acks(input))))).toEqual([0, 'INVALID_ARGUMENT', 1])
  })

  test('sends nothing before it is read, and no more than its window ahead of its reader', async () => {
    const world = new World()
    const input = new Endless()
    const acks = world.producer().acks(input, { windowCount: 10 })
    await world.pass(1_000)
    expect(input.taken).toBe(0)
    await world.until(acks.next())
    await world.pass(1_000)
    expect(input.taken, 'ten and the one that was read').toBe(11)
    for (let read = 0; read < 5; read++) await world.until(acks.next())
    await world.pass(1_000)
    expect(input.taken).toBe(16)
    await world.until(acks.return())
  })

  test.each([0, -1, 1.5, Number.NaN])('refuses a window of %s', (windowCount) => {
    expect(() => new World().producer().acks([], { windowCount })).toThrow('windowCount must be an integer from 1')
  })

  test('keeps to the memory that there is', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    const input = Array.from({ length: 100 }, (_, index) => ({ topic: 't', value: `${index}`.padEnd(10_000) }))
    expect(offsetsOf(await world.until(allOf(producer.acks(input))))).toEqual(input.map((_, index) => index))
  })

  test('sends one batch and not one for each record that is read', async () => {
    const world = new World()
    await world.until(allOf(world.producer({ lingerMs: 5 }).acks(records(500))))
    expect(world.batchesIn('t')).toHaveLength(1)
  })

  test('whose loop is left reads no further, closes its input, and sends what was taken all the same', async () => {
    const world = new World()
    const producer = world.producer()
    const input = new Endless()
    const leave = async (): Promise<void> => {
      for await (const ack of producer.acks(input, { windowCount: 20 })) if ('metadata' in ack) break
    }
    await world.until(leave())
    const { taken } = input
    await world.until(producer.flush())
    expect(input.isClosed).toBe(true)
    expect(input.taken).toBe(taken)
    expect(world.valuesIn('t')).toHaveLength(taken)
  })

  test.each<[string, () => { source: RecordSource<ProducerRecord>; isClosed: () => boolean }]>([
    [
      "Node's stream",
      () => {
        const source = new Readable({ objectMode: true, read: () => {} })
        return { source, isClosed: () => source.destroyed }
      },
    ],
    [
      "the web's stream",
      () => {
        let isClosed = false
        const source = new ReadableStream<ProducerRecord>({ cancel: () => void (isClosed = true) })
        return { source, isClosed: () => isClosed }
      },
    ],
  ])('ends at once although %s has nothing to give, and lets go of it', async (_name, newSource) => {
    const world = new World()
    const { source, isClosed } = newSource()
    const acks = world.producer().acks(source)
    const first = acks.next()
    await world.pass(100)
    await world.until(acks.return())
    expect(await world.until(first)).toEqual({ done: true, value: undefined })
    expect(await world.until(acks.next())).toEqual({ done: true, value: undefined })
    expect(isClosed()).toBe(true)
  })

  test('whose input throws tells what was sent before, then that error, then its end', async () => {
    const world = new World()
    function* broken(): Generator<ProducerRecord> {
      yield* records(2)
      throw new Error('the file ends here')
    }
    const acks = world.producer().acks(broken())
    expect(await world.until(acks.next())).toMatchObject({ value: { metadata: { offset: 0 } } })
    expect(await world.until(acks.next())).toMatchObject({ value: { metadata: { offset: 1 } } })
    const third = world.watch(acks.next())
    await world.pass(1_000)
    expect(third()).toMatchObject({ state: 'rejected', error: new Error('the file ends here') })
    expect(await world.until(acks.next())).toEqual({ done: true, value: undefined })
  })

  test('lets go of the input when a record throws as it is read', async () => {
    const world = new World()
    let isLetGo = false
    function* input(): Generator<ProducerRecord> {
      try {
        yield {
          topic: 't',
          get value(): string {
            throw new Error('not loaded')
          },
        }
      } finally {
        isLetGo = true
      }
    }
    const acks = world.producer().acks(input())
    await expect(world.until(acks.next())).rejects.toThrow('not loaded')
    expect(isLetGo).toBe(true)
  })

  test('of a producer that is closed meanwhile tells what was taken, the record that was not, and ends', async () => {
    const world = new World()
    const producer = world.producer()
    function* closing(): Generator<ProducerRecord> {
      yield* records(2)
      void producer.close()
      yield* records(5)
    }
    expect(offsetsOf(await world.until(allOf(producer.acks(closing()))))).toEqual([0, 1, 'CLOSED'])
  })

  test('answers several readers at a time in their order', async () => {
    const world = new World()
    const acks = world.producer().acks(records(3))
    const all = await world.until(Promise.all([acks.next(), acks.next(), acks.next(), acks.next()]))
    expect(all.map(({ done }) => done)).toEqual([false, false, false, true])
  })

  test('waits while the broker is slow, and tells once it has answered', async () => {
    const world = new World()
    const producer: Producer = world.producer()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 5_000 }))
    const acks = producer.acks(records(1))
    const first = world.watch(acks.next())
    await world.pass(4_000)
    expect(first().state).toBe('pending')
    await world.pass(2_000)
    expect(first()).toMatchObject({ state: 'fulfilled', value: { value: { metadata: { offset: 0 } } } })
  })
})
