import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { ProducerConfig, SaslMechanism } from '../../src/index.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'
import { listenWithSasl, plainServer, type SaslListener, type SaslServer } from './sasl-listener.ts'

const PLAIN = {
  securityProtocol: 'SASL_SSL',
  sasl: { mechanism: 'PLAIN', username: 'orders', password: 'canary-of-plain' },
} as const satisfies Partial<ProducerConfig>

function plainListener(world: World, password: string = PLAIN.sasl.password): SaslListener {
  return listenWithSasl(world, { mechanism: 'PLAIN', server: () => plainServer('orders', password) })
}

describe('a broker that asks who we are', () => {
  test('is told after the versions and before anything else', async () => {
    const world = new World()
    const listener = plainListener(world)
    const producer = world.producer(PLAIN)
    expect(await world.until(producer.send({ topic: 't', value: '0' }))).toMatchObject({ offset: 0 })
    const [first] = world.wire.requests
    const said = world.wire.requests.filter(({ connectionId }) => connectionId === first?.connectionId)
    expect(said.slice(0, 3).map(({ apiName }) => apiName)).toEqual(['ApiVersions', 'SaslHandshake', 'SaslAuthenticate'])
    expect(listener.violations).toEqual([])
  })

  test('of Kafka 2.1 is told in the oldest version of SaslAuthenticate', async () => {
    const world = new World()
    const listener = plainListener(world)
    listener.options = { ...listener.options, authenticateVersionMax: 0 }
    await world.until(world.producer(PLAIN).connect())
    expect(listener.authenticated).toHaveLength(1)
  })

  test('is told on every connection', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const listener = plainListener(world)
    const producer = world.producer(PLAIN)
    await world.until(Promise.all([0, 1, 2].map((partition) => producer.send({ topic: 't', partition, value: '0' }))))
    expect(new Set(listener.authenticated.map(({ connectionId }) => connectionId)).size).toBeGreaterThanOrEqual(3)
    expect(listener.violations).toEqual([])
  })

  test('S25: is told the password of the moment', async () => {
    const world = new World()
    const listener = plainListener(world, 'second')
    const passwords = ['first', 'second']
    const sasl = { ...PLAIN.sasl, password: () => passwords.shift() ?? 'third' }
    const producer = world.producer({ ...PLAIN, sasl })
    expect(await world.failureOf(producer.connect())).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
    await world.until(producer.connect())
    expect(listener.authenticated).toHaveLength(1)
  })

  test('and never answers is given up', async () => {
    const world = new World()
    const sasl = { ...PLAIN.sasl, password: () => new Promise<string>(() => {}) }
    plainListener(world)
    const producer = world.producer({ ...PLAIN, sasl, socketConnectionSetupTimeoutMs: 2000 })
    const error = await world.failureOf(producer.connect())
    expect(error.message).toContain('not ready within socketConnectionSetupTimeoutMs (2000 ms)')
    expect(world.nowMs).toBe(2000)
  })
})

