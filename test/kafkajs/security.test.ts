import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import kafkajs, { type KafkaConfig, type KafkaJSProtocolError, type Mechanism, type SASLOptions } from 'kafkajs'
import { hasLocalKafka } from '../transactions/transaction-site.ts'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { PASSWORD, startSecureKafka, USER, type SecureKafka } from '../security/secure-kafka.ts'
import { libraries, oracle, type ClientLibrary } from './client-library.ts'
import { outcomeOf, type CallOutcome } from './transcript.ts'

type Security = Pick<KafkaConfig, 'ssl' | 'sasl'>

const SIZE_BYTES = 4

/** PLAIN as somebody writes it who does not trust the one that is built in. */
const ownPlain: Mechanism = {
  mechanism: 'plain',
  authenticationProvider: ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const token = Buffer.from(`\0${USER}\0${PASSWORD}`)
      const sized = Buffer.concat([Buffer.alloc(SIZE_BYTES), token])
      sized.writeInt32BE(token.length)
      await saslAuthenticate({ request: { encode: () => sized } })
    },
  }),
}

/** Connects and sends a message. */
async function sentWith(
  { newKafka }: ClientLibrary,
  brokers: string,
  topic: string,
  security: Security,
): Promise<CallOutcome> {
  const logLevel = kafkajs.logLevel.NOTHING
  const retry = { retries: 5, initialRetryTime: 50 }
  const client = newKafka({
    brokers: [brokers],
    clientId: 'secure',
    logLevel,
    retry,
    connectionTimeout: 10_000,
    reauthenticationThreshold: 1000, // sessions are shorter here than KafkaJS thinks
    ...security,
  })
  const producer = client.producer()
  const outcome = await outcomeOf(async () => {
    await producer.connect()
    await producer.send({ topic, messages: [{ value: 'v' }] })
    return 'written'
  })
  await producer.disconnect()
  return outcome
}

