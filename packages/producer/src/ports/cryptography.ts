export type HashName = 'sha256' | 'sha512'

/** What SASL needs of cryptography. */
export interface Cryptography {
  /** Bytes that nobody can guess. */
  randomBytes(sizeBytes: number): Uint8Array
  hash(hash: HashName, bytes: Uint8Array): Uint8Array
  hmac(hash: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array
  /** Takes the same time wherever the two differ. */
  isEqual(one: Uint8Array, other: Uint8Array): boolean
  /** PBKDF2 with HMAC: made to be slow, so it runs off the main thread. */
  deriveKey(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array>
}
