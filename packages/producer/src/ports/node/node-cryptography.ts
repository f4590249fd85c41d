import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import type { Cryptography, HashName } from '../cryptography.ts'

const HASH_BYTES: Readonly<Record<HashName, number>> = { sha256: 32, sha512: 64 }

const pbkdf2Later = promisify(pbkdf2)

/** Cryptography by node:crypto. */
export class NodeCryptography implements Cryptography {
  randomBytes(sizeBytes: number): Uint8Array {
    return randomBytes(sizeBytes)
  }

  hash(hash: HashName, bytes: Uint8Array): Uint8Array {
    return createHash(hash).update(bytes).digest()
  }

  hmac(hash: HashName, key: Uint8Array, bytes: Uint8Array): Uint8Array {
    return createHmac(hash, key).update(bytes).digest()
  }

  isEqual(one: Uint8Array, other: Uint8Array): boolean {
    return one.length === other.length && timingSafeEqual(one, other)
  }

  deriveKey(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
    return pbkdf2Later(password, salt, iterations, HASH_BYTES[hash], hash)
  }
}
