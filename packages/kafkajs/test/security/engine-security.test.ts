import { describe, expect, test } from 'vitest'
import type { KafkaConfig } from '../../src/index.ts'
import { createLogger, logLevel } from '../../src/logger/logger.ts'
import { engineSecurity } from '../../src/security/engine-security.ts'
import { unchecked } from '../local-broker.ts'

const logger = createLogger(logLevel.NOTHING)
const user = { username: 'orders', password: 'secret' }
const authenticationProvider = () => ({ authenticate: async () => {} })

/** What the engine is given for `sasl`. */
function engineSasl(sasl: object): unknown {
  const kafka: KafkaConfig = unchecked({ brokers: [], ssl: true, sasl })
  return engineSecurity(kafka, logger).sasl
}

describe('sasl', () => {
  test('with a provider of the user is a mechanism of theirs, whatever its name', () => {
    expect(engineSasl({ mechanism: 'plain', authenticationProvider })).toMatchObject({ mechanism: { name: 'PLAIN' } })
  })

  test('that KafkaJS has connected with, and put its provider into, is what it was', () => {
    const sasl = { mechanism: 'scram-sha-256', ...user, authenticationProvider }
    expect(engineSasl(sasl)).toEqual({ mechanism: 'SCRAM-SHA-256', ...user })
  })

  test.each([
    [{ mechanism: 'plain', username: 'orders' }, 'SASL Plain: Invalid username or password'],
    [{ mechanism: 'scram-sha-512' }, 'SASL SCRAM SHA512 authentication: Invalid username or password'],
    [{ mechanism: 'oauthbearer' }, 'SASL OAUTHBEARER: Missing OAuth bearer token provider'],
    [{ mechanism: 'none' }, 'SASL NONE is not known here'],
  ])('%j is refused', (sasl, message) => {
    expect(() => engineSasl(sasl)).toThrow(expect.objectContaining({ name: 'KafkaJSSASLAuthenticationError', message }))
  })
})
