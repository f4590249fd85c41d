import { once } from 'node:events'
import { createServer } from 'node:tls'
import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { KafkaError, Producer, type SaslOptions, type TlsOptions } from '../../src/index.ts'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { World } from '../world/world.ts'
import { CertificateAuthority, type Certificate } from './certificates.ts'
import { listenWithSasl, type SaslServer } from './sasl-listener.ts'
import { scramServer } from './scram-server.ts'
import { expectNoSecret } from './shown.ts'

const CANARY = 'canary-of-secrets'

const url = 'https://login.example.com/token'
const clientCredentials = { tokenEndpointUrl: url, allowedUrls: [url], clientId: 'orders', clientSecret: CANARY }
const mechanisms: [string, SaslOptions][] = [
  ['PLAIN', { mechanism: 'PLAIN', username: 'orders', password: CANARY }],
  ['PLAIN', { mechanism: 'PLAIN', username: 'orders', password: () => CANARY }],
  ['SCRAM-SHA-256', { mechanism: 'SCRAM-SHA-256', username: 'orders', password: CANARY }],
  ['SCRAM-SHA-512', { mechanism: 'SCRAM-SHA-512', username: 'orders', password: () => Promise.resolve(CANARY) }],
  ['OAUTHBEARER', { mechanism: 'OAUTHBEARER', token: () => ({ value: CANARY }) }],
  ['OAUTHBEARER', { mechanism: 'OAUTHBEARER', clientCredentials }],
]
const ssl = { key: CANARY, passphrase: CANARY }

const printed: string[] = []
for (const method of ['debug', 'info', 'warn', 'error', 'log', 'trace'] as const) {
  vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(inspect(args)))
}
afterEach(() => void (printed.length = 0))

/** What a broker says to each token. Nonsense is what it was told. */
const BROKERS: readonly (readonly [does: string, server: (mechanism: string) => SaslServer])[] = [
  ['refuses', () => () => ({ kind: 'refused', message: 'no' })],
  ['says nonsense to', () => (token) => ({ kind: 'challenge', token })],
  ['says nothing more to', () => () => ({ kind: 'challenge', token: Buffer.alloc(0) })],
  [
    'believes',
    (mechanism) => {
      if (!mechanism.startsWith('SCRAM')) return () => ({ kind: 'accepted' })
      return scramServer({
        hash: mechanism === 'SCRAM-SHA-256' ? 'sha256' : 'sha512',
        username: 'orders',
        password: CANARY,
      })
    },
  ],
]

/** What a token endpoint answers. */
const ENDPOINTS: readonly (readonly [does: string, status: number, body: string])[] = [
  ['gives a token', 200, `{"access_token":"${CANARY}","expires_in":60}`],
  ['refuses', 401, `{"error":"${CANARY}"}`],
  ['says nonsense', 200, `<html>${CANARY}`],
]

describe.each(ENDPOINTS)('S2: no secret is anywhere, where the token endpoint %s and', (_does, status, body) => {
  describe.each(BROKERS)('a broker %s', (_what, server) => {
    test.each(mechanisms)('%s', async (mechanism, sasl) => {
      const world = new World()
      listenWithSasl(world, { mechanism, server: () => server(mechanism), sessionLifetimeMs: 2_000 })
      world.http = { post: () => Promise.resolve({ status, body: Buffer.from(body) }) }
      const times = { requestTimeoutMs: 500, deliveryTimeoutMs: 1_000, maxBlockMs: 1_000 }
      const config = { securityProtocol: 'SASL_SSL', ssl, sasl, socketConnectionSetupTimeoutMs: 500, ...times } as const
      const producer = world.producer(config)
      const outcomes = [
        world.watch(producer.connect({ timeoutMs: 1_000 })),
        world.watch(producer.send({ topic: 't', value: 'v' })),
        world.watch(producer.partitionsFor('t')),
      ]
      await world.pass(3_000) // a session ends, and is renewed
      outcomes.push(world.watch(producer.send({ topic: 't', value: 'v' })))
      world.host(1).reset()
      await world.pass(3_000)
      await world.until(producer.close({ timeoutMs: 0 }))
      expect(outcomes.map((outcome) => outcome().state)).not.toContain('pending')
      expectNoSecret(CANARY, ...outcomes.map((outcome) => outcome()), producer, world.logged, printed)
      for (const outcome of outcomes) {
        const settled = outcome()
        if (settled.state === 'rejected') expectNoSecret(CANARY, settled.error)
      }
    })
  })
})

