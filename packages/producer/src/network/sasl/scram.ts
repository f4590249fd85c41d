import type { Cryptography, HashName } from '../../ports/cryptography.ts'
import { currentPassword } from './plain.ts'
import type { SaslMechanism } from './sasl-mechanism.ts'
import type { Password, ScramOptions } from './sasl-options.ts'
import { readServerFinal, readServerFirst, saslName, type ServerFirst } from './scram-messages.ts'

const NONCE_BYTES = 24

/** Fewer rounds make a stolen proof cheap to try passwords on. Kafka's own minimum too. */
const ITERATIONS_MIN = 4096

const ITERATIONS_MAX = 1_000_000

/** No channel binding, no other identity: base64 of `n,,`. */
const CHANNEL_BINDING = 'c=biws'

const HASHES: Readonly<Record<ScramOptions['mechanism'], HashName>> = {
  'SCRAM-SHA-256': 'sha256',
  'SCRAM-SHA-512': 'sha512',
}

/**
 * Both sides prove that they know the password, and neither tells it.
 *
 * Six things are checked, or a peer that knows nothing could pass for the broker, or learn about the password: the
 * broker's nonce begins with ours, and is longer; the rounds of key derivation are a plain number, not too few and not
 * too many, before any is done; the broker proves itself, compared in constant time. What fails says nothing that was
 * derived from the password.
 *
 * @source RFC 5802, RFC 7677, Kafka ScramSaslClient
 */
export function scram(options: ScramOptions, cryptography: Cryptography): SaslMechanism {
  const hash = HASHES[options.mechanism]
  const iterationsMax = options.maxIterations ?? ITERATIONS_MAX
  return {
    name: options.mechanism,
    async *converse() {
      const nonce = Buffer.from(cryptography.randomBytes(NONCE_BYTES)).toString('base64')
      const clientFirst = `n=${saslName(options.username)},r=${nonce}`

      const serverFirst: Uint8Array = yield Buffer.from(`n,,${clientFirst}`)
      const asked = readServerFirst(serverFirst)
      checkServerFirst(asked, nonce, iterationsMax)

      const withoutProof = `${CHANNEL_BINDING},r=${asked.nonce}`
      const conversation = `${clientFirst},${Buffer.from(serverFirst).toString()},${withoutProof}`
      const { proof, serverSignature } = await proofsOf(conversation, asked, options.password, hash, cryptography)
      const verifier = readServerFinal(yield Buffer.from(`${withoutProof},p=${proof}`))
      if (!cryptography.isEqual(verifier, serverSignature)) {
        throw new Error('it does not know the password: it may not be the broker that it says it is')
      }
    },
  }
}

function checkServerFirst({ nonce, iterations }: ServerFirst, ours: string, iterationsMax: number): void {
  if (!nonce.startsWith(ours) || nonce.length === ours.length) {
    throw new Error('its nonce does not go on from ours: it may be the replay of another conversation')
  }
  if (iterations < ITERATIONS_MIN) {
    throw new Error(
      `it asks for ${iterations} iterations, and fewer than ${ITERATIONS_MIN} do not protect the password`,
    )
  }
  if (iterations > iterationsMax) {
    throw new Error(`it asks for ${iterations} iterations, more than sasl.maxIterations (${iterationsMax})`)
  }
}

async function proofsOf(
  conversation: string,
  { salt, iterations }: ServerFirst,
  password: Password,
  hash: HashName,
  cryptography: Cryptography,
): Promise<{ readonly proof: string; readonly serverSignature: Uint8Array }> {
  const secret = Buffer.from(await currentPassword(password))
  const saltedPassword = await cryptography.deriveKey(hash, secret, salt, iterations)
  const authMessage = Buffer.from(conversation)
  const clientKey = cryptography.hmac(hash, saltedPassword, Buffer.from('Client Key'))
  const storedKey = cryptography.hash(hash, clientKey)
  const clientSignature = cryptography.hmac(hash, storedKey, authMessage)
  const serverKey = cryptography.hmac(hash, saltedPassword, Buffer.from('Server Key'))
  const proof = clientKey.map((byte, i) => byte ^ (clientSignature[i] ?? 0))
  return {
    proof: Buffer.from(proof).toString('base64'),
    serverSignature: cryptography.hmac(hash, serverKey, authMessage),
  }
}
