import { decompress } from '@linger/compression'
import { describe, expect, test } from 'vitest'
import { NodeCompression } from '../../src/ports/node/node-compression.ts'
import type { Compression } from '../../src/ports/compression.ts'
import type { TelemetryMetric } from '../../src/index.ts'
import { TelemetryCounters } from '../../src/telemetry/telemetry-counters.ts'
import { codecAmong, payloadOf } from '../../src/telemetry/telemetry-payload.ts'
import type { TelemetryReading } from '../../src/telemetry/telemetry-reading.ts'
import { DEFAULT_PUSH_INTERVAL_MS, subscriptionFrom } from '../../src/telemetry/telemetry-subscription.ts'
import { jsonTelemetry } from './telemetry-world.ts'

const ZERO = 'AAAAAAAAAAAAAAAAAAAAAA'
const ID = 'someClientInstanceId00'

describe('counters', () => {
  const counter = (value: number, key = 'c'): TelemetryReading => ({
    name: key,
    labels: {},
    key,
    value,
    isCounter: true,
  })

  test('that are new began when all were last looked at', () => {
    const counters = new TelemetryCounters(1_000)
    counters.update([counter(5)], 2_000)
    counters.update([counter(5), counter(7, 'later')], 3_000)
    expect(counters.metricOf(counter(5), true, 3_000)).toMatchObject({ value: 5, startTimeMs: 1_000 })
    expect(counters.metricOf(counter(7, 'later'), true, 3_000)).toMatchObject({ value: 7, startTimeMs: 2_000 })
    expect(counters.metricOf(counter(7, 'later'), false, 3_000)).toMatchObject({ value: 7, startTimeMs: 2_000 })
  })

  test('that were not taken are told again, with what came since', () => {
    const counters = new TelemetryCounters(0)
    counters.update([counter(5), counter(3, 'cut')], 1_000)
    counters.onTaken([counter(5)], 1_000)
    expect(counters.metricOf(counter(6), true, 2_000)).toMatchObject({ value: 1, startTimeMs: 1_000 })
    expect(counters.metricOf(counter(4, 'cut'), true, 2_000)).toMatchObject({ value: 4, startTimeMs: 0 })
  })

  test('that have fallen began anew after they were last told', () => {
    const counters = new TelemetryCounters(0)
    counters.update([counter(5)], 1_000)
    counters.onTaken([counter(5)], 1_000)
    expect(counters.metricOf(counter(2), true, 2_000)).toMatchObject({ value: 2, startTimeMs: 1_000 })
    expect(counters.metricOf(counter(2), false, 2_000)).toMatchObject({ value: 2, startTimeMs: 1_000 })
    counters.onTaken([counter(2)], 2_000)
    expect(counters.metricOf(counter(9), false, 3_000), 'and since then').toMatchObject({ startTimeMs: 1_000 })
  })

  test('that were gone and are back are new', () => {
    const counters = new TelemetryCounters(0)
    counters.update([counter(5)], 1_000)
    counters.onTaken([counter(5)], 1_000)
    counters.update([], 2_000)
    counters.update([counter(6)], 3_000)
    expect(counters.metricOf(counter(6), true, 3_000)).toMatchObject({ value: 6, startTimeMs: 2_000 })
  })

  test('and gauges, which are as they are', () => {
    const gauge = { ...counter(5), isCounter: false }
    const counters = new TelemetryCounters(0)
    counters.update([gauge], 1_000)
    counters.onTaken([gauge], 1_000)
    expect(counters.metricOf(gauge, true, 2_000)).toEqual({
      name: 'c',
      labels: {},
      kind: 'gauge',
      value: 5,
      startTimeMs: 2_000,
      timeMs: 2_000,
    })
  })
})

