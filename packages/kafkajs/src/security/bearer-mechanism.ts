import type { SaslMechanism } from '@linger/producer'
import type { OauthbearerProviderResponse } from './sasl-options.ts'

const SEPARATOR = '\u0001'

/**
 * OAUTHBEARER with KafkaJS's provider, which is asked for a token, and what goes with it, at every authentication.
 *
 * @source RFC 7628, KIP-255, KIP-342
 */
export function bearerMechanism(provider: () => Promise<OauthbearerProviderResponse>): SaslMechanism {
  return { name: 'OAUTHBEARER', converse: () => dialogueWith(provider) }
}

async function* dialogueWith(
  provider: () => Promise<OauthbearerProviderResponse>,
): AsyncGenerator<Uint8Array, void, Uint8Array> {
  const { value, extensions = {} } = await provider()
  const entries = Object.entries({ auth: `Bearer ${value}`, ...extensions }).map(([name, text]) => `${name}=${text}`)
  const refusal = yield Buffer.from(`n,,${SEPARATOR}${entries.join(SEPARATOR)}${SEPARATOR}${SEPARATOR}`)
  if (refusal.length > 0) throw new Error(Buffer.from(refusal).toString())
}
