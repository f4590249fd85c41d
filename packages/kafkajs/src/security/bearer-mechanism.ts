import type { SaslMechanism } from '@linger/producer'
import { KafkaJSSASLAuthenticationError } from '../errors/network-errors.ts'
import type { OauthbearerProviderResponse } from './sasl-options.ts'

const SEPARATOR = '\u0001'

/**
 * OAUTHBEARER with KafkaJS's provider, which is asked for a token, and what goes with it, at every authentication.
 *
 * @source RFC 7628, KIP-255, KIP-342
 */
export function bearerMechanism(provider: (() => Promise<OauthbearerProviderResponse>) | undefined): SaslMechanism {
  if (provider === undefined) {
    throw new KafkaJSSASLAuthenticationError('SASL OAUTHBEARER: Missing OAuth bearer token provider')
  }
  return { name: 'OAUTHBEARER', converse: () => dialogueWith(provider) }
}

async function* dialogueWith(
  provider: () => Promise<OauthbearerProviderResponse>,
): AsyncGenerator<Uint8Array, void, Uint8Array> {
  const { value, extensions = {} } = await provider()
  const given: unknown = value
  if (given === undefined || given === null)
    throw new KafkaJSSASLAuthenticationError('SASL OAUTHBEARER: Invalid OAuth bearer token')
  const entries = Object.entries({ auth: `Bearer ${value}`, ...extensions }).map(([name, text]) => `${name}=${text}`)
  const refusal = yield Buffer.from(`n,,${SEPARATOR}${entries.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`)
  if (refusal.length === 0) return
  throw new KafkaJSSASLAuthenticationError(`SASL OAUTHBEARER authentication failed: ${Buffer.from(refusal).toString()}`)
}
