import type { Ports } from '../../src/index.ts'

/** For worlds in which nobody encrypts or authenticates: whoever does finds out. */
export const noSecurity: Pick<Ports, 'cryptography' | 'http'> = {
  cryptography: {
    randomBytes: nothing,
    hash: nothing,
    hmac: nothing,
    isEqual: nothing,
    deriveKey: nothing,
  },
  http: { post: nothing },
}

function nothing(): never {
  throw new Error('there is no security in this world')
}
