import { describe, expect, test } from 'vitest'
import { KafkaError } from '../../src/index.ts'
import type { ResolvedConfig } from '../../src/config/producer-config.ts'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { unchecked } from '../world/unchecked.ts'

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const base = { bootstrapServers: 'a:9092', logger: silent }

const resolveAny = (config: unknown): ResolvedConfig => resolveConfig(unchecked(config))

function errorOf(config: unknown): KafkaError {
  try {
    resolveAny(config)
  } catch (error) {
    if (error instanceof KafkaError) return error
    throw error
  }
  throw new Error('it was accepted')
}

describe('what cannot work is one error that names the key and what would be right', () => {
  test.each([
    ['nothing', undefined, /configuration object/],
    ['null', null, /configuration object/],
    ['no bootstrap servers', {}, /bootstrapServers must be 'host:port'.*not undefined/],
    ['an empty list of them', { bootstrapServers: [] }, /bootstrapServers must be/],
    ['only a comma', { bootstrapServers: ',' }, /bootstrapServers must name at least one/],
    ['a server without a port', { bootstrapServers: 'a' }, /'a' is not host:port/],
    ['a port of 0', { bootstrapServers: 'a:0' }, /'a:0' is not host:port with a port from 1 to 65535/],
    ['a port of 65536', { bootstrapServers: 'a:65536' }, /'a:65536' is not/],
    ['a URL', { bootstrapServers: 'http://a:9092' }, /is not host:port/],
    ['an IPv6 address without brackets', { bootstrapServers: '::1:9092' }, /is not host:port/],
    ['a number in the list', { bootstrapServers: ['a:1', 5] }, /bootstrapServers must be.*a list/],
    [
      "Kafka's dotted name",
      { ...base, 'linger.ms': 5 },
      /linger\.ms is not a configuration key: did you mean lingerMs\?/,
    ],
    ['a name without its unit', { ...base, linger: 5 }, /did you mean lingerMs\?/],
    ['a name in the wrong case', { ...base, clientID: 'x' }, /did you mean clientId\?/],
    ['an unknown key', { ...base, brokers: ['a:1'] }, /^brokers is not a configuration key$/],
    ['a key of every object', { ...base, toString: 1 }, /toString is not a configuration key/],
    ['text for a number', { ...base, lingerMs: '5' }, /lingerMs must be an integer from 0 to 2147483647, not '5'/],
    ['half a millisecond', { ...base, lingerMs: 0.5 }, /lingerMs must be an integer/],
    ['NaN', { ...base, lingerMs: Number.NaN }, /lingerMs must be.*not NaN/],
    ['less than nothing', { ...base, batchSize: -1 }, /batchSize must be/],
    ['null for a number', { ...base, batchSize: null }, /batchSize must be.*not null/],
    ['acks 2', { ...base, acks: 2 }, /acks must be 0 or 1 or -1 or 'all', not 2/],
    ['six requests in flight', { ...base, maxInFlightRequestsPerConnection: 6 }, /an integer from 1 to 5, not 6/],
    ['none in flight', { ...base, maxInFlightRequestsPerConnection: 0 }, /an integer from 1 to 5/],
    [
      'an unknown way to recover',
      { ...base, metadataRecoveryStrategy: 'reboot' },
      /metadataRecoveryStrategy must be 'none' or 'rebootstrap', not 'reboot'/,
    ],
    ['an idle time below -1', { ...base, connectionsMaxIdleMs: -2 }, /connectionsMaxIdleMs must be an integer from 1/],
    ['no idle time at all', { ...base, connectionsMaxIdleMs: 0 }, /connectionsMaxIdleMs .* or -1 to keep .*, not 0/],
    [
      'no time to connect',
      { ...base, socketConnectionSetupTimeoutMaxMs: 0 },
      /socketConnectionSetupTimeoutMaxMs must be an integer from 1/,
    ],
    [
      'a time beyond what timers know',
      { ...base, metadataRecoveryRebootstrapTriggerMs: 2 ** 31 },
      /metadataRecoveryRebootstrapTriggerMs must be an integer from 0 to 2147483647/,
    ],
    ['an unknown partitioner', { ...base, partitioner: 'murmur' }, /partitioner must be 'default'.*or a function/],
    [
      'a compression',
      { ...base, compressionType: 'brotli' },
      /compressionType must be 'none' or 'gzip' or .* not 'brotli'/,
    ],
    ['an empty client id', { ...base, clientId: '' }, /clientId must be a string that is not empty/],
    ['1 for true', { ...base, enableIdempotence: 1 }, /enableIdempotence must be true or false, not 1/],
    [
      'half a logger',
      { ...base, logger: { info: () => {} } },
      /logger must be an object with debug, info, warn and error/,
    ],
    [
      'idempotence and acks 1',
      { ...base, enableIdempotence: true, acks: 1 },
      /enableIdempotence needs acks 'all'.*acks 1/,
    ],
    ['idempotence and acks 0', { ...base, enableIdempotence: true, acks: 0 }, /enableIdempotence needs acks 'all'/],
    ['idempotence without retries', { ...base, enableIdempotence: true, retries: 0 }, /retries above 0.*retries 0/],
    [
      'a delivery timeout under linger and request timeout',
      { ...base, deliveryTimeoutMs: 1000, lingerMs: 600, requestTimeoutMs: 500 },
      /deliveryTimeoutMs must be at least lingerMs \+ requestTimeoutMs \(600 \+ 500\), not 1000/,
    ],
    [
      'requests larger than memory',
      { ...base, bufferMemory: 200_000, maxRequestSize: 200_000 },
      /bufferMemory must be at least maxRequestSize \+ 200 \(200200\), not 200000/,
    ],
    ['default memory too small for them', { ...base, maxRequestSize: 2 ** 26 }, /bufferMemory must be/],
  ])('%s', (_name, config, message) => {
    const error = errorOf(config)
    expect(error).toMatchObject({ name: 'KafkaError', code: 'INVALID_CONFIG', outcome: 'never' })
    expect(error.message).toMatch(message)
  })
})

