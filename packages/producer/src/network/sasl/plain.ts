import type { Password } from './sasl-options.ts'
import type { SaslMechanism } from './sasl-mechanism.ts'

/**
 * User and password as they are: for encrypted connections only.
 *
 * @source RFC 4616
 */
export function plain(username: string, password: Password): SaslMechanism {
  return {
    name: 'PLAIN',
    async *converse() {
      const secret = await currentPassword(password)
      yield Buffer.from(`\0${username}\0${secret}`)
    },
  }
}

/** @throws Error when the function gives none */
export async function currentPassword(password: Password): Promise<string> {
  const secret: unknown = typeof password === 'function' ? await password() : password
  if (typeof secret !== 'string' || secret === '' || secret.includes('\0')) {
    throw new Error('sasl.password gave no password: a string is needed, not empty and without NUL')
  }
  return secret
}
