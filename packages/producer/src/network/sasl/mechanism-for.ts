import type { Clock } from '../../ports/clock.ts'
import type { Cryptography } from '../../ports/cryptography.ts'
import type { Http } from '../../ports/http.ts'
import type { Random } from '../../ports/random.ts'
import type { TokenProvider } from './access-token.ts'
import { clientCredentialsProvider } from './client-credentials.ts'
import { oauthBearer } from './oauth-bearer.ts'
import { plain } from './plain.ts'
import type { SaslMechanism } from './sasl-mechanism.ts'
import type { OauthBearerOptions, SaslOptions } from './sasl-options.ts'
import { scram } from './scram.ts'
import { TokenSource } from './token-source.ts'

export interface MechanismPorts {
  readonly clock: Clock
  readonly random: Random
  readonly cryptography: Cryptography
  readonly http: Http
}

/**
 * The mechanism that checked options ask for.
 *
 * @param tokenTimeoutMs how long a token is awaited before it is asked for anew
 */
export function mechanismFor(options: SaslOptions, ports: MechanismPorts, tokenTimeoutMs: number): SaslMechanism {
  switch (options.mechanism) {
    case 'PLAIN':
      return plain(options.username, options.password)
    case 'SCRAM-SHA-256':
    case 'SCRAM-SHA-512':
      return scram(options, ports.cryptography)
    case 'OAUTHBEARER': {
      const tokens = new TokenSource(providerFor(options, ports), ports.clock, ports.random, tokenTimeoutMs)
      return oauthBearer(tokens, options.extensions)
    }
    default:
      return options.mechanism
  }
}

function providerFor({ token, clientCredentials }: OauthBearerOptions, { http, clock }: MechanismPorts): TokenProvider {
  if (clientCredentials !== undefined) return clientCredentialsProvider(clientCredentials, http, clock)
  if (token !== undefined) return token
  throw new TypeError('OAUTHBEARER without a token or client credentials')
}
