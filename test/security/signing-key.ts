import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** Signs tokens as an OAuth server does (RS256). */
export class SigningKey {
  readonly #privateKey: KeyObject
  /** What a broker needs to check a signature (JWKS). */
  readonly keySet: { readonly keys: readonly object[] }

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    this.#privateKey = privateKey
    this.keySet = { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' }] }
  }

  /** A token for `subject` that is good for so long. */
  token(subject: string, lifetimeMs: number): string {
    const nowS = Math.floor(Date.now() / 1000)
    const claims = { sub: subject, aud: 'kafka', iat: nowS, exp: nowS + Math.floor(lifetimeMs / 1000), scope: 'kafka' }
    const signed = `${encoded({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${encoded(claims)}`
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(this.#privateKey, 'base64url')}`
  }
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