test.each(mechanisms)('S2: no secret is in the resolved configuration of %s', (_mechanism, sasl) => {
  const config = { bootstrapServers: 'a:1', securityProtocol: 'SASL_SSL', ssl, sasl } as const
  const resolved = resolveConfig(config)
  expectNoSecret(CANARY, resolved)
  const { sasl: kept } = resolved
  if (kept !== undefined && 'password' in kept && typeof kept.password === 'string') {
    expect(kept.password, 'for who asks for it').toBe(CANARY)
  }
})

describe('S2: no part of a private key or its passphrase is anywhere, when', () => {
  let authority: CertificateAuthority
  let server: ReturnType<typeof createServer>
  let own: Certificate
  let port: number
  beforeAll(async () => {
    authority = new CertificateAuthority('linger test authority')
    own = authority.sign('orders', { names: 'DNS:orders' })
    const options = { ...authority.sign('localhost', { names: 'DNS:localhost' }), ca: authority.cert }
    server = createServer({ ...options, requestCert: true, rejectUnauthorized: true }, (socket) => socket.end())
    server.on('tlsClientError', () => {})
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    port = address !== null && typeof address === 'object' ? address.port : 0
  })
  afterAll(() => {
    server.close()
    authority.remove()
  })

  const cases: [string, () => TlsOptions][] = [
    ['all is right and the broker hangs up', () => ({ ca: authority.cert, ...own })],
    ['the key is for another certificate', () => ({ ca: authority.cert, cert: authority.cert, key: own.key })],
    ['the broker is not to be trusted', () => ({ ...own })],
    ['the key is cut', () => ({ ca: authority.cert, cert: own.cert, key: own.key.slice(0, 120) })],
    ['certificate and key are swapped', () => ({ ca: authority.cert, cert: own.key, key: own.cert })],
    ['the key is no key', () => ({ ca: authority.cert, cert: own.cert, key: CANARY, passphrase: CANARY })],
    ['the file of both is none', () => ({ ca: authority.cert, pfx: Buffer.from(CANARY), passphrase: CANARY })],
  ]
  test.each(cases)('%s', async (_case, options) => {
    const logged: string[] = []
    const log = (message: string): void => void logged.push(message)
    const producer = new Producer({
      bootstrapServers: `localhost:${port}`,
      securityProtocol: 'SSL',
      ssl: options(),
      logger: { debug: log, info: log, warn: log, error: log },
      socketConnectionSetupTimeoutMs: 5_000,
    })
    const error: unknown = await producer.connect({ timeoutMs: 3_000 }).catch((reason: unknown) => reason)
    await producer.close({ timeoutMs: 0 })
    expect(error).toBeInstanceOf(KafkaError)
    const [, line = ''] = own.key.split('\n')
    expect(line.length).toBeGreaterThan(30)
    for (const secret of [CANARY, line]) expectNoSecret(secret, error, producer, logged, printed)
  })
})

test.each([
  ['an error', () => new Error('refused', { cause: new Error(`the password ${CANARY}`) })],
  ['bytes', () => ({ token: Buffer.from(`xx${CANARY}`) })],
  ['a header', () => `Basic ${Buffer.from(`orders:${CANARY}`).toString('base64')}`],
  ['a property', () => ({ deep: { er: new Map([[1, { secret: CANARY }]]) } })],
])('S2: a secret that were in %s would be found', (_where, value) => {
  expect(() => expectNoSecret(CANARY, value())).toThrow('not to contain')
})