describe.skipIf(!hasLocalKafka)('a Kafka that wants to know who we are', () => {
  let secure: SecureKafka
  const user = { username: USER, password: PASSWORD }

  beforeAll(async () => {
    secure = await startSecureKafka()
    await sentWith(oracle, secure.plaintext, 'secure', {})
  })
  afterAll(async () => {
    await secure.stop()
  })

  const tls = (): { ca: string[] } => ({ ca: [secure.ca] })

  const ways: readonly (readonly [string, 'ssl' | 'saslSsl' | 'saslPlaintext', () => Security])[] = [
    ['TLS with a certificate', 'ssl', () => ({ ssl: { ...tls(), key: secure.client.key, cert: secure.client.cert } })],
    ['PLAIN over TLS', 'saslSsl', () => ({ ssl: tls(), sasl: { mechanism: 'plain', ...user } })],
    ['PLAIN without TLS', 'saslPlaintext', () => ({ sasl: { mechanism: 'plain', ...user } })],
    ['SCRAM-SHA-256', 'saslSsl', () => ({ ssl: tls(), sasl: { mechanism: 'scram-sha-256', ...user } })],
    ['SCRAM-SHA-512', 'saslPlaintext', () => ({ sasl: { mechanism: 'scram-sha-512', ...user } })],
    ['a mechanism of the user', 'saslPlaintext', () => ({ sasl: ownPlain })],
    [
      'TLS whose certificate nobody looks at',
      'saslSsl',
      () => ({ ssl: { rejectUnauthorized: false }, sasl: { mechanism: 'plain', ...user } }),
    ],
  ]

  test.each(ways)('lets in %s, as with KafkaJS', async (_, listener, security) => {
    for (const library of libraries) {
      const outcome = await sentWith(library, secure[listener], 'secure', security())
      expect(outcome, library.name).toEqual({ resolved: 'written' })
    }
  })

  test('lets in a bearer of a token', async () => {
    const oauthBearerProvider = () => Promise.resolve({ value: secure.signingKey.token(USER, 60_000) })
    for (const library of libraries) {
      const security: Security = { ssl: tls(), sasl: { mechanism: 'oauthbearer', oauthBearerProvider } }
      expect(await sentWith(library, secure.saslSsl, 'secure', security), library.name).toEqual({ resolved: 'written' })
    }
  })

  /** Tells in its own words what it was told. */
  const ownRefused: Mechanism = {
    mechanism: 'plain',
    authenticationProvider: ({ host, saslAuthenticate }) => ({
      authenticate: async () => {
        try {
          await saslAuthenticate({ request: { encode: () => Buffer.from('\0\0\0\x04\0a\0b') } })
        } catch (refusal) {
          const { name, type, code, retriable, message }: KafkaJSProtocolError = unchecked(refusal)
          throw new Error(`${host} said ${JSON.stringify({ name, type, code, retriable, message })}`, {
            cause: refusal,
          })
        }
      },
    }),
  }
  const ofTheMechanism: readonly (readonly [string, object])[] = [
    [
      'a mechanism that the broker has not',
      { mechanism: 'aws', authorizationIdentity: 'a', accessKeyId: 'b', secretAccessKey: 'c' },
    ],
    ['a mechanism of the user that is refused', ownRefused],
    [
      'a mechanism of the user that throws',
      {
        mechanism: 'plain',
        authenticationProvider: () => ({
          authenticate: async () => {
            throw new RangeError('no')
          },
        }),
      },
    ],
    [
      'a provider that has no token today',
      {
        mechanism: 'oauthbearer',
        oauthBearerProvider: async () => {
          throw new Error('no token')
        },
      },
    ],
    ['a provider that answers no token', { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({}) }],
    ['no provider', { mechanism: 'oauthbearer' }],
    ['PLAIN without a user', { mechanism: 'plain' }],
    ['SCRAM-SHA-256 without a user', { mechanism: 'scram-sha-256' }],
    ['SCRAM-SHA-512 without a password', { mechanism: 'scram-sha-512', username: 'a' }],
  ]

  test.each(ofTheMechanism)('tells as KafkaJS what is wrong with %s', async (_, sasl) => {
    const outcomes: CallOutcome[] = []
    for (const library of libraries) {
      outcomes.push(await sentWith(library, secure.saslSsl, 'secure', unchecked({ ssl: tls(), sasl: { ...sasl } })))
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[1]).toHaveProperty('rejected')
  })

  test('refuses SASL where it does not ask for it, and KafkaJS says so in the same words', async () => {
    const outcomes: CallOutcome[] = []
    for (const library of libraries) {
      outcomes.push(await sentWith(library, secure.plaintext, 'secure', { sasl: { mechanism: 'plain', ...user } }))
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[1]).toMatchObject({ rejected: { name: 'KafkaJSProtocolError', type: 'ILLEGAL_SASL_STATE' } })
  })

  const wrong = { username: USER, password: 'wrong' }
  test('lets in both with one and the same configuration, which KafkaJS puts something into', async () => {
    const security: Security = { ssl: tls(), sasl: { mechanism: 'scram-sha-256', ...user } }
    for (const library of [...libraries, oracle]) {
      expect(await sentWith(library, secure.saslSsl, 'secure', security), library.name).toEqual({ resolved: 'written' })
    }
    expect(security.sasl).toHaveProperty('authenticationProvider')
  })

  const refused: readonly (readonly [string, SASLOptions])[] = [
    ['PLAIN', { mechanism: 'plain', ...wrong }],
    ['SCRAM', { mechanism: 'scram-sha-256', ...wrong }],
  ]

  test.each(refused)('refuses a wrong password at once, and by the same name: %s', async (_, sasl) => {
    const outcomes: CallOutcome[] = []
    for (const library of libraries) {
      outcomes.push(await sentWith(library, secure.saslSsl, 'secure', { ssl: tls(), sasl: { ...sasl } }))
    }
    expect(outcomes[1]).toEqual(outcomes[0])
    expect(outcomes[1]).toMatchObject({ rejected: { name: 'KafkaJSSASLAuthenticationError', retriable: false } })
  })
})
