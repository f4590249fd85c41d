import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { KafkaError, Producer } from '../../src/index.ts'
import { clientCredentialsProvider } from '../../src/network/sasl/client-credentials.ts'
import { readServerFinal, readServerFirst } from '../../src/network/sasl/scram-messages.ts'
import { Timeline } from '../world/timeline.ts'
import { unchecked } from '../world/unchecked.ts'

/** What a peer may say: anything, and what is almost right. */
const almostScram = fc
  .array(fc.constantFrom('r=', 'nonce', ',', 's=', 'c2FsdA==', 'i=', '4096', 'm=x', 'v=', 'e=', '\0', '=', 'é'))
  .map((parts) => Buffer.from(parts.join('')))
const bytes = fc.oneof(fc.uint8Array({ maxLength: 2000 }), almostScram)

describe('whatever a peer says in SCRAM', () => {
  test.prop([bytes])('is read strictly, or is an error that repeats nothing of it', (said) => {
    try {
      const { nonce, salt, iterations } = readServerFirst(said)
      expect(nonce).toMatch(/^[\x21-\x2b\x2d-\x7e]+$/)
      expect(salt.length).toBeGreaterThan(0)
      expect(Number.isSafeInteger(iterations) && iterations > 0).toBe(true)
    } catch (error) {
      expect(messageOf(error)).toMatch(/^it(s [a-z ]+ is missing or malformed| demands an extension)/)
    }
  })

  test.prop([bytes])('is a proof, or an error that repeats nothing of it', (said) => {
    try {
      expect(readServerFinal(said).length).toBeGreaterThan(0)
    } catch (error) {
      expect(messageOf(error)).toMatch(/^it (refuses the proof|does not prove that it knows the password)$/)
    }
  })

  // No pattern goes back over what it has read.
  test.each(['r='.repeat(250_000), `r=${'a'.repeat(500_000)}`, `s=${'A'.repeat(500_001)}`, ','.repeat(500_000)])(
    'S19: is read in time that grows with its length (%#)',
    (text) => {
      const startMs = performance.now()
      expect(() => readServerFirst(Buffer.from(text))).toThrow()
      expect(() => readServerFinal(Buffer.from(text.replace(/^s=/, 'v=')))).toThrow()
      expect(performance.now() - startMs).toBeLessThan(2000)
    },
  )
})

describe('whatever a token endpoint answers', () => {
  const answers = fc.oneof(
    fc.json().map((text) => Buffer.from(text)),
    fc.uint8Array(),
    fc
      .record({ access_token: fc.anything(), expires_in: fc.anything() }, { requiredKeys: [] })
      .map((answer) => Buffer.from(fc.stringify(answer))),
  )
  test.prop([fc.integer({ min: 100, max: 599 }), answers])(
    'is a token or an error of one line',
    async (status, body) => {
      const credentials = { tokenEndpointUrl: 'https://a/', allowedUrls: [], clientId: 'a', clientSecret: 'b' }
      const http = { post: () => Promise.resolve({ status, body }) }
      const provider = clientCredentialsProvider(credentials, http, new Timeline().clock())
      try {
        expect(typeof (await provider()).value).toBe('string')
      } catch (error) {
        expect(messageOf(error)).toMatch(
          /^the (token endpoint answered|answer of the token endpoint has)[ a-z0-9_()]*$/,
        )
      }
    },
  )
})

describe('whatever is configured', () => {
  const mechanism = fc.oneof(fc.constantFrom('PLAIN', 'SCRAM-SHA-256', 'OAUTHBEARER'), fc.anything())
  const keys = ['mechanism', 'username', 'password', 'token', 'clientCredentials', 'extensions', 'allowInsecure', 'x']
  const sasl = fc.oneof(
    fc.anything(),
    fc.tuple(mechanism, fc.dictionary(fc.constantFrom(...keys), fc.anything())).map(([name, more]) => ({
      ...more,
      mechanism: name,
    })),
  )
  const ssl = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.constantFrom('ca', 'key', 'rejectUnauthorized', 'minVersion', '__proto__'), fc.anything()),
  )
  const protocol = fc.constantFrom('PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL')
  test.prop([protocol, sasl, ssl])('is a producer, or one clear error', async (securityProtocol, given, options) => {
    const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
    const config = { bootstrapServers: 'a:1', securityProtocol, sasl: given, ssl: options, logger: quiet }
    try {
      await new Producer(unchecked(config)).close()
    } catch (error) {
      expect(error).toBeInstanceOf(KafkaError)
      expect(error).toMatchObject({ code: 'INVALID_CONFIG', outcome: 'never' })
    }
  })
})

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'no error'
}
