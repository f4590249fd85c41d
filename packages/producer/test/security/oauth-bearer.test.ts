import { describe, expect, test, vi } from 'vitest'
import {
  mskIamTokens,
  type AccessToken,
  type KafkaError,
  type ProducerConfig,
  type TokenProvider,
} from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'
import { listenWithSasl, type SaslListener, type Verdict } from './sasl-listener.ts'

/** Believes tokens that begin with 'good', as Kafka does: the reason comes first, and the refusal only after a word. */
function bearerListener(world: World, heard: string[] = []): SaslListener {
  return listenWithSasl(world, {
    mechanism: 'OAUTHBEARER',
    server:
      () =>
      (token): Verdict => {
        const text = token.toString()
        if (text === '\u0001') return { kind: 'refused', message: '{"status":"invalid_token"}' }
        heard.push(text)
        if (text.startsWith('n,,\u0001auth=Bearer good')) return { kind: 'accepted' }
        return { kind: 'challenge', token: Buffer.from('{"status":"invalid_token"}') }
      },
  })
}

/** A question that hangs. */
const NEVER = new Promise<never>(() => {})

function bearer(token: TokenProvider): Partial<ProducerConfig> {
  return { securityProtocol: 'SASL_SSL', sasl: { mechanism: 'OAUTHBEARER', token } }
}

/** Connects with a token that is refused, and then with another. */
async function refusedOnce(world: World): Promise<KafkaError> {
  const values = ['bad', 'good']
  const expiresAtMs = world.timeline.wallTimeMs + 3_600_000
  const producer = world.producer(bearer(() => ({ value: values.shift() ?? 'none', expiresAtMs })))
  const error = await world.failureOf(producer.connect())
  expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
  await world.until(producer.connect())
  return error
}

