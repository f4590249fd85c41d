import { describe, expect, test } from 'vitest'
import type { Cryptography, Producer } from '../../src/index.ts'
import { readServerFinal, readServerFirst } from '../../src/network/sasl/scram-messages.ts'
import { scram } from '../../src/network/sasl/scram.ts'
import { NodeCryptography } from '../../src/ports/node/node-cryptography.ts'
import { World } from '../world/world.ts'
import { listenWithSasl, type SaslListener, type SaslServer } from './sasl-listener.ts'
import { scramServer, type ScramServerOptions } from './scram-server.ts'

const USER = { username: 'orders', password: 'canary-of-scram' }

const MECHANISMS = [
  ['SCRAM-SHA-256', 'sha256'],
  ['SCRAM-SHA-512', 'sha512'],
] as const

/** A world whose brokers want SCRAM, and a producer that offers it. */
function scramWorld(server: Partial<ScramServerOptions>): {
  readonly world: World
  readonly producer: Producer
  readonly listener: SaslListener
} {
  const world = new World()
  const listener = listenWithSasl(world, {
    mechanism: 'SCRAM-SHA-256',
    server: () => scramServer({ hash: 'sha256', ...USER, ...server }),
  })
  const sasl = { mechanism: 'SCRAM-SHA-256', ...USER } as const
  return { world, listener, producer: world.producer({ securityProtocol: 'SASL_SSL', sasl }) }
}

describe('SCRAM', () => {
  test.each(MECHANISMS)('%s convinces a broker that knows the password', async (mechanism, hash) => {
    const world = new World()
    const listener = listenWithSasl(world, { mechanism, server: () => scramServer({ hash, ...USER }) })
    const producer = world.producer({ securityProtocol: 'SASL_SSL', sasl: { mechanism, ...USER } })
    expect(await world.until(producer.send({ topic: 't', value: '0' }))).toMatchObject({ offset: 0 })
    expect(listener.violations).toEqual([])
  })

  test.each(['a,b', 'a=b', '=2C', ',,==', 'Bärbel', '用户'])('takes the user %s', async (username) => {
    const world = new World()
    const listener = listenWithSasl(world, {
      mechanism: 'SCRAM-SHA-256',
      server: () => scramServer({ hash: 'sha256', username, password: 'gehéim' }),
    })
    const sasl = { mechanism: 'SCRAM-SHA-256', username, password: 'gehéim' } as const
    await world.until(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    expect(listener.authenticated).not.toEqual([])
  })

  test('S6: says exactly what RFC 7677 says it would', async () => {
    const cryptography = withNonce('rOprNGfwEbeRWgbNEkqO')
    const mechanism = scram({ mechanism: 'SCRAM-SHA-256', username: 'user', password: 'pencil' }, cryptography)
    const dialogue = mechanism.converse({ host: 'broker', port: 9092 })
    const said = async (answer: string): Promise<string> => {
      const { value } = await dialogue.next(Buffer.from(answer))
      return Buffer.from(value ?? new Uint8Array()).toString()
    }
    expect(await said('')).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO')
    const challenge = 'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096'
    expect(await said(challenge)).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    )
    expect(await dialogue.next(Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4='))).toEqual({
      done: true,
      value: undefined,
    })
  })

  test('S22: no two nonces are alike, and each has 24 bytes of chance', async () => {
    const mechanism = scram({ mechanism: 'SCRAM-SHA-256', ...USER }, new NodeCryptography())
    const first = async (): Promise<string> => {
      const { value } = await mechanism.converse({ host: 'broker', port: 9092 }).next(Buffer.alloc(0))
      return Buffer.from(value ?? []).toString()
    }
    const nonces = await Promise.all([first(), first(), first()])
    expect(new Set(nonces).size).toBe(3)
    for (const nonce of nonces) expect(Buffer.from(nonce.split(',r=')[1] ?? '', 'base64')).toHaveLength(24)
  })
})

