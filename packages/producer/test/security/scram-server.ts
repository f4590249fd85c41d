import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import type { SaslServer } from './sasl-listener.ts'

export interface ScramServerOptions {
  readonly hash: 'sha256' | 'sha512'
  readonly username: string
  readonly password: string
  readonly salt?: Buffer
  readonly iterations?: number
  readonly nonce?: string
  /** What is said instead of the first answer, given ours. */
  readonly serverFirst?: (clientNonce: string) => string
  /** What is said instead of the proof, given it. */
  readonly serverFinal?: (proof: string) => string
}

/** A broker's side of SCRAM, from RFC 5802 and not from our client. */
export function scramServer(options: ScramServerOptions): SaslServer {
  const { hash, username, password, salt = Buffer.from('salt of the broker'), iterations = 4096 } = options
  const hmac = (key: Buffer, text: string): Buffer => createHmac(hash, key).update(text).digest()
  const salted = pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash)
  let clientFirst = ''
  let serverFirst = ''

  return (token) => {
    const text = token.toString()
    if (clientFirst === '') {
      clientFirst = text.replace(/^n,,/, '')
      const [name, nonce = ''] = clientFirst.split(',')
      if (name !== `n=${username.replaceAll('=', '=3D').replaceAll(',', '=2C')}`) return refused()
      const clientNonce = nonce.slice(2)
      serverFirst =
        options.serverFirst?.(clientNonce) ??
        `r=${clientNonce}${options.nonce ?? 'broker'},s=${salt.toString('base64')},i=${iterations}`
      return { kind: 'challenge', token: Buffer.from(serverFirst) }
    }
    const [withoutProof = '', proof = ''] = text.split(/,p=/)
    const conversation = `${clientFirst},${serverFirst},${withoutProof}`
    const clientKey = hmac(salted, 'Client Key')
    const signature = hmac(createHash(hash).update(clientKey).digest(), conversation)
    const expected = clientKey.map((byte, i) => byte ^ (signature[i] ?? 0))
    const isRight = withoutProof.startsWith('c=biws,r=') && Buffer.from(proof, 'base64').equals(expected)
    if (!isRight && options.serverFinal === undefined) return refused()
    const verifier = hmac(hmac(salted, 'Server Key'), conversation).toString('base64')
    return { kind: 'accepted', token: Buffer.from(options.serverFinal?.(verifier) ?? `v=${verifier}`) }
  }
}

function refused(): ReturnType<SaslServer> {
  return { kind: 'refused', message: 'Authentication failed during authentication due to invalid credentials' }
}
