import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer, type ProducerRecord } from '@linger/producer'
import { readRecordBatches } from '@linger/protocol'
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { traceProducers } from '../src/index.ts'
import { Collector } from './collector.ts'

const exporter = new InMemorySpanExporter()
const tracerProvider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] })

/** What every span of sending to the first partition of the topic says. */
const SEND_TO_ORDERS_0 = {
  'messaging.system': 'kafka',
  'messaging.operation.name': 'send',
  'messaging.operation.type': 'send',
  'messaging.client.id': 'shop',
  'messaging.destination.name': 'orders',
  'messaging.destination.partition.id': '0',
}

let broker: RunningBroker
let producer: Producer
let collector: Collector
let stop: () => void

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
  propagation.setGlobalPropagator(new W3CTraceContextPropagator())
})

beforeEach(async () => {
  broker = await startBroker({ topics: [{ name: 'orders', partitions: 1 }] })
  producer = new Producer({ bootstrapServers: broker.bootstrapServers, clientId: 'shop', maxBlockMs: 1000 })
  exporter.reset()
  collector = new Collector()
  stop = traceProducers({ tracerProvider, meterProvider: collector.provider })
})

afterEach(async () => {
  stop()
  await producer.close()
  await broker.close()
})

/** The headers that a record has in the log. */
async function sentHeaders(record: ProducerRecord): Promise<unknown> {
  await producer.send(record)
  return lastHeaders(record.topic)
}

/** The headers of the last record of a topic. */
function lastHeaders(topic: string): unknown {
  const log = broker.broker.cluster.topicNamed(topic)?.partitions[0]?.log
  const headers = readRecordBatches(log?.read(0, Infinity, true) ?? Buffer.alloc(0))
    .at(-1)
    ?.records.at(-1)?.headers
  return headers?.map(([name, value]) => [name, String(value)])
}

/** What TypeScript would not let through. */
function assertRecord(_given: unknown): asserts _given is ProducerRecord {}

const spans = (): ReadableSpan[] => exporter.getFinishedSpans()