describe('a payload', () => {
  const metrics = Array.from({ length: 50 }, (_, index): TelemetryMetric => ({
    name: `org.apache.kafka.producer.some.metric.${index}`,
    labels: { topic: 'orders' },
    kind: 'gauge',
    value: index,
    startTimeMs: 0,
    timeMs: 0,
  }))
  const options = { encoder: jsonTelemetry, labels: {}, codec: undefined, maxBytes: Infinity }
  const sizeOf = (count: number): number => jsonTelemetry.encode(metrics.slice(0, count), {}).length

  test('has all metrics where they fit, to the byte', () => {
    expect(payloadOf(metrics, { ...options, maxBytes: sizeOf(50) })).toMatchObject({ count: 50, compressionType: 0 })
    expect(payloadOf(metrics, { ...options, maxBytes: sizeOf(50) - 1 }).count).toBeLessThan(50)
  })

  test('has the first of them where they do not', () => {
    const maxBytes = sizeOf(20)
    const { bytes, count } = payloadOf(metrics, { ...options, maxBytes })
    expect(count).toBeGreaterThan(10)
    expect(count).toBeLessThanOrEqual(20)
    expect(bytes.length).toBeLessThanOrEqual(maxBytes)
    expect(JSON.parse(Buffer.from(bytes).toString())).toMatchObject({ metrics: metrics.slice(0, count) })
  })

  test.each([-1, 0, 10])('has none of them where there is room for %i bytes', (maxBytes) => {
    expect(payloadOf(metrics, { ...options, maxBytes })).toMatchObject({ count: 0, bytes: new Uint8Array() })
  })

  test('counts against the limit before it is compressed', () => {
    const codec = codecAmong([1], new NodeCompression())
    expect(payloadOf(metrics, { ...options, codec, maxBytes: sizeOf(50) - 1 }).count).toBeLessThan(50)
  })

  test.each([
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
  ] as const)('is compressed by %s', (name, type) => {
    const payload = payloadOf(metrics, { ...options, codec: codecAmong([type], new NodeCompression()) })
    expect(payload.compressionType).toBe(type)
    const read = decompress(name, payload.bytes, { maxBytes: 100_000 })
    expect(read).toEqual(jsonTelemetry.encode(metrics, {}))
  })

  test('is sent as it is where compression makes it longer, or fails', () => {
    const codec = codecAmong([1], new NodeCompression())
    const short = { encode: () => Buffer.from('x') }
    expect(payloadOf(metrics, { ...options, encoder: short, codec })).toMatchObject({ compressionType: 0 })
    const broken = codec && { ...codec, compressSync: () => undefined }
    expect(payloadOf(metrics, { ...options, codec: broken })).toMatchObject({ compressionType: 0, count: 50 })
  })
})

describe('the compression', () => {
  const installed = new NodeCompression()
  const without = (...missing: readonly string[]): Compression => ({
    codecFor: (name, level) => {
      if (missing.includes(name)) throw new Error(`${name} is not installed`)
      return installed.codecFor(name, level)
    },
  })

  test('is the one that the broker likes best', () => {
    expect(codecAmong([3, 1], installed)?.id).toBe(3)
  })

  test('is the next one where a package is missing, or the number is not known', () => {
    expect(codecAmong([99, 4, 3, 1], without('zstd', 'lz4'))?.id).toBe(1)
  })

  test('is the next one where a library compresses in threads only', () => {
    const threads: Compression = {
      codecFor: (name, level) => {
        const codec = installed.codecFor(name, level)
        return name === 'zstd' ? { ...codec, compressSync: undefined } : codec
      },
    }
    expect(codecAmong([4, 1], threads)?.id).toBe(1)
  })

  test('is none where none is left', () => {
    expect([codecAmong([], installed), codecAmong([4], without('zstd'))]).toEqual([undefined, undefined])
  })
})

describe('a subscription', () => {
  const response = {
    throttleTimeMs: 0,
    errorCode: 0,
    clientInstanceId: ID,
    subscriptionId: 7,
    acceptedCompressionTypes: [],
    pushIntervalMs: 1_000,
    telemetryMaxBytes: 100,
    deltaTemporality: true,
    requestedMetrics: ['*'],
  }

  test.each([
    [0, DEFAULT_PUSH_INTERVAL_MS],
    [-1, DEFAULT_PUSH_INTERVAL_MS],
    [1, 100],
    [100, 100],
    [101, 101],
  ])('with an interval of %i ms has one of %i ms', (pushIntervalMs, expected) => {
    expect(subscriptionFrom({ ...response, pushIntervalMs }, undefined)?.pushIntervalMs).toBe(expected)
  })

  test('without an id is for who has one already', () => {
    const nameless = { ...response, clientInstanceId: ZERO }
    expect(subscriptionFrom(nameless, ID)?.clientInstanceId).toBe(ID)
    expect(subscriptionFrom(nameless, undefined)).toBeUndefined()
  })
})
