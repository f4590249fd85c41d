import type * as NodeCrypto from 'node:crypto'
import type { Cryptography, HashName } from '../cryptography.ts'

const HASH_BYTES: Readonly<Record<HashName, number>> = { sha256: 32, sha512: 64 }

/** Cryptography by node:crypto, which is loaded when it is first needed: who needs none imports this package sooner. */
export class NodeCryptography implements Cryptography {
  randomBytes(sizeBytes: number): Uint8Array {
    return this.#crypto.randomBytes(sizeBytes)
  }

  hash(hash: HashName, bytes: Uint8Array): Uint8Array {
    return this.#crypto.createHash(hash).update(bytes).digest()
  }

  hmac(hash: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array {
    return this.#crypto.createHmac(hash, key).update(bytes).digest()
  }

  isEqual(one: Uint8Array, other: Uint8Array): boolean {
    return one.length === other.length && this.#crypto.timingSafeEqual(one, other)
  }

  deriveKey(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
    const derive = process.getBuiltinModule('node:util').promisify(this.#crypto.pbkdf2)
    return derive(password, salt, iterations, HASH_BYTES[hash], hash)
  }

  get #crypto(): typeof NodeCrypto {
    return process.getBuiltinModule('node:crypto')
  }
}