describe('fault 84: a broker that does not keep to SCRAM is refused, and sent nothing more:', () => {
  const salt = 's=c2FsdA=='
  const liars: [string, Partial<ScramServerOptions>, RegExp][] = [
    ['S15: no proof of its own', { serverFinal: () => '' }, /does not prove that it knows the password/],
    ['S15: an empty proof', { serverFinal: () => 'v=' }, /does not prove that it knows the password/],
    ['S15: a proof of another password', { serverFinal: wrongProof }, /does not know the password/],
    ['S7: a proof that is cut', { serverFinal: (proof) => `v=${proof.slice(0, 8)}` }, /does not know the password/],
    ['an error instead of a proof', { serverFinal: () => 'e=other-error' }, /refuses the proof/],
    ['S6: the nonce is not ours', { serverFirst: () => `r=other,${salt},i=4096` }, /may be the replay/],
    ['S6: the nonce is only ours', { serverFirst: (nonce) => `r=${nonce},${salt},i=4096` }, /may be the replay/],
    ['S6: ours stands at its end', { serverFirst: (nonce) => `r=x${nonce},${salt},i=4096` }, /may be the replay/],
    ['no nonce', { serverFirst: () => `${salt},i=4096` }, /its nonce is missing/],
    ['an empty salt', { serverFirst: (nonce) => `r=${nonce}x,s=,i=4096` }, /its salt is missing/],
    ['a salt that is no base64', { serverFirst: (nonce) => `r=${nonce}x,s=%%,i=4096` }, /its salt is missing/],
    ['a mandatory extension', { serverFirst: (nonce) => `m=x,r=${nonce}x,${salt},i=4096` }, /demands an extension/],
    ['an error at once', { serverFirst: () => 'e=unknown-user' }, /its nonce is missing/],
    ['nothing', { serverFirst: () => '' }, /its nonce is missing/],
  ]
  test.each(liars)('%s', async (_name, server, reason) => {
    const { world, producer, listener } = scramWorld(server)
    const error = await world.failureOf(producer.connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
    expect(error.message).toMatch(reason)
    expect(error.message).toContain('broker-1:9092: SCRAM-SHA-256 was broken off by this client')
    expect(world.wire.requests.map(({ apiName }) => apiName)).not.toContain('Metadata')
    expect(listener.violations).toEqual([])
  })

  const counts = ['0', '1', '4095', '-4096', '4096.5', '4e3', '0x1000', ' 4096', 'NaN', 'Infinity', '', '04096']
  test.each(counts)('S21: an iteration count of %j', async (count) => {
    const { world, producer } = scramWorld({ serverFirst: (nonce) => `r=${nonce}x,${salt},i=${count}` })
    const error = await world.failureOf(producer.connect())
    expect(error.code).toBe('SASL_AUTHENTICATION_FAILED')
    expect(error.message).toMatch(/iteration/)
  })

  test.each(['1000001', '1000000000', '9999999999'])('S21: %s iterations, before one is done', async (count) => {
    const world = new World()
    let derivations = 0
    const derive = watchingDerivations(() => derivations++)
    const mechanism = scram({ mechanism: 'SCRAM-SHA-256', ...USER }, derive)
    const dialogue = mechanism.converse({ host: 'broker', port: 9092 })
    const first = await dialogue.next(Buffer.alloc(0))
    const nonce =
      Buffer.from(first.value ?? [])
        .toString()
        .split(',r=')[1] ?? ''
    const challenge = Buffer.from(`r=${nonce}x,${salt},i=${count}`)
    await expect(world.until(Promise.resolve(dialogue.next(challenge)))).rejects.toThrow(/more than sasl.maxIterations/)
    expect(derivations).toBe(0)
  })

  test('S21: the most that is allowed can be set, and is done', async () => {
    const world = new World()
    const sasl = { mechanism: 'SCRAM-SHA-256', ...USER, maxIterations: 5000 } as const
    const serverWith = (iterations: number) => (): SaslServer => scramServer({ hash: 'sha256', ...USER, iterations })
    const listener = listenWithSasl(world, { mechanism: 'SCRAM-SHA-256', server: serverWith(5000) })
    await world.until(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    listener.options = { ...listener.options, server: serverWith(5001) }
    const error = await world.failureOf(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    expect(error.message).toContain('5001 iterations, more than sasl.maxIterations (5000)')
  })
})

// No pattern goes back over what it has read.
test.each(['r='.repeat(250_000), `r=${'a'.repeat(500_000)}`, `s=${'A'.repeat(500_001)}`, ','.repeat(500_000)])(
  'S19: what a broker says in SCRAM is read in time that grows with its length (%#)',
  (text) => {
    const startMs = performance.now()
    expect(() => readServerFirst(Buffer.from(text))).toThrow()
    expect(() => readServerFinal(Buffer.from(text.replace(/^s=/, 'v=')))).toThrow()
    expect(performance.now() - startMs).toBeLessThan(2000)
  },
)

/** The right one, but for another conversation. */
function wrongProof(proof: string): string {
  return `v=${proof.startsWith('A') ? 'B' : 'A'}${proof.slice(1)}`
}

function withNonce(base64: string): Cryptography {
  return Object.assign(new NodeCryptography(), { randomBytes: () => Buffer.from(base64, 'base64') })
}

function watchingDerivations(onDerivation: () => void): Cryptography {
  const real = new NodeCryptography()
  return Object.assign(new NodeCryptography(), {
    deriveKey: (...args: Parameters<Cryptography['deriveKey']>) => {
      onDerivation()
      return real.deriveKey(...args)
    },
  })
}