describe('a broker that does not believe us', () => {
  test('fails connect() with its own words, and at once', async () => {
    const world = new World()
    plainListener(world, 'another')
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never', retriable: false })
    expect(error.message).toContain('broker-1:9092 refused PLAIN: Authentication failed: Invalid username or password')
    expect(world.nowMs).toBeLessThan(100)
  })

  test('fails the sends that wait for a topic, and none of them is written', async () => {
    const world = new World()
    plainListener(world, 'another')
    const producer = world.producer(PLAIN)
    const failures = await Promise.all(
      [0, 1, 2].map((i) => world.failureOf(producer.send({ topic: 't', value: `${i}` }))),
    )
    for (const error of failures) {
      expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
      expect(error.message).toContain('t: no broker can be asked: broker-1:9092 refused PLAIN')
    }
    expect(world.nowMs).toBeLessThan(100)
    expect(world.valuesIn('t')).toEqual([])
  })

  test('is not asked again and again: a pause grows to reconnectBackoffMaxMs', async () => {
    const world = new World()
    const listener = plainListener(world, 'another')
    const producer = world.producer(PLAIN)
    const failed: string[] = []
    const sendAgain = (): void => {
      producer.produce({ topic: 't', value: 'v' }, (error) => {
        if (error instanceof Error && world.nowMs < 20_000) {
          failed.push(error.message)
          sendAgain()
        }
      })
    }
    sendAgain()
    await world.pass(20_000)
    expect(failed.length).toBeGreaterThan(10)
    expect(listener.handshakes).toBeLessThan(40)
  })

  test('any more, under load, is told again after a pause, and nothing is lost or doubled', async () => {
    const world = new World()
    const listener = plainListener(world)
    const producer = world.producer(PLAIN)
    await world.until(producer.send({ topic: 't', value: '0' }))
    listener.options = { ...listener.options, server: () => plainServer('orders', 'another') }
    world.host(1).reset()
    const sent = producer.send({ topic: 't', value: '1' })
    await world.pass(10_000)
    listener.options = { ...listener.options, server: () => plainServer('orders', PLAIN.sasl.password) }
    await world.until(sent)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
    expect(listener.violations).toEqual([])
  })

  test('any more is the reason that a batch tells at the end of its time', async () => {
    const world = new World()
    const listener = plainListener(world)
    const producer = world.producer({ ...PLAIN, requestTimeoutMs: 1000, deliveryTimeoutMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    listener.options = { ...listener.options, server: () => plainServer('orders', 'another') }
    world.host(1).reset()
    await world.pass(10)
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'never' })
    expect(error.message).toContain('refused PLAIN')
  })

  test('does not stop the others', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 1 }] })
    plainListener(world)
    world.network.listen({ host: 'nobody', port: 1 }, 'silent')
    const producer = world.producer({ ...PLAIN, bootstrapServers: 'gone:9092,broker-1:9092' })
    await world.until(producer.send({ topic: 't', value: '0' }))
    expect(world.valuesIn('t')).toEqual(['0'])
  })

  test('is told of, although another address of its name cannot be reached', async () => {
    const world = new World()
    plainListener(world, 'another')
    world.addresses.set('bootstrap', ['broker-1', 'nobody'])
    const error = await world.failureOf(world.producer({ ...PLAIN, bootstrapServers: 'bootstrap:9092' }).connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
    expect(world.network.sockets, 'which was tried').toHaveLength(2)
  })

  test('S18: has the reason in one printable line, however it was written', async () => {
    const world = new World()
    const message = `refused\u0000\u001b[31m\n\u0430${'x'.repeat(5000)}`
    listenWithSasl(world, { mechanism: 'PLAIN', server: () => () => ({ kind: 'refused', message }) })
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error.message).toMatch(/^[\x20-\x7e]+$/)
    expect(error.message.length).toBeLessThan(500)
  })
})

describe('a listener', () => {
  test('that has another mechanism says which', async () => {
    const world = new World()
    listenWithSasl(world, { mechanism: 'SCRAM-SHA-512', server: () => plainServer('', '') })
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error).toMatchObject({ code: 'UNSUPPORTED_SASL_MECHANISM', outcome: 'never' })
    expect(error.message).toContain('has no SASL mechanism PLAIN, it has SCRAM-SHA-512')
  })

  test('without SASL says so', async () => {
    const world = new World()
    const listener = plainListener(world)
    listener.options = { ...listener.options, handshakeErrorCode: 34 }
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error).toMatchObject({ code: 'ILLEGAL_SASL_STATE', outcome: 'never' })
    expect(error.message).toContain('has no SASL on this listener: set securityProtocol to PLAINTEXT or SSL')
  })

  test('with SASL, to a producer without, is suspected of it', async () => {
    const world = new World()
    const listener = plainListener(world)
    const error = await world.failureOf(world.producer().connect())
    expect(error.message).toContain('closed the connection at the first request: its listener may want SASL')
    expect(listener.violations.length, 'which is what such a broker does').toBeGreaterThan(0)
  })

  test('of a broker before 2.0 is too old', async () => {
    const world = new World()
    const listener = plainListener(world)
    listener.options = { ...listener.options, authenticateVersionMax: -1 }
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error.message).toContain('speaks no SaslHandshake 1 and SaslAuthenticate')
  })
})

describe('S8: before it is trusted, a broker', () => {
  test('says nothing longer than 512 KiB', async () => {
    const world = new World()
    const long: SaslServer = () => ({ kind: 'challenge', token: Buffer.alloc(600 * 1024) })
    listenWithSasl(world, { mechanism: 'PLAIN', server: () => long })
    const error = await world.failureOf(world.producer(PLAIN).connect())
    expect(error).toMatchObject({ code: 'NOT_KAFKA' })
  })

  test('is asked nothing about the cluster, and told of no record', async () => {
    const world = new World()
    plainListener(world, 'another')
    await world.failureOf(world.producer(PLAIN).send({ topic: 't', value: '0' }))
    expect(world.wire.of(metadata)).toEqual([])
    expect(world.wire.of(produce)).toEqual([])
  })
})

