import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer, type TelemetryMetric } from '@linger/producer'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { otlpTelemetry } from '../src/index.ts'
import { readMetricsData } from './read-metrics-data.ts'

const START_MS = 1_767_225_600_123
const TIME_MS = 1_767_225_660_456
const NANOSECONDS = 1_000_000n

const counter: TelemetryMetric = {
  name: 'org.apache.kafka.producer.topic.record.send.total',
  labels: { topic: 'orders' },
  kind: 'delta',
  value: 7,
  startTimeMs: START_MS,
  timeMs: TIME_MS,
}

describe('otlpTelemetry', () => {
  const { encode } = otlpTelemetry(ProtobufMetricsSerializer)

  test.each([
    ['delta', 'sum', 1, true],
    ['cumulative', 'sum', 2, true],
    ['gauge', 'gauge', undefined, undefined],
  ] as const)('writes MetricsData with a %s', (kind, written, temporality, isMonotonic) => {
    const { points, labels } = readMetricsData(encode([{ ...counter, kind }], { transactional_id: 'orders-1' }))
    expect(labels).toEqual({ transactional_id: 'orders-1' })
    expect(points).toEqual([
      {
        name: 'org.apache.kafka.producer.topic.record.send.total',
        kind: written,
        temporality,
        isMonotonic,
        attributes: { topic: 'orders' },
        value: 7,
        startTime: BigInt(START_MS) * NANOSECONDS,
        time: BigInt(TIME_MS) * NANOSECONDS,
      },
    ])
  })

  test.each([0, -1.5, 0.1, 2 ** 53, 1e300])('writes the value %f', (value) => {
    expect(readMetricsData(encode([{ ...counter, value }], {})).points).toMatchObject([{ value }])
  })

  test('writes a metric of several topics once, with a point for each', () => {
    const metrics = ['a', 'b', 'c'].map((topic) => ({ ...counter, labels: { topic } }))
    const together = encode(metrics, {})
    expect(readMetricsData(together).points.map(({ attributes }) => attributes['topic'])).toEqual(['a', 'b', 'c'])
    expect(Buffer.from(together).toString('latin1').split(counter.name)).toHaveLength(2)
  })

  test('writes no bytes for no metrics', () => {
    expect(encode([], { transactional_id: 'orders-1' })).toEqual(new Uint8Array())
  })

  test('fails where the serializer does', () => {
    const broken = otlpTelemetry({ serializeRequest: () => undefined })
    expect(() => broken.encode([counter], {})).toThrow('the serializer of OpenTelemetry gave no bytes')
  })
})

describe('a producer with it', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker({ topics: [{ name: 'orders', partitions: 1 }], clientTelemetry: true })
    broker.broker.cluster.clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: 100 })
  })
  afterAll(() => broker.close())

  test('pushes to brokers what it counts', async () => {
    const { pushed } = broker.broker.cluster.clientMetrics
    const producer = new Producer({
      bootstrapServers: broker.bootstrapServers,
      telemetry: otlpTelemetry(ProtobufMetricsSerializer),
    })
    for (let count = 0; count < 3; count++) await producer.send({ topic: 'orders', value: 'tea' })
    await vi.waitFor(() => expect(pushed).not.toEqual([]), { timeout: 30_000 })
    await producer.send({ topic: 'orders', value: 'tea' })
    const id = await producer.clientInstanceId()
    await producer.close()
    expect(pushed.at(-1)).toMatchObject({ clientInstanceId: id, terminating: true, compressionType: 4 })
    const counts = pushed.flatMap(({ metrics }) =>
      readMetricsData(metrics).points.filter(({ name }) => name === counter.name),
    )
    expect(counts.reduce((sum, { value }) => sum + value, 0)).toBe(4)
    expect(counts[0]).toMatchObject({ kind: 'sum', temporality: 1, attributes: { topic: 'orders' } })
  })
})