describe('a record that is sent', () => {
  test('has a span by the semantic conventions', async () => {
    await producer.send({ topic: 'orders', key: 'user-1', value: 'v' })
    expect(spans()).toMatchObject([
      { name: 'send orders', kind: SpanKind.PRODUCER, status: { code: SpanStatusCode.UNSET } },
    ])
    expect(spans()[0]?.attributes).toEqual({
      ...SEND_TO_ORDERS_0,
      'messaging.kafka.message.key': 'user-1',
      'messaging.kafka.offset': 0,
    })
  })

  test('carries the context of its span, a child of the span that was active', async () => {
    const tracer = tracerProvider.getTracer('test')
    const parent = tracer.startSpan('handle order')
    const headers = await context.with(trace.setSpan(context.active(), parent), () =>
      sentHeaders({ topic: 'orders', value: 'v', headers: { other: 'header' } }),
    )
    parent.end()
    const span = spans().find(({ name }) => name === 'send orders')
    const { traceId, spanId } = parent.spanContext()
    expect(span?.parentSpanContext?.spanId).toBe(spanId)
    expect(headers).toEqual([
      ['other', 'header'],
      ['traceparent', `00-${traceId}-${span?.spanContext().spanId}-01`],
    ])
  })

  test('takes its context in the place of an older one, also in a list of headers', async () => {
    const headers = await sentHeaders({
      topic: 'orders',
      value: 'v',
      headers: [
        ['traceparent', 'of another record'],
        ['a', '1'],
        ['a', '2'],
      ],
    })
    expect(headers).toEqual([
      ['a', '1'],
      ['a', '2'],
      ['traceparent', expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/u)],
    ])
  })

  test('and fails has a span that says so', async () => {
    const error: unknown = await producer
      .send({ topic: 'orders', partition: 7, value: null })
      .catch((error: unknown) => error)
    expect(error).toMatchObject({ outcome: 'never' })
    const [span] = spans()
    expect(span).toMatchObject({ status: { code: SpanStatusCode.ERROR } })
    expect(span?.attributes).toMatchObject({
      'error.type': 'INVALID_ARGUMENT',
      'messaging.kafka.message.tombstone': true,
    })
    expect(span?.events[0]?.name).toBe('exception')
  })

  test.each([
    ['no record at all', null],
    ['headers that are a number', { topic: 'orders', value: 'v', headers: 7 }],
    ['headers that are null', { topic: 'orders', value: 'v', headers: null }],
    ['a header that is null', { topic: 'orders', value: 'v', headers: [null] }],
    ['a header that is a number', { topic: 'orders', value: 'v', headers: [3] }],
    ['headers that are a Map', { topic: 'orders', value: 'v', headers: new Map([['a', 'b']]) }],
    ['headers that are a Set of pairs', { topic: 'orders', value: 'v', headers: new Set([['a', 'b']]) }],
    ['a topic that is none', { topic: 5, value: 'v' }],
  ])('and is wrong, %s, is refused as without tracing', async (_what, record) => {
    const given: unknown = record
    assertRecord(given)
    await expect(producer.send(given)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
  })

  test('is sent with all its fields where some of them are getters of its class', async () => {
    class Order {
      readonly #item = 'tea'
      get topic(): string {
        return 'orders'
      }
      get value(): string {
        return this.#item
      }
      get headers(): ProducerRecord['headers'] {
        return { a: '1' }
      }
    }
    expect(await sentHeaders(new Order())).toEqual([
      ['a', '1'],
      ['traceparent', expect.any(String)],
    ])
    expect(spans()).toMatchObject([{ name: 'send orders' }])
  })

  test('is sent, and has its span, where a propagator throws, and the throw is no uncaught exception', async () => {
    const inject = vi.spyOn(W3CTraceContextPropagator.prototype, 'inject').mockImplementation(() => {
      throw new Error('the propagator is broken')
    })
    const uncaught: unknown[] = []
    const onUncaught = (error: unknown): void => void uncaught.push(error)
    const others = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', onUncaught)
    try {
      expect(await sentHeaders({ topic: 'orders', value: 'v', headers: { a: '1' } })).toEqual([['a', '1']])
    } finally {
      inject.mockRestore()
      process.off('uncaughtException', onUncaught)
      for (const other of others) process.on('uncaughtException', other)
    }
    expect(uncaught).toEqual([])
    expect(spans()).toMatchObject([{ name: 'send orders', status: { code: SpanStatusCode.UNSET } }])
  })

  test('after close() throws from produce() as without tracing, and its span ends', async () => {
    await producer.close()
    expect(() => producer.produce({ topic: 'orders', value: 'v' })).toThrow('after close()')
    expect(spans()).toMatchObject([{ status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'CLOSED' } }])
  })
})

describe('a batch filled by hand', () => {
  test('has one span, with the number of its records, which carry no context', async () => {
    const batch = producer.createBatch()
    for (const value of ['a', 'b', 'c']) batch.append({ value })
    await producer.sendBatch(batch, { topic: 'orders', partition: 0 })
    expect(spans()).toMatchObject([{ name: 'send orders', kind: SpanKind.CLIENT }])
    expect(spans()[0]?.attributes).toEqual({
      ...SEND_TO_ORDERS_0,
      'messaging.batch.message_count': 3,
    })
    expect(lastHeaders('orders')).toEqual([])
    expect(await collector.valuesOf('messaging.client.sent.messages')).toMatchObject([{ value: 3 }])
    expect(await collector.valuesOf('messaging.client.operation.duration')).toMatchObject([{ value: { count: 1 } }])
  })

  test('that is refused has a span that says so', async () => {
    const refused = producer.sendBatch(producer.createBatch(), { topic: 'orders', partition: 0 })
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(spans()).toMatchObject([
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'INVALID_ARGUMENT' } },
    ])
  })
})

