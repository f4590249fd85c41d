import assert from 'node:assert/strict'
import * as fc from 'fast-check'
import { clientCredentialsProvider } from '../../packages/producer/src/network/sasl/client-credentials.ts'
import { readServerFinal, readServerFirst } from '../../packages/producer/src/network/sasl/scram-messages.ts'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { type FuzzTarget, fuzzTarget } from './fuzz-target.ts'

/** What a peer may say: anything, and what is almost right. */
const almostScram = fc
  .array(fc.constantFrom('r=', 'nonce', ',', 's=', 'c2FsdA==', 'i=', '4096', 'm=x', 'v=', 'e=', '\0', '=', 'é'))
  .map((parts) => Buffer.from(parts.join('')))
const saidInScram = fc.oneof(
  fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
  almostScram,
)

/** The refusals, word for word: nothing of what was said is repeated. */
const refusesWith =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof Error && error.constructor === Error && pattern.test(error.message)

const serverFirst = fuzzTarget('SCRAM: what the broker asks for', {
  inputs: saidInScram,
  read: (said) => {
    const { nonce, salt, iterations } = readServerFirst(said)
    assert.match(nonce, /^[\x21-\x2b\x2d-\x7e]+$/)
    assert.ok(salt.length > 0)
    assert.ok(Number.isSafeInteger(iterations) && iterations > 0)
  },
  isRefusal: refusesWith(/^it(s [a-z ]+ is missing or malformed| demands an extension[a-z ]+)$/),
})

const serverFinal = fuzzTarget("SCRAM: the broker's proof", {
  inputs: saidInScram,
  read: (said) => assert.ok(readServerFinal(said).length > 0),
  isRefusal: refusesWith(/^it (refuses the proof|does not prove that it knows the password)$/),
})

const tokenAnswers = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc
    .record({ access_token: fc.anything(), expires_in: fc.anything(), error: fc.anything() }, { requiredKeys: [] })
    .map((answer) => Buffer.from(fc.stringify(answer))),
  fc
    .record({ access_token: fc.string(), expires_in: fc.oneof(fc.double(), fc.string()) }, { requiredKeys: [] })
    .map((answer) => Buffer.from(JSON.stringify(answer))),
)
const credentials = { tokenEndpointUrl: 'https://a/', allowedUrls: [], clientId: 'a', clientSecret: 'b' }

const tokenAnswer = fuzzTarget('OAuth: the answer of a token endpoint', {
  inputs: fc.record({ status: fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 })), bytes: tokenAnswers }),
  read: async ({ status, bytes }) => {
    const http = { post: () => Promise.resolve({ status, body: bytes }) }
    const { value } = await clientCredentialsProvider(credentials, http, new Timeline().clock())()
    assert.equal(typeof value, 'string')
  },
  isRefusal: refusesWith(/^the (token endpoint answered|answer of the token endpoint has)[ a-z0-9_()]*$/),
})

export const securityTargets: readonly FuzzTarget[] = [serverFirst, serverFinal, tokenAnswer]
