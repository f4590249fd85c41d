import { KafkaError } from '@linger/producer'
import { expect, test } from 'vitest'
import { errorFromEngine, refusedToken } from '../../src/errors/error-from-engine.ts'
import { retrySchedule } from '../../src/retry/retry.ts'

const never = { outcome: 'never' } as const

/** As `connect()` tells of a dialogue that a mechanism broke off. */
function brokenOff(mechanism: string, cause: Error): KafkaError {
  const code = 'SASL_AUTHENTICATION_FAILED'
  const message = `b:9092: ${mechanism} was broken off by this client: ${cause.message}`
  const failed = new KafkaError(code, message, { ...never, cause })
  return new KafkaError(code, `no bootstrap server can be used: ${message}`, { ...never, cause: failed })
}

test('what a mechanism or a provider of the user throws comes as it is, with its own causes', () => {
  const thrown = new RangeError('no token today', { cause: new Error('the disk is full') })
  for (const mechanism of ['OAUTHBEARER', 'PLAIN', 'MINE']) {
    expect(errorFromEngine(brokenOff(mechanism, thrown), retrySchedule())).toBe(thrown)
  }
})

test("what the engine's own SCRAM says is told as KafkaJS tells it", () => {
  const error = errorFromEngine(brokenOff('SCRAM-SHA-512', new Error('the proof is wrong')), retrySchedule())
  expect(error).toMatchObject({
    name: 'KafkaJSSASLAuthenticationError',
    message: 'SASL SCRAM SHA512 authentication failed: the proof is wrong',
  })
})

test.each([
  ['UNSUPPORTED_SASL_MECHANISM', 33, 'The broker does not support the requested SASL mechanism'],
  ['ILLEGAL_SASL_STATE', 34, 'Request is not valid given the current SASL state'],
])('%s is an answer of the broker, as with KafkaJS', (type, code, message) => {
  const error = errorFromEngine(new KafkaError(type, 'b:9092 has none', never), retrySchedule())
  expect(error).toMatchObject({ name: 'KafkaJSProtocolError', type, code, message, retriable: false })
})

test('a mechanism of the user hears of a refusal what KafkaJS would tell it', () => {
  const refusal = new KafkaError('SASL_AUTHENTICATION_FAILED', 'b:9092 refused MINE: the token is old', never)
  const told = { type: 'SASL_AUTHENTICATION_FAILED', code: 58, message: 'the token is old', retriable: false }
  expect(refusedToken(refusal)).toMatchObject({ name: 'KafkaJSProtocolError', ...told })
})