describe('OAUTHBEARER', () => {
  test('says what RFC 7628 and KIP-342 want', async () => {
    const world = new World()
    const heard: string[] = []
    bearerListener(world, heard)
    const sasl = {
      mechanism: 'OAUTHBEARER',
      token: () => ({ value: 'good.token-1_~+/==' }),
      extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool' },
    } as const
    await world.until(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    expect(heard).toEqual([
      'n,,\u0001auth=Bearer good.token-1_~+/==\u0001logicalCluster=lkc-1\u0001identityPoolId=pool\u0001\u0001',
    ])
  })

  test('tells why a token was refused, and asks for another at the next connection', async () => {
    const world = new World()
    bearerListener(world)
    const error = await refusedOnce(world)
    expect(error.message).toContain('refused OAUTHBEARER: {"status":"invalid_token"}')
  })

  test('asks for another token where one is refused at once, without a reason first', async () => {
    const world = new World()
    // As Kafka does with wrong extensions, and Redpanda and librdkafka's mock with any token.
    listenWithSasl(world, {
      mechanism: 'OAUTHBEARER',
      server: () => (token) =>
        token.toString().includes('auth=Bearer good')
          ? { kind: 'accepted' }
          : { kind: 'refused', message: 'invalid token' },
    })
    const error = await refusedOnce(world)
    expect(error.message).toContain('refused OAUTHBEARER: invalid token')
  })

  test.each([
    ['nothing', undefined],
    ['a string', 'good'],
    ['no value', {}],
    ['an empty value', { value: '' }],
    ['a value that would end the message', { value: 'good\u0001auth=Bearer other' }],
    ['a value with a newline', { value: 'good\n' }],
    ['a time that is none', { value: 'good', expiresAtMs: '2030' }],
    ['one that has expired', { value: 'good', expiresAtMs: 1 }],
  ])('refuses a provider that gives %s', async (_name, given) => {
    const world = new World()
    const heard: string[] = []
    bearerListener(world, heard)
    const error = await world.failureOf(world.producer(bearer(() => unchecked(given))).connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
    expect(error.message).toMatch(/gave no token|gave an expiresAtMs|has expired/)
    expect(heard).toEqual([])
  })
})

describe('a token', () => {
  /** What a world's producer asked for while it was connected anew every so often. */
  async function tokensOver(
    world: World,
    durationMs: number,
    everyMs: number,
    provider: (count: number) => AccessToken | Promise<AccessToken>,
  ): Promise<number[]> {
    const askedAtMs: number[] = []
    bearerListener(world)
    const producer = world.producer(
      bearer(() => {
        askedAtMs.push(world.nowMs)
        return provider(askedAtMs.length)
      }),
    )
    for (let passedMs = 0; passedMs < durationMs; passedMs += everyMs) {
      await world.until(producer.send({ topic: 't', value: 'v' }))
      world.host(1).reset()
      await world.pass(everyMs)
    }
    return askedAtMs
  }

  const lasting = (world: World, lifetimeMs: number): AccessToken => ({
    value: 'good',
    expiresAtMs: world.timeline.wallTimeMs + lifetimeMs,
  })

  test('serves all connections until 75 to 85 % of its life have passed', async () => {
    const world = new World()
    const askedAtMs = await tokensOver(world, 1_000_000, 5_000, () => lasting(world, 100_000))
    const lives = askedAtMs.slice(1).map((atMs, i) => atMs - (askedAtMs[i] ?? 0))
    expect(lives.length).toBeGreaterThan(9)
    for (const life of lives) {
      expect(life).toBeGreaterThanOrEqual(74_000)
      expect(life).toBeLessThanOrEqual(92_000)
    }
    expect(new Set(lives).size, 'not all at once').toBeGreaterThan(1)
  })

  test('without an expiry serves one authentication', async () => {
    const world = new World()
    const askedAtMs = await tokensOver(world, 50_000, 5_000, () => ({ value: 'good' }))
    expect(askedAtMs.length).toBeGreaterThanOrEqual(10)
  })

  test('fault 85: serves to its end while no other can be had', async () => {
    const world = new World()
    const down = (): Promise<never> => Promise.reject(new Error('the token endpoint is down'))
    const askedAtMs = await tokensOver(world, 95_000, 5_000, (count) =>
      count === 1 ? lasting(world, 100_000) : down(),
    )
    expect(askedAtMs.length, 'others were asked for').toBeGreaterThan(2)
  })

  test('serves to its end while the question for another is never answered', async () => {
    const world = new World()
    const askedAtMs = await tokensOver(world, 180_000, 5_000, (count) =>
      count === 1 ? lasting(world, 200_000) : NEVER,
    )
    const gaps = askedAtMs.slice(2).map((atMs, i) => atMs - (askedAtMs[i + 1] ?? 0))
    expect(gaps.length, 'it was asked again').toBeGreaterThan(0)
    for (const gap of gaps) expect(gap, 'socketConnectionSetupTimeoutMs').toBeGreaterThanOrEqual(10_000)
  })

  test('that never comes is asked for anew by the next connection', async () => {
    const world = new World()
    bearerListener(world)
    let count = 0
    const token = (): AccessToken | Promise<AccessToken> => (++count === 1 ? NEVER : { value: 'good' })
    const producer = world.producer({ ...bearer(token), socketConnectionSetupTimeoutMs: 2_000 })
    await world.failureOf(producer.connect())
    await world.until(producer.connect())
    expect(count).toBe(2)
  })

  test('that comes after it was given up still serves', async () => {
    const world = new World()
    bearerListener(world)
    let give = (_token: AccessToken): void => {}
    const late = new Promise<AccessToken>((resolve) => (give = resolve))
    const provider = vi.fn(() => late)
    const producer = world.producer(bearer(provider))
    await world.failureOf(producer.connect())
    give(lasting(world, 100_000))
    await world.until(producer.connect())
    expect(provider).toHaveBeenCalledOnce()
  })

  test('is asked for once by connections that are set up together', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    bearerListener(world)
    let count = 0
    const token = async (): Promise<AccessToken> => {
      count++
      await new Promise<void>((resolve) => void world.timeline.after(50, resolve))
      return lasting(world, 1_000)
    }
    const producer = world.producer(bearer(token))
    await world.until(producer.connect())
    await world.pass(2_000)
    count = 0
    await world.until(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value: 'v' }))))
    expect(count).toBe(1)
  })
})

describe('Amazon MSK with IAM', () => {
  test("gives AWS's own token to the broker, and asks its signer again ahead of the expiry", async () => {
    const world = new World()
    const heard: string[] = []
    bearerListener(world, heard)
    // As generateAuthToken of aws-msk-iam-sasl-signer-js 1.x answers.
    const generate = (): Promise<{ token: string; expiryTime: number }> =>
      Promise.resolve({ token: 'good-aHR0cHM6Ly9rYWZrYS4', expiryTime: world.timeline.wallTimeMs + 900_000 })
    await world.until(world.producer(bearer(mskIamTokens(generate))).connect())
    expect(heard[0]).toContain('auth=Bearer good-aHR0cHM6Ly9rYWZrYS4\u0001')
  })
})
