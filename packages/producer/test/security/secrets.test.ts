import { inspect } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SaslOptions } from '../../src/index.ts'
import { World } from '../world/world.ts'
import { listenWithSasl } from './sasl-listener.ts'

const CANARY = 'canary-of-secrets'

/** A secret in each form in which it may be on its way. */
const FORMS = [
  CANARY,
  Buffer.from(CANARY).toString('base64').slice(0, 20),
  Buffer.from(CANARY).toString('hex'),
  'Q2FuYXJ5',
]

const url = 'https://login.example.com/token'
const mechanisms: [string, SaslOptions][] = [
  ['PLAIN', { mechanism: 'PLAIN', username: 'orders', password: CANARY }],
  ['PLAIN', { mechanism: 'PLAIN', username: 'orders', password: () => CANARY }],
  ['SCRAM-SHA-256', { mechanism: 'SCRAM-SHA-256', username: 'orders', password: CANARY }],
  ['SCRAM-SHA-512', { mechanism: 'SCRAM-SHA-512', username: 'orders', password: () => Promise.resolve(CANARY) }],
  ['OAUTHBEARER', { mechanism: 'OAUTHBEARER', token: () => ({ value: CANARY }) }],
  [
    'OAUTHBEARER',
    {
      mechanism: 'OAUTHBEARER',
      clientCredentials: { tokenEndpointUrl: url, allowedUrls: [url], clientId: 'orders', clientSecret: CANARY },
    },
  ],
]

const printed: string[] = []
for (const method of ['debug', 'info', 'warn', 'error', 'log'] as const) {
  vi.spyOn(console, method).mockImplementation((...args: unknown[]) => void printed.push(inspect(args)))
}
afterEach(() => void (printed.length = 0))

function expectNoSecret(shown: string): void {
  for (const form of FORMS) expect(shown).not.toContain(form)
}

describe('S2: no secret is in an error, a log or a producer', () => {
  test.each(mechanisms)('when a broker refuses %s', async (mechanism, sasl) => {
    const world = new World()
    listenWithSasl(world, { mechanism, server: () => () => ({ kind: 'refused', message: 'no' }) })
    world.http = { post: () => Promise.resolve({ status: 200, body: Buffer.from(`{"access_token":"${CANARY}"}`) }) }
    const producer = world.producer({ securityProtocol: 'SASL_SSL', ssl: { key: CANARY, passphrase: CANARY }, sasl })
    const errors = [
      await world.failureOf(producer.connect()),
      await world.failureOf(producer.send({ topic: 't', value: 'v' })),
    ]
    await world.until(producer.close({ timeoutMs: 0 }))
    const shown = [errors, errors.map(String), producer, world.logged, printed].map((one) =>
      inspect(one, { depth: Infinity, showHidden: true, maxStringLength: Infinity }),
    )
    expectNoSecret(shown.join('\n'))
    expect(shown.join('\n')).toContain('SASL_AUTHENTICATION_FAILED')
  })

  test.each(mechanisms)('when a broker says nonsense to %s', async (mechanism, sasl) => {
    const world = new World()
    // It says back what it was told.
    listenWithSasl(world, { mechanism, server: () => (token) => ({ kind: 'challenge', token }) })
    world.http = { post: () => Promise.resolve({ status: 200, body: Buffer.from(`{"access_token":"${CANARY}"}`) }) }
    const producer = world.producer({ securityProtocol: 'SASL_SSL', sasl, socketConnectionSetupTimeoutMs: 500 })
    const outcome = world.watch(producer.connect({ timeoutMs: 1000 }))
    await world.pass(2000)
    await world.until(producer.close({ timeoutMs: 0 }))
    expectNoSecret([outcome(), producer, world.logged, printed].map((one) => inspect(one, { depth: 9 })).join('\n'))
  })
})
