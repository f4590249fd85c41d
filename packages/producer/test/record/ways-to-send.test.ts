import { describe, expect, test } from 'vitest'
import { type ProducerRecord, type SendTrace, withDeadLetters } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

describe('send(topic, value, fields)', () => {
  test('writes the same record as the object does', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer()
    const fields = { key: 'k', partition: 2, headers: { a: 'b' }, timestamp: 5_000 }
    await world.until(producer.send('t', 'v', fields))
    await world.until(producer.send({ topic: 't', value: 'v', ...fields }))
    const [first, second] = world.recordsIn('t', 2)
    expect(first).toMatchObject({ timestamp: 5_000n, key: Buffer.from('k'), value: Buffer.from('v') })
    expect({ ...second, offset: first?.offset }).toEqual(first)
  })

  test('needs no fields, and takes null for a tombstone', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send('t', 'v'))
    await world.until(producer.send('t', null, { key: 'k' }))
    expect(world.recordsIn('t').map(({ key, value }) => [key?.toString(), value?.toString()])).toEqual([
      [undefined, 'v'],
      ['k', undefined],
    ])
  })

  test('with a signal can be taken back', async () => {
    const world = new World()
    const controller = new AbortController()
    const failure = world.failureOf(world.producer().send('t', 'v', { signal: controller.signal }))
    controller.abort()
    expect(await failure).toMatchObject({ code: 'ABORTED', outcome: 'never' })
    await world.pass(1_000)
    expect(world.valuesIn('t')).toEqual([])
  })

  test('refuses a name that no topic can have', async () => {
    const world = new World()
    const error = await world.failureOf(world.producer().send('no topic', 'v'))
    expect([error.code, error.message]).toEqual(['INVALID_ARGUMENT', expect.stringContaining('not a topic name')])
  })
})

test('a topic without a value is refused: a value that was forgotten must not delete anything', async () => {
  const world = new World()
  const error = await world.failureOf(world.producer().send(unchecked('t')))
  expect([error.code, error.message]).toEqual([
    'INVALID_ARGUMENT',
    'a record must be an object, not "t"; after a topic comes the value, null for a tombstone',
  ])
})

describe('forTopic()', () => {
  test('sends, produces and sends many without naming the topic again', async () => {
    const world = new World()
    const orders = world.producer().forTopic('t')
    expect(orders.topic).toBe('t')
    expect(await world.until(orders.send({ key: 'k', value: '0' }))).toMatchObject({ topic: 't', offset: 0 })
    const told = new Promise((resolve) => orders.produce({ value: '1' }, (_error, metadata) => resolve(metadata)))
    expect(await world.until(told)).toMatchObject({ topic: 't', offset: 1 })
    async function* later(): AsyncGenerator<{ value: string }> {
      yield await Promise.resolve({ value: '4' })
    }
    await world.until(orders.sendAll([{ value: '2' }, { value: '3' }]))
    await world.until(orders.sendAll(later()))
    await world.until(orders.drained())
    expect(world.valuesIn('t')).toEqual(['0', '1', '2', '3', '4'])
  })

  test('refuses what is no record where any other producer does: in the promise, in the callback', async () => {
    const world = new World()
    const orders = world.producer().forTopic('t')
    expect(await world.failureOf(orders.send(unchecked('v')))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const told = new Promise((resolve) => orders.produce(unchecked(null), resolve))
    expect(await world.until(told)).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
  })

  test('refuses a name that no topic can have at once', () => {
    expect(() => new World().producer().forTopic('')).toThrow('a record needs a topic')
  })
})

/** Its fields are getters of its class: a spread copies none of them. */
class Order implements ProducerRecord {
  readonly #timing: Partial<ProducerRecord>

  constructor(timing: Partial<ProducerRecord> = {}) {
    this.#timing = timing
  }

  get topic(): string {
    return 't'
  }

  get value(): string {
    return 'tea'
  }

  get ttlMs(): number | undefined {
    return this.#timing.ttlMs
  }

  get delayMs(): number | undefined {
    return this.#timing.delayMs
  }
}

describe('a record whose fields are getters', () => {
  test.each<[string, Partial<ProducerRecord>]>([
    ['at once', {}],
    ['with ttlMs', { ttlMs: 60_000 }],
    ['with delayMs', { delayMs: 10 }],
    ['with both', { ttlMs: 60_000, delayMs: 10 }],
  ])('is sent %s', async (_how, timing) => {
    const world = new World()
    await world.until(world.producer().send(new Order(timing)))
    expect(world.valuesIn('t')).toEqual(['tea'])
  })

  test('is sent while subscribers copy records to add headers', async () => {
    const world = new World()
    world.tracing.subscribers.set('linger:send', (context: SendTrace) => {
      context.record = { ...context.record, headers: { traceparent: '00-1-2-01' } }
    })
    await world.until(world.producer().send(new Order()))
    expect(world.recordsIn('t').map(({ value, headers }) => [String(value), headers.length])).toEqual([['tea', 1]])
  })

  test('has them in its dead letter', async () => {
    const world = new World({ topics: ['t', 't.dlq'].map((name) => ({ name, partitions: 1 })) })
    const producer = withDeadLetters(world.producer({ partitioner: (topic) => (topic === 't' ? 99 : 0) }))
    await world.failureOf(producer.send(new Order()))
    expect(world.valuesIn('t.dlq')).toEqual(['tea'])
  })
})
