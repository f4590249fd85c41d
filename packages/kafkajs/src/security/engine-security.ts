import type { ProducerConfig as EngineConfig, SaslOptions } from '@linger/producer'
import type { KafkaConfig } from '../config/kafka-config.ts'
import { KafkaJSSASLAuthenticationError } from '../errors/network-errors.ts'
import type { Logger } from '../logger/logger.ts'
import { awsMechanism } from './aws-mechanism.ts'
import { bearerMechanism } from './bearer-mechanism.ts'
import { customMechanism } from './custom-mechanism.ts'
import type { Mechanism, SASLOptions } from './sasl-options.ts'

/**
 * `ssl` and `sasl` as the engine's configuration. The options of TLS are not in it: the network that the client is given
 * has them.
 */
export function engineSecurity({ ssl, sasl }: KafkaConfig, logger: Logger): Partial<EngineConfig> {
  const isEncrypted = ssl !== undefined && ssl !== false
  if (sasl === undefined) return { securityProtocol: isEncrypted ? 'SSL' : 'PLAINTEXT' }
  return {
    securityProtocol: isEncrypted ? 'SASL_SSL' : 'SASL_PLAINTEXT',
    sasl: saslOptionsOf(sasl, isEncrypted, logger),
  }
}

/** KafkaJS sends a secret over whatever connection it has. So does this, and the engine warns. */
function saslOptionsOf(sasl: SASLOptions | Mechanism, isEncrypted: boolean, logger: Logger): SaslOptions {
  const insecure = isEncrypted ? undefined : { allowInsecure: true }
  if (isOfTheUser(sasl)) return { mechanism: customMechanism(sasl, logger), ...insecure }
  const options = { ...sasl, mechanism: sasl.mechanism.toLowerCase() } as SASLOptions
  switch (options.mechanism) {
    case 'plain':
      return { ...userOf(options, 'SASL Plain'), mechanism: 'PLAIN', ...insecure }
    case 'scram-sha-256':
      return { ...userOf(options, 'SASL SCRAM SHA256 authentication'), mechanism: 'SCRAM-SHA-256' }
    case 'scram-sha-512':
      return { ...userOf(options, 'SASL SCRAM SHA512 authentication'), mechanism: 'SCRAM-SHA-512' }
    case 'oauthbearer':
      return { mechanism: bearerMechanism(options.oauthBearerProvider), ...insecure }
    case 'aws':
      return { mechanism: awsMechanism(options), ...insecure }
    default:
      throw new KafkaJSSASLAuthenticationError(`SASL ${sasl.mechanism.toUpperCase()} is not known here`)
  }
}

/** KafkaJS puts a provider of its own into the options that it connects with, which may be ours as well. */
function isOfTheUser(sasl: SASLOptions | Mechanism): sasl is Mechanism {
  const isForKafkaJs = 'username' in sasl || 'oauthBearerProvider' in sasl || 'authorizationIdentity' in sasl
  return 'authenticationProvider' in sasl && !isForKafkaJs
}

interface User {
  readonly username: string
  readonly password: string
}

function userOf({ username, password }: Partial<User>, title: string): User {
  if (username != null && password != null) return { username, password }
  throw new KafkaJSSASLAuthenticationError(`${title}: Invalid username or password`)
}
