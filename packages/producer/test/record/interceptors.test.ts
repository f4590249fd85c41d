import { describe, expect, test } from 'vitest'
import { type Interceptor, type Payload, Producer, type ProducerRecord, type SendTrace } from '../../src/index.ts'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const textOf = (value: Payload): string => (typeof value === 'string' ? value : '')

/** Appends its name to the value, and notes what it is told. */
function named(name: string, told: string[]): Interceptor {
  return {
    onSend: (record) => ({ ...record, value: `${textOf(record.value)}${name}` }),
    onAcknowledgement: (error, metadata, { value }) =>
      void told.push(`${name}: ${textOf(value)} ${error?.code ?? `at ${metadata?.offset}`}`),
  }
}

describe('interceptors', () => {
  test('see each record in their order, and what became of it, whichever way it was sent', async () => {
    const world = new World()
    const told: string[] = []
    const producer = world.producer({ interceptors: [named('1', told), named('2', told)] })
    await world.until(producer.send({ topic: 't', value: 'a' }))
    producer.produce({ topic: 't', value: 'b' })
    await world.until(producer.sendAll([{ topic: 't', value: 'c' }]))
    await world.until(producer.forTopic('t').send({ value: 'd' }))
    await world.until(producer.acks([{ topic: 't', value: 'e' }]).next())
    expect(world.valuesIn('t')).toEqual(['a12', 'b12', 'c12', 'd12', 'e12'])
    expect(told.filter((line) => line.startsWith('1'))).toEqual(
      ['a', 'b', 'c', 'd', 'e'].map((value, offset) => `1: ${value}12 at ${offset}`),
    )
    expect(told).toHaveLength(10)
  })

  test('are told of records that fail', async () => {
    const world = new World()
    const told: string[] = []
    const producer = world.producer({ interceptors: [named('1', told)], maxBlockMs: 100 })
    await world.failureOf(producer.send({ topic: 'later', value: 'a' }))
    producer.produce({ topic: 't', partition: 99, value: 'b' })
    await world.pass(200)
    expect(told).toEqual(['1: a1 UNKNOWN_TOPIC_OR_PARTITION', '1: b1 INVALID_ARGUMENT'])
  })

  test('see none of the records in a batch filled by hand: its bytes are written before its topic is known', async () => {
    const world = new World()
    const told: string[] = []
    const producer = world.producer({ interceptors: [named('1', told)] })
    const batch = producer.createBatch()
    batch.append({ value: 'a' })
    await world.until(producer.sendBatch(batch, { topic: 't', partition: 0 }))
    expect([world.valuesIn('t'), told]).toEqual([['a'], []])
  })

  test('leave a failure that nobody awaits an unhandled rejection', async () => {
    const world = new World()
    const producer = world.producer({ interceptors: [named('1', [])] })
    const unhandled = await world.unhandledWhile(async () => {
      void producer.send({ topic: 't', partition: 99, value: 'a' })
      await world.pass(200)
    })
    expect(unhandled).toMatchObject([{ code: 'INVALID_ARGUMENT' }])
  })

  test('that throw are logged, and the record goes on as the others made it', async () => {
    const world = new World()
    const told: string[] = []
    const fail = (): never => {
      throw new Error('out of order')
    }
    const producer = world.producer({
      interceptors: [named('1', told), { onSend: fail, onAcknowledgement: fail }, named('2', told)],
    })
    expect(await world.until(producer.send({ topic: 't', value: 'a' }))).toMatchObject({ offset: 0 })
    expect(world.valuesIn('t')).toEqual(['a12'])
    expect(told).toHaveLength(2)
    expect(world.logged.filter((line) => line.includes('Error: out of order'))).toEqual([
      expect.stringContaining('onSend of an interceptor threw'),
      expect.stringContaining('onAcknowledgement of an interceptor threw'),
    ])
  })

  test('see a record once, also when there was no room for it at first', async () => {
    const world = new World()
    const seen: unknown[] = []
    const onSend: Interceptor['onSend'] = (record) => {
      seen.push(textOf(record.value).length)
      return record
    }
    const producer = world.producer({ interceptors: [{ onSend }], bufferMemory: 131_072, maxRequestSize: 130_000 })
    await world.until(producer.partitionsFor('t'))
    const records = [50_000, 60_000, 70_000, 80_000].map((length) => ({ topic: 't', value: 'x'.repeat(length) }))
    await world.until(producer.sendAll(records))
    expect(seen).toEqual([50_000, 60_000, 70_000, 80_000])
    expect(world.valuesIn('t')).toHaveLength(4)
  })

  test.each<[string, (producer: Producer) => (record: ProducerRecord) => boolean]>([
    ['produce()', (producer) => (record) => producer.produce(record)],
    [
      'produce() of a topic',
      (producer) => {
        const topic = producer.forTopic('t')
        return (record) => topic.produce(record)
      },
    ],
    [
      'produce() while a subscriber puts records in the place of others',
      (producer) => (record) => producer.produce(record),
    ],
  ])('see a record once that is offered to %s until there is room', async (how, producing) => {
    const world = new World()
    const seen: unknown[] = []
    const onSend: Interceptor['onSend'] = (record) => {
      seen.push(record.key)
      return record
    }
    if (how.includes('subscriber'))
      world.tracing.subscribers.set('linger:send', (context: SendTrace) => {
        context.record = { ...context.record, headers: { traceparent: '00-1-2-01' } }
      })
    const producer = world.producer({ interceptors: [{ onSend }], bufferMemory: 131_072, maxRequestSize: 130_000 })
    await world.until(producer.partitionsFor('t'))
    const produce = producing(producer)
    const keys = Array.from({ length: 10 }, (_, index) => `${index}`)
    let refusedCount = 0
    for (const key of keys) {
      const record = { topic: 't', key, value: 'x'.repeat(50_000) }
      for (; !produce(record); refusedCount++) await world.until(producer.drained())
    }
    expect([seen, refusedCount > 0]).toEqual([keys, true])
  })

  test('see nothing of what is no record: it is refused as without them, and acks() goes on', async () => {
    const world = new World()
    const seen: unknown[] = []
    const interceptor: Interceptor = { onSend: (record) => (seen.push(record), record) }
    const producer = world.producer({ interceptors: [interceptor] })
    const refused = { code: 'INVALID_ARGUMENT', outcome: 'never' }
    expect(await world.failureOf(producer.send(unchecked(null)))).toMatchObject(refused)
    const told = new Promise((resolve) => producer.produce(unchecked(null), resolve))
    expect(await world.until(told)).toMatchObject(refused)
    const acks = producer.acks([unchecked(null), { topic: 't', value: 'v' }])
    expect((await world.until(acks.next())).value).toMatchObject({ error: refused })
    expect((await world.until(acks.next())).value).toMatchObject({ metadata: { offset: 0 } })
    expect(seen).toEqual([{ topic: 't', value: 'v' }])
  })

  test('see the records of a transaction, and what serializers are given', async () => {
    const world = new World()
    const told: string[] = []
    const valueSerializer = (value: unknown): string => JSON.stringify(value)
    const producer = world.producer({ transactionalId: 'x', valueSerializer, interceptors: [named('1', told)] })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', value: 'a' })))
    expect(told).toEqual(['1: a1 at 0'])
    expect(world.valuesIn('t')[0]).toBe('"a1"')
  })

  test('are a list of objects with functions', () => {
    for (const interceptors of [{}, [{ onSend: 5 }], [null], () => {}]) {
      const config = unchecked({ bootstrapServers: 'a:1', interceptors })
      expect(() => resolveConfig(config)).toThrow('a list of objects with onSend or onAcknowledgement')
    }
    expect(new Producer({ bootstrapServers: 'a:1', interceptors: [] })).toBeInstanceOf(Producer)
  })
})