describe('a transaction', () => {
  test('has a span until it was committed or aborted, a child of the span that was active', async () => {
    const parent = tracerProvider.getTracer('test').startSpan('handle order')
    await using other = new Producer({
      bootstrapServers: broker.bootstrapServers,
      clientId: 'shop',
      transactionalId: 'orders-1',
    })
    await context.with(trace.setSpan(context.active(), parent), async () =>
      other.transaction(async (tx) => tx.send({ topic: 'orders', value: 'v' })),
    )
    await other.transaction(() => Promise.reject(new Error('no tea'))).catch(() => {})
    const [committed, aborted] = spans().filter(({ name }) => name === 'transaction')
    expect(committed?.parentSpanContext?.spanId).toBe(parent.spanContext().spanId)
    expect(committed?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.client.id': 'shop',
      'linger.transactional_id': 'orders-1',
      'linger.transaction.result': 'COMMITTED',
    })
    expect(aborted?.attributes).toMatchObject({ 'linger.transaction.result': 'ABORTED' })
    expect(aborted?.status.code).toBe(SpanStatusCode.UNSET)
  })
})

describe('requests', () => {
  test('have no spans unless they are asked for', async () => {
    await producer.send({ topic: 'orders', value: 'v' })
    expect(spans().map(({ name }) => name)).toEqual(['send orders'])
  })

  test('have spans of their own traces where they are asked for, and their failures', async () => {
    stop()
    stop = traceProducers({ tracerProvider, meterProvider: collector.provider, requests: true })
    const parent = tracerProvider.getTracer('test').startSpan('handle order')
    await context.with(trace.setSpan(context.active(), parent), async () =>
      producer.send({ topic: 'orders', value: 'v' }),
    )
    const request = spans().find(({ name }) => name === 'Produce')
    expect(request).toMatchObject({ kind: SpanKind.CLIENT, parentSpanContext: undefined })
    expect(request?.spanContext().traceId).not.toBe(parent.spanContext().traceId)
    expect(request?.attributes).toEqual({
      'messaging.system': 'kafka',
      'messaging.client.id': 'shop',
      'server.address': broker.host,
      'server.port': broker.port,
      'linger.node_id': 1,
      'linger.api_version': expect.any(Number) as unknown,
      'linger.request.size': expect.any(Number) as unknown,
    })

    broker.broker.cluster.faults.push({ api: 'Produce' }, { kind: 'reset', when: 'after' })
    await producer.send({ topic: 'orders', value: 'v' })
    expect(spans().filter(({ name }) => name === 'Produce')).toMatchObject([
      { status: { code: SpanStatusCode.UNSET } },
      { status: { code: SpanStatusCode.ERROR }, attributes: { 'error.type': 'NETWORK_EXCEPTION' } },
      { status: { code: SpanStatusCode.UNSET } },
    ])
  })
})

test('operations are measured, by outcome', async () => {
  await producer.sendAll([1, 2, 3].map((value) => ({ topic: 'orders', value: `${value}` })))
  await producer.send({ topic: 'orders', partition: 7, value: 'v' }).catch(() => {})
  const sent = await collector.valuesOf('messaging.client.sent.messages')
  expect(sent).toMatchObject([
    { value: 3, attributes: { 'messaging.destination.name': 'orders', 'messaging.destination.partition.id': '0' } },
    { value: 1, attributes: { 'messaging.destination.name': 'orders', 'error.type': 'INVALID_ARGUMENT' } },
  ])
  const durations = await collector.valuesOf('messaging.client.operation.duration')
  expect(durations).toMatchObject([{ value: { count: 3 } }, { value: { count: 1 } }])
})

test('durations are counted in the buckets of the semantic conventions, which are seconds', async () => {
  await producer.send({ topic: 'orders', value: 'v' })
  expect(await collector.valuesOf('messaging.client.operation.duration')).toMatchObject([
    { value: { buckets: { boundaries: [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] } } },
  ])
})

test('nothing is traced after the end of it', async () => {
  stop()
  expect(await sentHeaders({ topic: 'orders', value: 'v' })).toEqual([])
  expect(spans()).toEqual([])
})
