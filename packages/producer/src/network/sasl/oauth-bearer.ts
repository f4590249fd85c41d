import type { SaslMechanism } from './sasl-mechanism.ts'
import type { TokenSource } from './token-source.ts'

const SEPARATOR = '\u0001'

/** What answers a refusal: the broker gives its reason only then. */
const GO_ON = Uint8Array.of(1)

/**
 * A token that says who we are to whoever holds it: for encrypted connections only.
 *
 * @param extensions more to tell the broker (KIP-342)
 * @source RFC 7628, KIP-255
 */
export function oauthBearer(tokens: TokenSource, extensions: Readonly<Record<string, string>> = {}): SaslMechanism {
  const pairs = Object.entries(extensions).map(([name, value]) => `${name}=${value}${SEPARATOR}`)
  return {
    name: 'OAUTHBEARER',
    async *converse() {
      const token = await tokens.current()
      let reason: Uint8Array
      try {
        reason = yield Buffer.from(`n,,${SEPARATOR}auth=Bearer ${token}${SEPARATOR}${pairs.join('')}${SEPARATOR}`)
      } catch (refusal) {
        tokens.discard(token) // some brokers refuse at once, and give no reason first
        throw refusal
      }
      if (reason.length === 0) return
      tokens.discard(token)
      yield GO_ON
      throw new Error('it refuses the token')
    },
  }
}