describe('defaults', () => {
  test("are Kafka's, but for linger and batch size", () => {
    expect(resolveConfig(base)).toMatchObject({
      acks: -1,
      enableIdempotence: true,
      lingerMs: 0,
      batchSize: 1_000_000,
      bufferMemory: 33_554_432,
      maxBlockMs: 60_000,
      maxRequestSize: 1_048_576,
      deliveryTimeoutMs: 120_000,
      requestTimeoutMs: 30_000,
      acksTimeoutMs: 30_000,
      retries: 2_147_483_647,
      retryBackoffMs: 100,
      retryBackoffMaxMs: 1_000,
      maxInFlightRequestsPerConnection: 5,
      reconnectBackoffMs: 50,
      reconnectBackoffMaxMs: 1_000,
      socketConnectionSetupTimeoutMs: 10_000,
      socketConnectionSetupTimeoutMaxMs: 30_000,
      connectionsMaxIdleMs: 540_000,
      metadataMaxAgeMs: 300_000,
      metadataMaxIdleMs: 300_000,
      metadataRecoveryStrategy: 'rebootstrap',
      metadataRecoveryRebootstrapTriggerMs: 300_000,
    })
  })

  test.each([{ acks: 0 }, { acks: 1 }, { retries: 0 }] as const)(
    'idempotence gives way to %j, and says so',
    (given) => {
      const warnings: string[] = []
      const logger = { ...silent, warn: (message: string) => void warnings.push(message) }
      expect(resolveConfig({ ...base, ...given, logger }).enableIdempotence).toBe(false)
      expect(warnings.join()).toMatch(/idempotence is off because of (acks|retries)/)
    },
  )

  test('the delivery timeout makes room for a long linger', () => {
    expect(resolveConfig({ ...base, lingerMs: 100_000 }).deliveryTimeoutMs).toBe(130_000)
  })

  test('undefined is the default', () => {
    expect(resolveAny({ ...base, lingerMs: undefined }).lingerMs).toBe(0)
  })
})

test.each([
  ['a:1,b:2', ['a:1', 'b:2']],
  [' a:1 , b:2 ,', ['a:1', 'b:2']],
  [
    ['a:1,b:2', 'c:3'],
    ['a:1', 'b:2', 'c:3'],
  ],
  ['[::1]:9092', ['[::1]:9092']],
  ['127.0.0.1:65535', ['127.0.0.1:65535']],
])('bootstrap servers %j are %j', (bootstrapServers, expected) => {
  expect(resolveConfig({ ...base, bootstrapServers }).bootstrapServers).toEqual(expected)
})
