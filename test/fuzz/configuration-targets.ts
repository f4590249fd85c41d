import assert from 'node:assert/strict'
import { KafkaError, Producer } from '@linger/producer'
import * as fc from 'fast-check'
import { parseHostPort } from '../../packages/producer/src/config/bootstrap-servers.ts'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { type FuzzTarget, fuzzTarget } from './fuzz-target.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

function isInvalidConfig(error: unknown): boolean {
  return error instanceof KafkaError && error.code === 'INVALID_CONFIG' && error.outcome === 'never'
}

/** It connects to nothing before it is used. */
async function makeProducer(config: object): Promise<void> {
  await new Producer(unchecked({ logger: quiet, ...config })).close()
}

/** Text that is nearly a list of servers. */
const servers = fc.oneof(
  fc.string({ maxLength: 500 }),
  fc
    .array(fc.constantFrom('broker', '[', ']', '::1', ':', '9092', '65536', ',', ' ', '%', '0', '.', 'é', '\n'))
    .map((parts) => parts.join('')),
)

const bootstrapServers = fuzzTarget('configuration: bootstrapServers', {
  inputs: fc.oneof(servers, fc.array(servers), fc.anything()),
  read: async (given) => makeProducer({ bootstrapServers: given }),
  isRefusal: isInvalidConfig,
})

const hostPort = fuzzTarget('host:port', {
  inputs: servers,
  read: (text) => {
    const found = parseHostPort(text)
    if (found === undefined) return
    assert.ok(found.host.length > 0)
    assert.ok(Number.isInteger(found.port) && found.port >= 1 && found.port <= 65_535)
  },
  isRefusal: () => false,
})

const KEYS = `
  clientId acks enableIdempotence transactionalId transactionTimeoutMs lingerMs batchSize bufferMemory
  maxBlockMs maxRequestSize deliveryTimeoutMs requestTimeoutMs retries retryBackoffMs connectionsMaxIdleMs
  maxInFlightRequestsPerConnection metadataRecoveryStrategy partitioner compressionType
  compressionGzipLevel compressionZstdLevel compressionLz4Level securityProtocol ssl sasl logger __proto__
  constructor toString linger.ms
`
  .trim()
  .split(/\s+/)
const plausible = fc.constantFrom('all', 0, 1, -1, 5, 65_536, 2_147_483_647, 'gzip', 'zstd', 'default', true, false)

const settings = fuzzTarget('configuration: settings', {
  inputs: fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string()), fc.oneof(plausible, fc.anything())),
  read: async (given) => makeProducer({ ...given, bootstrapServers: 'a:1' }),
  isRefusal: isInvalidConfig,
})

const mechanism = fc.oneof(fc.constantFrom('PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'), fc.anything())
const SASL_KEYS = ['username', 'password', 'token', 'clientCredentials', 'extensions', 'allowInsecure', 'x']
const sasl = fc.oneof(
  fc.anything(),
  fc
    .tuple(mechanism, fc.dictionary(fc.constantFrom(...SASL_KEYS), fc.anything()))
    .map(([name, more]) => ({ ...more, mechanism: name })),
)
const ssl = fc.oneof(
  fc.anything(),
  fc.dictionary(fc.constantFrom('ca', 'key', 'rejectUnauthorized', 'minVersion', '__proto__'), fc.anything()),
)

const security = fuzzTarget('configuration: ssl and sasl', {
  inputs: fc.record({
    securityProtocol: fc.constantFrom('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'),
    sasl,
    ssl,
  }),
  read: async (given) => makeProducer({ ...given, bootstrapServers: 'a:1' }),
  isRefusal: isInvalidConfig,
})

/** URLs, what looks like them, and where they must not lead. */
const url = fc.oneof(
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
  fc.string(),
  fc
    .array(
      fc.constantFrom('https:', 'http:', 'file:', '//', '/', 'localhost', '127.0.0.1', '@', '\\', ' ', '\t', 'a', '#'),
    )
    .map((parts) => parts.join('')),
)

const tokenEndpoint = fuzzTarget('configuration: URL of a token endpoint', {
  inputs: url,
  read: async (tokenEndpointUrl) => {
    const clientCredentials = { tokenEndpointUrl, allowedUrls: [tokenEndpointUrl], clientId: 'a', clientSecret: 'b' }
    const oauth = { mechanism: 'OAUTHBEARER', clientCredentials }
    await makeProducer({ bootstrapServers: 'a:1', securityProtocol: 'SASL_SSL', sasl: oauth })
    assert.equal(new URL(tokenEndpointUrl).protocol, 'https:', 'a secret goes only where it is encrypted')
  },
  isRefusal: isInvalidConfig,
})

export const configurationTargets: readonly FuzzTarget[] = [
  bootstrapServers,
  hostPort,
  settings,
  security,
  tokenEndpoint,
]
