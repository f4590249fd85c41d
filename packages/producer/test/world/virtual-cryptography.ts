import { pbkdf2Sync } from 'node:crypto'
import type { HashName } from '../../src/index.ts'
import { NodeCryptography } from '../../src/ports/node/node-cryptography.ts'
import type { SeededRandom } from './seeded-random.ts'

/** Cryptography that a seed repeats, and that takes no time: nothing on a virtual clock waits for a thread. */
export class VirtualCryptography extends NodeCryptography {
  readonly #random: SeededRandom

  constructor(random: SeededRandom) {
    super()
    this.#random = random
  }

  override randomBytes(sizeBytes: number): Uint8Array {
    return Uint8Array.from({ length: sizeBytes }, () => this.#random.below(256))
  }

  override deriveKey(hash: HashName, password: Uint8Array, salt: Uint8Array, iterations: number): Promise<Uint8Array> {
    return Promise.resolve(pbkdf2Sync(password, salt, iterations, hash === 'sha256' ? 32 : 64, hash))
  }
}
