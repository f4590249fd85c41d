import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import {
  metricReadings,
  type Payload,
  type Producer,
  type ProducerRecord,
  serializers,
  topicMetricNames,
} from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const UNKNOWN_SERVER_ERROR = -1
const NOT_LEADER_OR_FOLLOWER = 6

describe('metrics()', () => {
  test('counts what was sent: for the producer, its topics and the brokers', async () => {
    const topics = [
      { name: 'orders', partitions: 1 },
      { name: 'visits', partitions: 1 },
    ]
    const world = new World({ topics })
    const producer = world.producer({ lingerMs: 10 })
    const sent = [
      ...Array.from({ length: 9 }, () => producer.send({ topic: 'orders', value: 'x'.repeat(100) })),
      producer.send({ topic: 'visits', value: 'y' }),
    ]
    await world.until(Promise.all(sent))
    const { producer: all, topics: perTopic, nodes } = producer.metrics()
    const requestCount = new Set(world.wire.batches.map(({ request }) => request)).size
    expect(all).toMatchObject({
      'record-send-total': 10,
      'record-error-total': 0,
      'record-retry-total': 0,
      'records-per-request-avg': 10 / requestCount,
      'compression-rate-avg': 1,
      'connection-count': 2, // the bootstrap server's has served, and goes with the next metadata
      'requests-in-flight': 0,
      'buffer-total-bytes': 33_554_432,
      'buffer-available-bytes': 33_554_432,
    })
    expect(Object.keys(perTopic).toSorted()).toEqual(['orders', 'visits'])
    expect(perTopic['orders']).toMatchObject({ 'record-send-total': 9 })
    expect(perTopic['orders']?.['record-send-rate']).toBeCloseTo(9 / 30, 1)
    expect(all['record-queue-time-avg']).toBeCloseTo(13, 0)
    expect(Object.keys(perTopic['orders'] ?? {})).toEqual(topicMetricNames)
    expect(perTopic['visits']).toMatchObject({ 'record-send-total': 1 })
    const bytesTotal = (perTopic['orders']?.['byte-total'] ?? 0) + (perTopic['visits']?.['byte-total'] ?? 0)
    expect(bytesTotal, 'what went over the wire is more').toBeLessThan(all['outgoing-byte-total'])
    expect(all['batch-size-avg']).toBe(bytesTotal / 2)
    expect(all['record-size-avg']).toBe(bytesTotal / 10)
    expect(nodes['1']).toMatchObject({ 'request-total': nodes['1']?.['response-total'] })
    expect((nodes['1']?.['request-total'] ?? 0) + (nodes['-1']?.['request-total'] ?? 0)).toBe(all['request-total'])
  })

  test('measures latency from the request to its answer', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 500 }))
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const { producer: all, nodes } = producer.metrics()
    expect(all['request-latency-max']).toBeGreaterThanOrEqual(500)
    expect(all['request-latency-max']).toBeLessThan(510)
    expect(all['request-latency-avg']).toBeLessThan(300)
    expect(nodes['1']?.['request-latency-max']).toBe(all['request-latency-max'])
    expect(nodes['-1']?.['request-latency-max'], 'it was asked for metadata only').toBe(NaN)
  })

  test('counts what is sent again as sent twice, and as one retry', async () => {
    const world = new World()
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? refuseProduce(request, NOT_LEADER_OR_FOLLOWER) : undefined,
    )
    const producer = world.producer()
    await world.until(producer.sendAll([1, 2, 3].map((value) => ({ topic: 't', value: `${value}` }))))
    const { producer: all, topics } = producer.metrics()
    expect(all).toMatchObject({ 'record-retry-total': 3, 'record-send-total': 6, 'record-error-total': 0 })
    expect(topics['t']).toMatchObject({ 'record-retry-total': 3 })
  })

  test('counts records that fail, whether a broker refused them or they never left', async () => {
    const world = new World()
    world.onRequest(produce, (request) => refuseProduce(request, UNKNOWN_SERVER_ERROR))
    const producer = world.producer({ maxBlockMs: 1000, allowAutoTopicCreation: false, retries: 1 })
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    await world.failureOf(producer.send({ topic: 'none', value: 'v' }))
    producer.produce({ topic: 't', value: 'without a callback' })
    await world.until(producer.flush())
    const { producer: all, topics } = producer.metrics()
    expect(all['record-error-total']).toBe(3)
    expect(all['record-error-rate']).toBeGreaterThan(0)
    expect(topics['t']?.['record-error-total']).toBe(2)
    expect(topics['none']?.['record-error-total']).toBe(1)
  })

  test('counts records that are taken back, whether they waited or were in a batch, each once', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    void world.watch(producer.send({ topic: 't', value: 'in flight' }))
    await world.pass(10)
    const abort = new AbortController()
    const aborted = world.watch(producer.send({ topic: 't', value: 'aborted', ttlMs: 100 }, { signal: abort.signal }))
    const late = ['t', 'unknown'].map((topic) => world.watch(producer.send({ topic, value: 'late', ttlMs: 100 })))
    await world.pass(10)
    abort.abort()
    await world.pass(1000)
    expect([aborted, ...late].map((outcome) => outcome().state)).toEqual(['rejected', 'rejected', 'rejected'])
    const { producer: all, topics } = producer.metrics()
    expect(all['record-error-total']).toBe(3)
    expect(topics['t']?.['record-error-total']).toBe(2)
    expect(topics['unknown']?.['record-error-total']).toBe(1)
  })

  test.each<[string, (producer: Producer, record: ProducerRecord) => Promise<unknown>]>([
    ['send()', (producer, record) => producer.send(record)],
    ['send() with a signal', (producer, record) => producer.send(record, { signal: new AbortController().signal })],
    ['produce()', (producer, record) => new Promise((resolve) => producer.produce(record, resolve))],
    ['acks()', (producer, record) => producer.acks([record]).next()],
  ])('counts records that %s refuses, with a serializer and without', async (_way, send) => {
    const world = new World()
    const wrong = { topic: 't', partition: -1, value: 'v' }
    for (const keySerializer of [undefined, serializers.string, async (key: Payload) => Promise.resolve(key)]) {
      const producer = world.producer({ keySerializer: unchecked(keySerializer) })
      await world.until(send(producer, { ...wrong, key: 'k' }).catch(() => {}))
      expect(producer.metrics().producer['record-error-total']).toBe(1)
    }
  })

  test('tells how long records found the buffer full, and how many never found room', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 65_536, maxBlockMs: 2000 })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 5000 }))
    const outcomes = Array.from({ length: 4 }, () =>
      world.watch(producer.send({ topic: 't', value: Buffer.alloc(60_000) })),
    )
    await world.pass(1000)
    expect(producer.metrics().producer).toMatchObject({ 'waiting-threads': 3, 'buffer-exhausted-total': 0 })
    expect(producer.metrics().producer['buffer-available-bytes']).toBeLessThan(70_000)
    await world.untilTrue(() => outcomes.every((outcome) => outcome().state !== 'pending'))
    await world.until(producer.flush())
    await world.until(producer.drained())
    const { producer: all } = producer.metrics()
    expect(outcomes.filter((outcome) => outcome().state === 'rejected')).toHaveLength(3)
    expect(all).toMatchObject({ 'waiting-threads': 0, 'buffer-exhausted-total': 3, 'record-error-total': 3 })
    expect(all['bufferpool-wait-time-ns-total']).toBeGreaterThanOrEqual(2e9)
    expect(all['bufferpool-wait-ratio']).toBeGreaterThan(0.05)
    expect(all['bufferpool-wait-ratio']).toBeLessThan(0.5)
  })

  test('tells that the buffer is full while it is, and never that it was so for longer than there was time', async () => {
    const world = new World()
    const producer = world.producer({
      bufferMemory: 1_200_000,
      maxBlockMs: 100_000,
      requestTimeoutMs: 100_000,
    })
    await world.until(producer.send({ topic: 't', value: 'warm' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 80_000 } : undefined))
    void world.watch(producer.send({ topic: 't', value: Buffer.alloc(900_000) }))
    void world.watch(producer.send({ topic: 't', value: Buffer.alloc(500_000) }))
    const waitRatio = (): number => producer.metrics().producer['bufferpool-wait-ratio']
    await world.pass(70_000)
    expect(waitRatio()).toBeGreaterThan(0.99)
    await world.pass(20_000)
    expect(waitRatio()).toBeGreaterThan(0.5)
    expect(waitRatio()).toBeLessThanOrEqual(1)
    await world.pass(60_000)
    expect(waitRatio()).toBe(0)
  })

  test('tells how far compression brings batches down', async () => {
    const world = new World()
    const producer = world.producer({ compressionType: 'gzip' })
    await world.until(producer.send({ topic: 't', value: 'x'.repeat(10_000) }))
    const { producer: all, topics } = producer.metrics()
    expect(all['compression-rate-avg']).toBeLessThan(0.5)
    expect(topics['t']?.['compression-rate']).toBe(all['compression-rate-avg'])
    expect(all['batch-size-max']).toBe(topics['t']?.['byte-total'])
  })

  test('counts connections that are made and lost', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const before = producer.metrics().producer
    await world.until(producer.send({ topic: 't', value: 'v' }))
    const after = producer.metrics().producer
    const closed = after['connection-close-total'] - before['connection-close-total']
    expect(closed, "the broker's, and the bootstrap server's with the metadata that follows").toBe(2)
    expect(after['connection-creation-total'] - before['connection-creation-total']).toBe(1)
    expect(after['connection-count']).toBe(1)
  })

  test('tells of what is missing as NaN, which JSON has as null', () => {
    const { producer: all } = new World().producer().metrics()
    expect(all['metadata-age']).toBe(NaN)
    expect(JSON.parse(JSON.stringify(all))).toMatchObject({ 'request-latency-avg': null, 'record-send-total': 0 })
  })
})

test('readings are all values of a snapshot, each with what it is of', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.send({ topic: 't', value: 'v' }))
  const metrics = producer.metrics()
  const readings = metricReadings(metrics)
  expect(readings).toContainEqual({ name: 'record-send-total', value: 1, scope: 'producer', of: '' })
  expect(readings).toContainEqual({ name: 'record-send-total', value: 1, scope: 'topic', of: 't' })
  const requestTotal = metrics.nodes['1']?.['request-total']
  expect(readings).toContainEqual({ name: 'request-total', value: requestTotal, scope: 'node', of: '1' })
  const { producer: all, topics, nodes } = metrics
  const groups: object[] = [all, ...Object.values(topics), ...Object.values(nodes)]
  const values = groups.flatMap((group) => Object.values(group) as unknown[])
  expect(readings.map(({ value }) => value)).toEqual(values)
})
