import { setTimeout as delay } from 'node:timers/promises'
import { type AccessToken, KafkaError, Producer, type ProducerConfig, type SaslOptions } from '@linger/producer'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createTopic, partitionEnds } from '../../demo/topic.ts'
import { readBackAll } from '../read-back/read-back.ts'
import { startOauthServer } from './oauth-server.ts'
import { PASSWORD, SESSION_MS, startSecureKafka, USER, type SecureKafka } from './secure-kafka.ts'

const user = { username: USER, password: PASSWORD }

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('a real Kafka that is secured', () => {
  let secure: SecureKafka
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    secure = await startSecureKafka()
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await secure.stop()
  })

  const producerFor = (config: Partial<ProducerConfig>): Producer => {
    const producer = new Producer({ bootstrapServers: secure.saslSsl, securityProtocol: 'SASL_SSL', ...config })
    closing.push(() => producer.close({ timeoutMs: 0 }))
    return producer
  }

  const failureOf = async (config: Partial<ProducerConfig>): Promise<KafkaError> => {
    const error: unknown = await producerFor(config)
      .connect({ timeoutMs: 20_000 })
      .catch((reason: unknown) => reason)
    if (error instanceof KafkaError) return error
    throw new Error('it was expected to fail', { cause: error })
  }

  /** A record through the producer, and back by Java's consumer. */
  const expectDelivery = async (topic: string, producer: Producer): Promise<void> => {
    await createTopic(secure.plaintext, topic, 1)
    expect(await producer.send({ topic, value: 'secret record' })).toMatchObject({ offset: 0 })
    const [record] = await readBackAll({ bootstrapServers: secure.plaintext, topics: [topic] })
    expect(Buffer.from(record?.value ?? []).toString()).toBe('secret record')
  }

  const mechanisms: [string, () => SaslOptions][] = [
    ['PLAIN', () => ({ mechanism: 'PLAIN', ...user })],
    ['SCRAM-SHA-256', () => ({ mechanism: 'SCRAM-SHA-256', ...user })],
    ['SCRAM-SHA-512', () => ({ mechanism: 'SCRAM-SHA-512', ...user })],
    ['OAUTHBEARER', () => ({ mechanism: 'OAUTHBEARER', token: tokenOf(60_000) })],
  ]
  const tokenOf = (lifetimeMs: number) => () => ({
    value: secure.signingKey.token(USER, lifetimeMs),
    expiresAtMs: Date.now() + lifetimeMs,
  })

  test.each(mechanisms)('takes records over SASL_SSL with %s', async (name, sasl) => {
    await expectDelivery(`sasl-${name}`, producerFor({ ssl: { ca: secure.ca }, sasl: sasl() }))
  })

  test.each(mechanisms)('takes records over SASL_PLAINTEXT with %s', async (name, sasl) => {
    const options = sasl()
    const insecure = name.startsWith('SCRAM') ? options : { ...options, allowInsecure: true }
    await expectDelivery(
      `plaintext-${name}`,
      producerFor({
        bootstrapServers: secure.saslPlaintext,
        securityProtocol: 'SASL_PLAINTEXT',
        sasl: insecure,
      }),
    )
  })

  test('takes records over SSL from a client with a certificate', async () => {
    const ssl = { ca: secure.ca, ...secure.client }
    await expectDelivery('ssl', producerFor({ bootstrapServers: secure.ssl, securityProtocol: 'SSL', ssl }))
  })

  test('takes records with a token that an OAuth server gave for a client id and its secret', async () => {
    const server = await startOauthServer(secure, 'orders', 'canary-of-oauth')
    closing.push(async () => server.close())
    const { tokenEndpointUrl, asked } = server
    const clientCredentials = {
      tokenEndpointUrl,
      allowedUrls: [tokenEndpointUrl],
      clientId: 'orders',
      clientSecret: 'canary-of-oauth',
      ca: secure.ca,
    }
    const sasl = { mechanism: 'OAUTHBEARER', clientCredentials } as const
    await expectDelivery('client-credentials', producerFor({ ssl: { ca: secure.ca }, sasl }))
    expect(new Set(asked)).toEqual(new Set([`Basic ${Buffer.from('orders:canary-of-oauth').toString('base64')}`]))
  })

  describe('refuses', () => {
    test.each(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('a wrong password with %s', async (mechanism) => {
      const sasl = { mechanism, username: USER, password: 'canary-of-wrong' }
      const error = await failureOf({ ssl: { ca: secure.ca }, sasl })
      expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED', outcome: 'never', retriable: false })
      expect(error.message).toMatch(/refused .*: Authentication failed/)
    })

    test('a token that has expired', async () => {
      const token = () => ({ value: secure.signingKey.token(USER, -60_000) })
      const error = await failureOf({ ssl: { ca: secure.ca }, sasl: { mechanism: 'OAUTHBEARER', token } })
      expect(error).toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
      expect(error.message).toContain('refused OAUTHBEARER')
    })

    test('a client without a certificate', async () => {
      const config = { bootstrapServers: secure.ssl, securityProtocol: 'SSL', ssl: { ca: secure.ca } } as const
      const error = await failureOf(config)
      expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED' })
      expect(error.message).toContain('set ssl.cert and ssl.key')
    })
  })

  describe('is refused', () => {
    test('without the authority that signed its certificate', async () => {
      const error = await failureOf({ sasl: { mechanism: 'PLAIN', ...user } })
      expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED' })
      expect(error.message).toContain('set ssl.ca')
    })

    test('under a name that its certificate is not for', async () => {
      const bootstrapServers = secure.saslSsl.replace('localhost', '127.0.0.1')
      const sasl = { mechanism: 'PLAIN', ...user } as const
      const error = await failureOf({ bootstrapServers, ssl: { ca: secure.ca }, sasl })
      expect(error).toMatchObject({ code: 'SSL_AUTHENTICATION_FAILED' })
      expect(error.message).toContain('is for other names')
    })
  })

  describe('on the wrong listener', () => {
    test('TLS to a plain one', async () => {
      const error = await failureOf({ bootstrapServers: secure.plaintext, securityProtocol: 'SSL' })
      expect(error.message).toContain('before secure TLS connection was established')
    })

    test('plain to one with TLS', async () => {
      const error = await failureOf({ bootstrapServers: secure.ssl, securityProtocol: 'PLAINTEXT' })
      expect(error.message).toMatch(/answered with TLS|its listener may want TLS/)
    })

    test('SASL to one without', async () => {
      const sasl = { mechanism: 'SCRAM-SHA-256', ...user } as const
      const config = { bootstrapServers: secure.plaintext, securityProtocol: 'SASL_PLAINTEXT', sasl } as const
      const error = await failureOf(config)
      expect(error).toMatchObject({ code: 'ILLEGAL_SASL_STATE' })
    })

    test('without SASL to one with it', async () => {
      const error = await failureOf({ bootstrapServers: secure.saslPlaintext, securityProtocol: 'PLAINTEXT' })
      expect(error.message).toContain('its listener may want SASL')
    })
  })

  test.each([
    ['all', 'PLAIN'],
    [1, 'SCRAM-SHA-256'],
    [0, 'SCRAM-SHA-512'],
    ['all', 'OAUTHBEARER'],
  ] as const)(
    'fault 82: sessions that end under load, acks %s with %s: every record once and in order',
    async (acks, name) => {
      const topic = `sessions-${acks}-${name}`
      await createTopic(secure.plaintext, topic, 4)
      let askedCount = 0
      const credentials = {
        ...user,
        password: () => {
          askedCount++
          return PASSWORD
        },
        token: () => {
          askedCount++
          return { value: secure.signingKey.token(USER, 60_000) }
        },
      }
      const sasl = saslWith(name, credentials)
      const lost = vi.fn<() => void>()
      const producer = producerFor({ acks, ssl: { ca: secure.ca }, sasl })
      const untilMs = performance.now() + 4 * SESSION_MS
      let count = 0
      while (performance.now() < untilMs) {
        const chunk = Array.from({ length: 20 }, () => count++)
        for (const i of chunk) producer.send({ topic, partition: i % 4, value: String(i) }).catch(lost)
        await delay(1) // a steady load, whether anybody answers or not
      }
      await producer.flush()
      expect(lost).not.toHaveBeenCalled()
      expect(askedCount, 'to the bootstrap server, to the broker, and at each renewal').toBeGreaterThanOrEqual(5)
      // Without acks what has left may not have arrived.
      await vi.waitFor(async () => expect(await recordCount(secure.plaintext, topic)).toBe(count), { timeout: 30_000 })
      const records = await readBackAll({ bootstrapServers: secure.plaintext, topics: [topic] })
      expect(records).toHaveLength(count)
      for (const partition of [0, 1, 2, 3]) {
        const numbers = records
          .filter((record) => record.partition === partition)
          .map(({ value }) => Number(Buffer.from(value ?? []).toString()))
        expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, i) => i * 4 + partition))
      }
    },
  )
})

interface Credentials {
  readonly username: string
  readonly password: () => string
  readonly token: () => AccessToken
}

function saslWith(
  mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512' | 'OAUTHBEARER',
  { username, password, token }: Credentials,
): SaslOptions {
  return mechanism === 'OAUTHBEARER' ? { mechanism, token } : { mechanism, username, password }
}

async function recordCount(bootstrapServers: string, topic: string): Promise<number> {
  const ends = await partitionEnds(bootstrapServers, topic)
  return ends.reduce((sum, { offset }) => sum + offset, 0)
}
