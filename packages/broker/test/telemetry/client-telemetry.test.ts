import { compressionCodecFor } from '@linger/compression'
import {
  apiVersions,
  getTelemetrySubscriptions,
  type GetTelemetrySubscriptionsResponse,
  pushTelemetry,
  type PushTelemetryRequest,
  ZERO_UUID,
} from '@linger/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { TestClient } from '../test-client.ts'

const INTERVAL_MS = 10_000
const METRICS = Buffer.from('metrics in protobuf')

let client: TestClient

beforeEach(() => {
  client = new TestClient({ clientTelemetry: true, telemetryMaxBytes: 100 })
  client.cluster.clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: INTERVAL_MS })
})

function ask(clientInstanceId: string = ZERO_UUID): GetTelemetrySubscriptionsResponse {
  return client.call(getTelemetrySubscriptions, 0, { clientInstanceId })
}

/** The error code of a push under what was answered to a question. */
function push(
  { clientInstanceId, subscriptionId }: GetTelemetrySubscriptionsResponse,
  changed: Partial<PushTelemetryRequest> = {},
): number {
  const request = { clientInstanceId, subscriptionId, terminating: false, compressionType: 0, metrics: METRICS }
  return client.call(pushTelemetry, 0, { ...request, ...changed }).errorCode
}

describe('GetTelemetrySubscriptions', () => {
  test('is told of only where clients may push metrics', () => {
    const isTold = (one: TestClient): boolean =>
      one
        .call(apiVersions, 3, { clientSoftwareName: 'test', clientSoftwareVersion: '1' })
        .apiKeys.some(({ apiKey }) => apiKey === getTelemetrySubscriptions.apiKey)
    expect([isTold(new TestClient()), isTold(client)]).toEqual([false, true])
  })

  test('gives a client an id, and says what is wanted of it', () => {
    const answer = ask()
    expect(answer).toMatchObject({
      errorCode: ErrorCode.NONE,
      acceptedCompressionTypes: [4, 3, 1, 2],
      pushIntervalMs: INTERVAL_MS,
      telemetryMaxBytes: 100,
      deltaTemporality: true,
      requestedMetrics: ['*'],
    })
    expect(answer.clientInstanceId).not.toBe(ZERO_UUID)
    client.ports.pass(INTERVAL_MS)
    expect(ask(answer.clientInstanceId).clientInstanceId).toBe(answer.clientInstanceId)
  })

  test('joins what several subscriptions want: the shortest interval, and all if one wants all', () => {
    const { clientMetrics } = client.cluster
    clientMetrics.subscribe('all', { metrics: ['org.apache.kafka.producer.'], intervalMs: 20_000 })
    clientMetrics.subscribe('some', { metrics: ['org.apache.kafka.'], intervalMs: 5_000 })
    expect(ask()).toMatchObject({
      requestedMetrics: ['org.apache.kafka.producer.', 'org.apache.kafka.'],
      pushIntervalMs: 5_000,
    })
    clientMetrics.subscribe('rest', { metrics: ['*'], intervalMs: 30_000 })
    expect(ask()).toMatchObject({ requestedMetrics: ['*'], pushIntervalMs: 5_000 })
    for (const name of ['all', 'some', 'rest']) clientMetrics.unsubscribe(name)
    expect(ask()).toMatchObject({ requestedMetrics: [], pushIntervalMs: 300_000 })
  })

  test('refuses who asks before the interval is over, unless something else is wanted by then', () => {
    const { clientInstanceId } = ask()
    client.ports.pass(INTERVAL_MS - 1)
    expect(ask(clientInstanceId).errorCode).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    client.cluster.clientMetrics.subscribe('more', { metrics: ['*'], intervalMs: INTERVAL_MS })
    expect(ask(clientInstanceId).errorCode).toBe(ErrorCode.NONE)
  })
})

describe('PushTelemetry', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const)('takes metrics compressed by %s', (type) => {
    const codec = type === 'none' ? undefined : compressionCodecFor(type)
    const metrics = codec?.compressSync?.([METRICS]) ?? METRICS
    const asked = ask()
    expect(push(asked, { metrics, compressionType: codec?.id ?? 0 })).toBe(ErrorCode.NONE)
    expect(client.cluster.clientMetrics.pushed).toMatchObject([
      { nodeId: 1, clientInstanceId: asked.clientInstanceId, terminating: false, compressionType: codec?.id ?? 0 },
    ])
    expect(Buffer.from(client.cluster.clientMetrics.pushed[0]?.metrics ?? [])).toEqual(METRICS)
  })

  test('is taken once an interval, the first time at any time, and at the end at once', () => {
    const asked = ask()
    expect(push(asked)).toBe(ErrorCode.NONE)
    client.ports.pass(INTERVAL_MS - 1)
    expect(push(asked)).toBe(ErrorCode.THROTTLING_QUOTA_EXCEEDED)
    client.ports.pass(1)
    expect(push(asked)).toBe(ErrorCode.NONE)
    expect(push(asked, { terminating: true })).toBe(ErrorCode.NONE)
    client.ports.pass(INTERVAL_MS)
    expect(push(asked), 'after the end').toBe(ErrorCode.INVALID_REQUEST)
    expect(client.cluster.clientMetrics.pushed.map(({ terminating }) => terminating)).toEqual([false, false, true])
  })

  test.each<[string, Partial<PushTelemetryRequest>, number]>([
    ['no client instance id', { clientInstanceId: ZERO_UUID }, ErrorCode.INVALID_REQUEST],
    ['an old subscription', { subscriptionId: 4711 }, ErrorCode.UNKNOWN_SUBSCRIPTION_ID],
    ['a compression that is none', { compressionType: 5 }, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
    ['more bytes than allowed', { metrics: Buffer.alloc(101) }, ErrorCode.TELEMETRY_TOO_LARGE],
    ['bytes that are not compressed as they say', { compressionType: 1 }, ErrorCode.INVALID_RECORD],
  ])('with %s is refused', (_, changed, errorCode) => {
    expect(push(ask(), changed)).toBe(errorCode)
    expect(client.cluster.clientMetrics.pushed).toEqual([])
  })

  test('of as many bytes as allowed is taken', () => {
    expect(push(ask(), { metrics: Buffer.alloc(100) })).toBe(ErrorCode.NONE)
  })

  test("under another client's subscription is refused", () => {
    const { clientInstanceId } = ask()
    expect(push(ask(), { clientInstanceId })).toBe(ErrorCode.UNKNOWN_SUBSCRIPTION_ID)
  })

  test('under an old subscription may be followed by a question at once', () => {
    const asked = ask()
    push(asked, { subscriptionId: 4711 })
    expect(ask(asked.clientInstanceId).errorCode).toBe(ErrorCode.NONE)
  })

  test('fails when a fault says so, and its question too', () => {
    const asked = ask()
    client.cluster.faults.push({ api: 'PushTelemetry' }, { kind: 'error', errorCode: ErrorCode.INVALID_RECORD })
    client.cluster.faults.push({ api: 'GetTelemetrySubscriptions' }, { kind: 'error', errorCode: 42 })
    expect([push(asked), ask().errorCode]).toEqual([ErrorCode.INVALID_RECORD, 42])
    expect(push(asked)).toBe(ErrorCode.NONE)
  })
})
