import { describe, expect, test } from 'vitest'
import {
  type KafkaError,
  Producer,
  type ProducerConfig,
  type ProducerRecord,
  type Serializer,
  serializers,
} from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

interface Order {
  readonly id: number
}

/** Gives its bytes when it is told to. */
class Slow {
  readonly asked: Order[] = []
  readonly #answers: ((answer: string | Promise<string>) => void)[] = []

  readonly serialize: Serializer<Order> = (order) => {
    this.asked.push(order)
    return new Promise((resolve) => this.#answers.push(resolve))
  }

  answer(index: number, answer: string | Promise<string> = `order ${this.asked[index]?.id}`): void {
    this.#answers[index]?.(answer)
  }
}

function producerOf<Key, Value>(world: World, config: Partial<ProducerConfig<Key, Value>>): Producer<Key, Value> {
  const logger = { debug: ignore, info: ignore, warn: ignore, error: ignore }
  return new Producer<Key, Value>({ bootstrapServers: 'broker-1:9092', logger, ...config }, world.ports())
}

const ignore = (): void => {}
const order = (id: number): ProducerRecord<string, Order> => ({ topic: 't', key: 'k', value: { id } })
const orders = (count: number): ProducerRecord<string, Order>[] => Array.from({ length: count }, (_, id) => order(id))

describe('a serializer', () => {
  test('makes the bytes of keys and values, and knows the topic', async () => {
    const world = new World()
    const producer = producerOf(world, {
      keySerializer: serializers.int32,
      valueSerializer: (value: Order, topic) => `${topic}:${value.id}`,
    })
    await world.until(producer.send({ topic: 't', key: 7, value: { id: 1 } }))
    await world.until(producer.send('t', { id: 2 }, { key: 8 }))
    expect(world.recordsIn('t').map(({ key, value }) => [key, value?.toString()])).toEqual([
      [Buffer.from('00000007', 'hex'), 't:1'],
      [Buffer.from('00000008', 'hex'), 't:2'],
    ])
  })

  test('is not asked for null: a tombstone stays one', async () => {
    const world = new World()
    const producer = producerOf<string, Order>(world, {
      keySerializer: serializers.string,
      valueSerializer: serializers.json,
    })
    await world.until(producer.send({ topic: 't', key: 'k', value: null }))
    await world.until(producer.send({ topic: 't', key: null, value: { id: 1 } }))
    expect(world.recordsIn('t').map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([
      ['k', undefined],
      [undefined, '{"id":1}'],
    ])
  })

  test('decides the partition of a key by its bytes, as any client does that reads them', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 50 }] })
    const producer = producerOf(world, { keySerializer: serializers.int64 })
    const { partition } = await world.until(producer.send({ topic: 't', key: 5n, value: 'v' }))
    const plain = world.producer().send({ topic: 't', key: Buffer.from('0000000000000005', 'hex'), value: 'v' })
    expect((await world.until(plain)).partition).toBe(partition)
  })

  test("that throws fails its record, with the topic and the reason, as 'never'; the others go on", async () => {
    const world = new World()
    const producer = producerOf(world, {
      valueSerializer: (value: Order) => {
        if (value.id === 1) throw new Error('id: must be even')
        return `${value.id}`
      },
    })
    const error = await world.failureOf(producer.send(order(1)))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never', cause: new Error('id: must be even') })
    expect(error.message).toContain('t: the valueSerializer cannot write this value: Error: id: must be even')
    const told = new Promise((resolve) => producer.produce(order(1), resolve))
    expect(await world.until(told)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    await world.until(producer.send(order(2)))
    expect(world.valuesIn('t')).toEqual(['2'])
  })

  test('that answers neither bytes nor text fails its record', async () => {
    const world = new World()
    const producer = producerOf(world, { valueSerializer: () => unchecked({}) })
    const error = await world.failureOf(producer.send({ topic: 't', value: 1 }))
    expect(error.message).toContain('t: a value must be a string')
  })

  test('works for produce, sendAll, acks, forTopic and streams', async () => {
    const world = new World()
    const producer = producerOf<string, Order>(world, { valueSerializer: serializers.json })
    producer.produce(order(0))
    await world.until(producer.sendAll([order(1), order(2)]))
    await world.until(readAll(producer.acks([order(3)])))
    await world.until(producer.forTopic('t').send({ value: { id: 4 } }))
    const writable = producer.writable()
    const finished = new Promise<void>((resolve) => writable.end(order(5), resolve))
    await world.until(finished)
    expect(world.valuesIn('t')).toEqual([0, 1, 2, 3, 4, 5].map((id) => `{"id":${id}}`))
  })

  test('is a function, or the configuration is refused', () => {
    expect(() => producerOf(new World(), { keySerializer: unchecked('json') })).toThrow(
      'keySerializer must be a function',
    )
  })
})

