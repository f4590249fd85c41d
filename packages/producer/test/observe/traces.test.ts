import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import {
  type BatchBuilder,
  type Producer,
  type ProducerRecord,
  type SendTrace,
  withDeadLetters,
} from '../../src/index.ts'
import { transactionalWorld } from '../transaction/transactional-world.ts'
import type { TracedOperation } from '../world/virtual-tracing.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

/** A batch of these values. */
function batchOf(producer: Producer, ...values: string[]): BatchBuilder {
  const batch = producer.createBatch()
  for (const value of values) batch.append({ value })
  return batch
}

/** A world in which somebody listens to this channel. */
function listening(channel: string, world: World = new World()): [World, readonly TracedOperation[]] {
  world.tracing.subscribers.set(channel, () => {})
  return [world, world.tracing.operations]
}

describe('a record that is traced', () => {
  test('ends with where it is, for every way to send', async () => {
    const [world, operations] = listening('linger:send')
    const producer = world.producer({ clientId: 'orders' })
    await world.until(producer.send({ topic: 't', value: 'sent' }))
    producer.produce({ topic: 't', value: 'produced' })
    await world.until(producer.flush())
    await world.until(producer.sendAll([{ topic: 't', value: 'all' }]))
    await world.until(producer.forTopic('t').send({ value: 'for a topic' }))
    const records = ['sent', 'produced', 'all', 'for a topic'].map((value) => ({ topic: 't', value }))
    expect(operations).toMatchObject(
      records.map((record, offset) => ({
        channel: 'linger:send',
        context: { clientId: 'orders', record },
        end: { error: undefined, result: { topic: 't', partition: 0, offset } },
      })),
    )
  })

  test.each<[string, (producer: Producer) => (value: string) => Promise<unknown>]>([
    ['a producer', (producer) => (value) => producer.send({ topic: 't', value })],
    [
      'a topic',
      (producer) => {
        const topic = producer.forTopic('t')
        return (value) => topic.send({ value })
      },
    ],
    [
      'a stream',
      (producer) => {
        const writer = producer.writableStream().getWriter()
        return (value) => writer.write({ topic: 't', value })
      },
    ],
    [
      'a stream of acknowledgements',
      (producer) => {
        const input = new TransformStream<ProducerRecord>()
        const writer = input.writable.getWriter()
        const acks = producer.acks(input.readable)
        return (value) => Promise.all([writer.write({ topic: 't', value }), acks.next()])
      },
    ],
    [
      'a sender of dead letters',
      (producer) => {
        const guarded = withDeadLetters(producer)
        return (value) => guarded.send({ topic: 't', value })
      },
    ],
  ])('from when somebody listens until nobody does, of %s that was there before', async (_name, begin) => {
    const world = new World()
    const producer = world.producer()
    const send = begin(producer)
    await world.until(send('before'))
    world.tracing.subscribers.set('linger:send', () => {})
    await world.until(send('meanwhile'))
    world.tracing.subscribers.delete('linger:send')
    await world.until(send('afterwards'))
    await world.until(producer.flush())
    expect(world.tracing.operations.map(({ context }) => context)).toMatchObject([{ record: { value: 'meanwhile' } }])
    expect(world.valuesIn('t')).toEqual(['before', 'meanwhile', 'afterwards'])
  })

  test('ends with its failure, which its caller gets too', async () => {
    const [world, operations] = listening('linger:send')
    world.onRequest(produce, (request) => refuseProduce(request, 29))
    const producer = world.producer()
    const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(operations.map(({ end }) => end)).toEqual([{ error, result: undefined }])
    expect(error.code).toBe('TOPIC_AUTHORIZATION_FAILED')
  })

  test('that was not taken has no end', async () => {
    const [world, operations] = listening('linger:send')
    const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 65_536 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    while (producer.produce({ topic: 't', value: Buffer.alloc(50_000) }));
    await world.until(producer.flush())
    expect(operations.filter(({ end }) => end === undefined)).toHaveLength(1)
    expect(operations.at(-1)?.end).toBeUndefined()
  })

  test('is sent as a subscriber leaves it, and the caller keeps his own', async () => {
    const world = new World()
    world.tracing.subscribers.set('linger:send', (context: SendTrace) => {
      context.record = { ...context.record, headers: { traceparent: '00-1-2-01' } }
    })
    const record = { topic: 't', value: 'v' }
    await world.until(world.producer().send(record))
    expect(world.recordsIn('t')[0]?.headers).toEqual([['traceparent', Buffer.from('00-1-2-01')]])
    expect(record).toEqual({ topic: 't', value: 'v' })
  })

  test('a failure that nobody awaits is an unhandled rejection as before', async () => {
    const [world] = listening('linger:send')
    world.onRequest(produce, (request) => refuseProduce(request, 29))
    const unhandled = await world.unhandledWhile(async () => {
      const producer = world.producer()
      void producer.send({ topic: 't', value: 'v' })
      await world.until(producer.flush())
      await world.pass(1)
    })
    expect(unhandled).toMatchObject([{ code: 'TOPIC_AUTHORIZATION_FAILED' }])
  })
})