describe('a mechanism of your own', () => {
  test('talks as long as it likes', async () => {
    const world = new World()
    const heard: string[] = []
    listenWithSasl(world, {
      mechanism: 'COUNTING',
      server: () => (token) => {
        heard.push(token.toString())
        return heard.length < 3 ? { kind: 'challenge', token: Buffer.from(`${heard.length}`) } : { kind: 'accepted' }
      },
    })
    const mechanism: SaslMechanism = {
      name: 'COUNTING',
      async *converse({ host, port }) {
        const one = yield Buffer.from(`${host}:${port}`)
        const two = yield Buffer.from(`heard ${Buffer.from(one).toString()}`)
        yield Buffer.from(`heard ${Buffer.from(two).toString()}`)
      },
    }
    await world.until(world.producer({ securityProtocol: 'SASL_SSL', sasl: { mechanism } }).connect())
    expect(heard).toEqual(['broker-1:9092', 'heard 1', 'heard 2'])
  })

  test('is told that it was refused, and may say why in its own words', async () => {
    const world = new World()
    const refuse = (): SaslServer => () => ({ kind: 'refused', message: 'the token is old' })
    listenWithSasl(world, { mechanism: 'TOKEN', server: refuse })
    const told: unknown[] = []
    const mechanism: SaslMechanism = {
      name: 'TOKEN',
      async *converse() {
        try {
          yield Buffer.from('token')
        } catch (refusal) {
          told.push(refusal)
          throw new Error('ask for another token', { cause: refusal })
        }
      },
    }
    const error = await world.failureOf(world.producer({ securityProtocol: 'SASL_SSL', sasl: { mechanism } }).connect())
    expect(error.message).toContain('TOKEN was broken off by this client: ask for another token')
    expect(told).toMatchObject([{ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' }])
    expect(String(told[0])).toContain('broker-1:9092 refused TOKEN: the token is old')
  })

  test.each([
    [
      'ends when it hears of it',
      async function* () {
        yield* refusedOnce()
      },
    ],
    [
      'is an iterator that cannot be told',
      () => ({ next: async () => ({ done: false, value: Buffer.from('token') }) as const }),
    ],
  ])('that is refused and %s fails with what the broker said', async (_name, converse) => {
    const world = new World()
    listenWithSasl(world, {
      mechanism: 'TOKEN',
      server: () => () => ({ kind: 'refused', message: 'the token is old' }),
    })
    const sasl = { mechanism: { name: 'TOKEN', converse } }
    const error = await world.failureOf(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    expect(error.message).toContain('broker-1:9092 refused TOKEN: the token is old')
  })

  test.each(['text', 7, null, {}, [1, 2]])('that says %j instead of bytes sends nothing', async (said) => {
    const world = new World()
    const heard: Buffer[] = []
    const server: SaslServer = (token) => {
      heard.push(token)
      return { kind: 'accepted' }
    }
    listenWithSasl(world, { mechanism: 'BROKEN', server: () => server })
    const mechanism: SaslMechanism = {
      name: 'BROKEN',
      async *converse() {
        yield unchecked(said)
      },
    }
    const error = await world.failureOf(world.producer({ securityProtocol: 'SASL_SSL', sasl: { mechanism } }).connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
    expect(error.message).toContain(`must be a Uint8Array, and is of type ${typeof said}`)
    expect(heard).toEqual([])
  })

  test.each([
    ['throws', () => throwing('out of order')],
    ['is no dialogue', () => unchecked('tokens')],
  ])('that %s fails as any other', async (_name, converse) => {
    const world = new World()
    listenWithSasl(world, { mechanism: 'BROKEN', server: () => plainServer('', '') })
    const sasl = { mechanism: { name: 'BROKEN', converse } }
    const error = await world.failureOf(world.producer({ securityProtocol: 'SASL_SSL', sasl }).connect())
    expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never' })
    expect(error.message).toContain('BROKEN was broken off by this client')
  })
})

async function* refusedOnce(): AsyncGenerator<Uint8Array, void, Uint8Array> {
  try {
    yield Buffer.from('token')
  } catch {
    // nothing to say to it
  }
}

function throwing(message: string): never {
  throw new Error(message)
}