describe('an asynchronous serializer', () => {
  test('leaves records in the order of the calls, whichever bytes come first', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const sent = orders(4).map((one) => world.watch(producer.send(one)))
    for (const index of [3, 1, 0]) slow.answer(index)
    await world.pass(1_000)
    expect(sent.map((outcome) => outcome().state)).toEqual(['fulfilled', 'fulfilled', 'pending', 'pending'])
    slow.answer(2)
    await world.pass(1_000)
    expect(world.valuesIn('t')).toEqual(['order 0', 'order 1', 'order 2', 'order 3'])
  })

  test('makes only its own topic wait', async () => {
    const world = new World({
      topics: [
        { name: 't', partitions: 1 },
        { name: 'u', partitions: 1 },
      ],
    })
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const first = world.watch(producer.send(order(0)))
    const other = producer.send({ topic: 'u', value: { id: 1 } })
    slow.answer(1)
    expect(await world.until(other)).toMatchObject({ topic: 'u', offset: 0 })
    expect(first().state).toBe('pending')
    slow.answer(0)
    await world.untilTrue(() => first().state === 'fulfilled')
  })

  test('that is synchronous now and then keeps the order too', async () => {
    const world = new World()
    const slow = new Slow()
    const valueSerializer: Serializer<Order> = (value, topic) =>
      value.id === 0 ? slow.serialize(value, topic) : 'known'
    const producer = producerOf(world, { valueSerializer })
    const sent = Promise.all([producer.send(order(0)), producer.send(order(1))])
    await world.pass(100)
    slow.answer(0)
    await world.until(sent)
    expect(world.valuesIn('t')).toEqual(['order 0', 'known'])
  })

  test('that rejects fails its record, and lets those behind it pass', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const [first, second] = [world.failureOf(producer.send(order(0))), producer.send(order(1))]
    slow.answer(1)
    slow.answer(0, Promise.reject(new Error('no such schema')))
    expect(await first).toMatchObject({
      code: 'INVALID_ARGUMENT',
      outcome: 'never',
      cause: new Error('no such schema'),
    })
    expect(await world.until(second)).toMatchObject({ offset: 0 })
  })

  test('of keys that rejects beside a value that is refused at once is no unhandled rejection', async () => {
    const world = new World()
    const producer = producerOf<string, Order>(world, {
      keySerializer: () => Promise.reject(new Error('the registry is down')),
      valueSerializer: () => {
        throw new Error('does not fit')
      },
    })
    const unhandled = await world.unhandledWhile(async () => {
      const error = await world.failureOf(producer.send(order(0)))
      expect(error.message).toContain('the valueSerializer cannot write this value: Error: does not fit')
      await world.pass(1)
    })
    expect(unhandled).toEqual([])
  })

  test('lets the caller use his bytes again: those of the call are written', async () => {
    const world = new World()
    const slow = new Slow()
    const keySerializer: Serializer<unknown> = (key, topic) =>
      key instanceof Uint8Array ? key : slow.serialize(unchecked(key), topic)
    const producer = producerOf<unknown, Uint8Array | ArrayBuffer>(world, { keySerializer })
    const bytes = new TextEncoder().encode('first')
    const fields = { headers: { h: bytes, b: bytes.buffer } }
    const sent = Promise.all([
      producer.send({ topic: 't', key: { id: 0 }, value: bytes, ...fields }),
      producer.send({ topic: 't', key: bytes, value: bytes.buffer, headers: [['h', bytes]] }), // waits behind it
    ])
    bytes.fill(0)
    slow.answer(0)
    await world.until(sent)
    const written = world
      .recordsIn('t')
      .map(({ key, value, headers }) => [key, value, ...headers.map(([, h]) => h)].map(String))
    expect(written).toEqual([
      ['order 0', 'first', 'first', 'first'],
      ['first', 'first', 'first'],
    ])
  })

  test('that never answers fails its record after maxBlockMs, and lets those behind it pass', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize, maxBlockMs: 5_000 })
    const [first, second] = [world.watch(producer.send(order(0))), producer.send(order(1))]
    slow.answer(1)
    expect(await world.until(second)).toMatchObject({ offset: 0 })
    expect(first()).toMatchObject({ atMs: 5_000, error: { code: 'SERIALIZATION_TIMEOUT', outcome: 'never' } })
    slow.answer(0)
    await world.until(producer.close())
    expect(world.valuesIn('t')).toEqual(['order 1'])
  })

  test('is refused by produce(), which never waits', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const told = new Promise<KafkaError | null>((resolve) => {
      expect(producer.produce(order(0), resolve)).toBe(true)
    })
    const error = await world.until(told)
    expect([error?.code, error?.message]).toEqual([
      'INVALID_ARGUMENT',
      expect.stringContaining('use send(), sendAll()'),
    ])
    slow.answer(0, Promise.reject(new Error('nobody awaits this')))
    await world.pass(1_000)
  })

  test.each<[string, (producer: Producer<string, Order>, input: ProducerRecord<string, Order>[]) => Promise<unknown>]>([
    ['sendAll()', (producer, input) => producer.sendAll(input)],
    ['acks()', (producer, input) => readAll(producer.acks(input))],
    ['writableStream()', (producer, input) => pipe(producer, input)],
  ])('serves %s, so many records at a time and in their order', async (_name, send) => {
    const world = new World()
    let [atOnce, atOnceMax] = [0, 0]
    const clock = world.ports().clock
    const valueSerializer: Serializer<Order> = (value) => {
      atOnceMax = Math.max(atOnceMax, ++atOnce)
      return new Promise((resolve) => {
        clock.soon(() => {
          atOnce--
          resolve(`${value.id}`)
        })
      })
    }
    const producer = producerOf(world, { keySerializer: serializers.string, valueSerializer })
    await world.until(send(producer, orders(5_000)))
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 5_000 }, (_, id) => id))
    expect(atOnceMax).toBeLessThanOrEqual(1_024)
  })

  test('is waited for by flush() and close()', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const sent = world.watch(producer.send(order(0)))
    expect(await world.until(producer.flush({ timeoutMs: 100 }))).toBe(1)
    const closed = world.watch(producer.close())
    await world.pass(1_000)
    expect([sent().state, closed().state]).toEqual(['pending', 'pending'])
    slow.answer(0)
    await world.untilTrue(() => closed().state === 'fulfilled')
    expect([sent().state, world.valuesIn('t')]).toEqual(['fulfilled', ['order 0']])
  })

  test('is not waited for by a close that has no time: its record was not sent', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const sent = world.failureOf(producer.send(order(0)))
    await world.until(producer.close({ timeoutMs: 0 }))
    expect(await sent).toMatchObject({ code: 'CLOSED', outcome: 'never' })
  })

  test('is waited for by the commit of its transaction, which fails with it', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize, transactionalId: 'x' })
    const committed = world.watch(producer.transaction((tx) => void tx.send(order(0))))
    await world.untilTrue(() => slow.asked.length === 1)
    await world.pass(1_000)
    expect(committed().state).toBe('pending')
    slow.answer(0)
    await world.untilTrue(() => committed().state === 'fulfilled')
    expect(world.valuesIn('t')[0]).toBe('order 0')

    const failed = world.failureOf(producer.transaction((tx) => void tx.send(order(1))))
    await world.untilTrue(() => slow.asked.length === 2)
    slow.answer(1, Promise.reject(new Error('no such schema')))
    expect(await failed).toMatchObject({ outcome: 'never' })
  })

  test('lets a waiting record be taken back at once, and those behind it pass', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const [first, second] = [new AbortController(), new AbortController()]
    const taken = [
      world.failureOf(producer.send(order(0), { signal: first.signal })),
      world.failureOf(producer.send(order(1), { signal: second.signal })),
    ]
    const third = producer.send(order(2))
    slow.answer(2)
    const atMs = world.nowMs
    second.abort()
    expect(await taken[1]).toMatchObject({ code: 'ABORTED', outcome: 'never' })
    first.abort()
    expect(await taken[0]).toMatchObject({ code: 'ABORTED', outcome: 'never' })
    expect(world.nowMs).toBe(atMs)
    expect(await world.until(third)).toMatchObject({ offset: 0 })
    slow.answer(0)
    slow.answer(1)
    await world.until(producer.close())
    expect(world.valuesIn('t')).toEqual(['order 2'])
  })

  test('is not asked for a record that was taken back before', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize })
    const error = await world.failureOf(producer.send(order(0), { signal: AbortSignal.abort() }))
    expect([error.code, slow.asked]).toEqual(['ABORTED', []])
  })

  test('whose record was taken back is waited for by no flush, and fails no transaction', async () => {
    const world = new World()
    const slow = new Slow()
    const producer = producerOf(world, { valueSerializer: slow.serialize, transactionalId: 'x' })
    const controller = new AbortController()
    const committed = producer.transaction(async (tx) => {
      const taken = tx.send(order(0), { signal: controller.signal })
      controller.abort()
      await expect(taken).rejects.toMatchObject({ code: 'ABORTED' })
      expect(await producer.flush()).toBe(0)
    })
    await world.until(committed)
  })
})

async function readAll(input: AsyncIterable<unknown>): Promise<void> {
  for await (const one of input)
    if (one !== undefined && typeof one === 'object' && one !== null && 'error' in one) throw one.error
}

async function pipe(producer: Producer<string, Order>, input: ProducerRecord<string, Order>[]): Promise<void> {
  const writer = producer.writableStream().getWriter()
  for (const one of input) {
    await writer.ready
    void writer.write(one)
  }
  await writer.close()
}