describe('a batch filled by hand that is traced', () => {
  const to = { topic: 't', partition: 0 }

  test('is one operation, from the call to the acknowledgement, with the offset of its first record', async () => {
    const [world, operations] = listening('linger:sendBatch')
    const producer = world.producer({ clientId: 'orders' })
    await world.until(producer.send({ topic: 't', value: 'before' }))
    const batch = batchOf(producer, 'a', 'b')
    const { sizeBytes } = batch
    const sent = producer.sendBatch(batch, to)
    const context = { clientId: 'orders', ...to, recordCount: 2, sizeBytes }
    expect(operations).toEqual([{ channel: 'linger:sendBatch', context, end: undefined }])
    expect(await world.until(sent)).toBe(1)
    expect(operations).toEqual([{ channel: 'linger:sendBatch', context, end: { error: undefined, result: 1 } }])
  })

  test('in a transaction too', async () => {
    const [world, operations] = listening('linger:sendBatch', transactionalWorld(2))
    const producer = world.producer({ transactionalId: 'tx' })
    await world.until(producer.transaction(async (tx) => tx.sendBatch(batchOf(producer, 'a'), to)))
    expect(operations).toMatchObject([
      { context: { topic: 't', recordCount: 1 }, end: { error: undefined, result: 0 } },
    ])
  })

  test('ends with its failure, which its caller gets too', async () => {
    const [world, operations] = listening('linger:sendBatch')
    const producer = world.producer()
    const error = await world.failureOf(producer.sendBatch(producer.createBatch(), to))
    expect(error.message).toContain('a batch needs a record')
    expect(operations).toMatchObject([{ context: { recordCount: 0 }, end: { error, result: undefined } }])
  })

  test('is refused as without tracing where it is none', async () => {
    const [world, operations] = listening('linger:sendBatch')
    const error = await world.failureOf(world.producer().sendBatch(unchecked(null), to))
    expect(error.message).toContain('what createBatch() gives')
    expect(operations).toEqual([])
  })

  test('is none of the records that are sent one by one', async () => {
    const [world, operations] = listening('linger:send')
    const producer = world.producer()
    await world.until(producer.sendBatch(batchOf(producer, 'a'), to))
    expect(operations).toEqual([])
  })
})

describe('requests and connections that are traced', () => {
  test('name the broker and the API, and nothing of what is said', async () => {
    const [world, operations] = listening('linger:request')
    await world.until(world.producer({ clientId: 'orders' }).send({ topic: 't', value: 'v' }))
    const broker = { clientId: 'orders', host: 'broker-1', port: 9092 }
    const apiVersion = world.wire.requests.find(({ apiName }) => apiName === 'Produce')?.apiVersion
    expect(operations.map(({ context }) => context)).toContainEqual(
      expect.objectContaining({ ...broker, nodeId: 1, apiName: 'Produce', apiVersion }),
    )
    expect(operations.map(({ context }) => context)).toContainEqual(
      expect.objectContaining({ ...broker, nodeId: -1, apiName: 'Metadata' }),
    )
    expect(operations.every(({ end }) => end !== undefined && end.error === undefined)).toBe(true)
  })

  test('end with the error when the connection does, or when they have left where no answer comes', async () => {
    const [world, operations] = listening('linger:request')
    const producer = world.producer({ acks: 0 })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(operations.at(-1)).toMatchObject({ context: { apiName: 'Produce' }, end: { error: undefined } })
    world.onRequest(produce, () => ({ kind: 'close-before' }))
    const other = world.producer({ retries: 0, enableIdempotence: false })
    await world.failureOf(other.send({ topic: 't', value: 'v' }))
    const failed = operations.filter(({ end }) => end?.error !== undefined)
    expect(failed).toMatchObject([{ context: { apiName: 'Produce' }, end: { error: { code: 'NETWORK_EXCEPTION' } } }])
  })

  test('a connection ends when it can be used', async () => {
    const [world, operations] = listening('linger:connection')
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(operations).toMatchObject([
      { context: { nodeId: -1, host: 'broker-1', port: 9092 }, end: { error: undefined } },
      { context: { nodeId: 1, host: 'broker-1', port: 9092 }, end: { error: undefined } },
    ])
  })

  test('or when it is given up', async () => {
    const [world, operations] = listening('linger:connection')
    const producer = world.producer({ bootstrapServers: 'nowhere:9092' })
    await world.failureOf(producer.connect({ timeoutMs: 1000 }))
    expect(operations[0]).toMatchObject({ context: { host: 'nowhere' }, end: { error: { code: 'NETWORK_EXCEPTION' } } })
  })
})

describe('a transaction that is traced', () => {
  test('ends with its commit or its abort', async () => {
    const [world, operations] = listening('linger:transaction', transactionalWorld(2))
    const producer = world.producer({ transactionalId: 'tx', clientId: 'orders' })
    await world.until(producer.transaction(async (tx) => tx.send({ topic: 't', value: 'v' })))
    await world.until(producer.transaction(() => Promise.reject(new Error('no'))).catch(() => {}))
    const context = { clientId: 'orders', transactionalId: 'tx' }
    expect(operations).toMatchObject([
      { context, end: { error: undefined, result: 'COMMITTED' } },
      { context, end: { error: undefined, result: 'ABORTED' } },
    ])
  })

  test('ends as aborted when it is left open at close()', async () => {
    const [world, operations] = listening('linger:transaction', transactionalWorld(2))
    const producer = world.producer({ transactionalId: 'tx' })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    expect(operations[0]?.end).toBeUndefined()
    await world.until(producer.close())
    expect(operations).toMatchObject([{ end: { error: undefined, result: 'ABORTED' } }])
  })
})

test('nothing is traced where nobody listens', async () => {
  const world = new World()
  await world.until(world.producer().send({ topic: 't', value: 'v' }))
  expect(world.tracing.operations).toEqual([])
})
