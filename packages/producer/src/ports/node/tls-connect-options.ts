import type { ConnectionOptions, PeerCertificate } from 'node:tls'
import { TlsError, tlsOptionKeys, type Tls, type TlsOptions } from '../tls.ts'

/**
 * Asks for the options of one connection, and makes of them what node:tls is told.
 *
 * @throws TlsError OPTIONS_UNUSABLE, or whatever a function that was asked throws
 */
export async function tlsConnectOptions({ host, options }: Tls): Promise<ConnectionOptions> {
  const given = await options()
  // What stands on a prototype is nothing that was asked for.
  const known: TlsOptions = Object.fromEntries(
    tlsOptionKeys
      .filter((key) => Object.hasOwn(given, key) && given[key] !== undefined)
      .map((key) => [key, given[key]]),
  )
  const isUnchecked = Object.hasOwn(known, 'rejectUnauthorized') && known.rejectUnauthorized === false
  return withSecureContext({
    ...(known as ConnectionOptions),
    // Named, or another default of this process (NODE_TLS_REJECT_UNAUTHORIZED, --tls-min-v1.0) would hold.
    rejectUnauthorized: !isUnchecked,
    minVersion: Object.hasOwn(known, 'minVersion') ? (known.minVersion ?? 'TLSv1.2') : 'TLSv1.2',
    servername: serverNameOf(host),
    checkServerIdentity: (name, certificate) => identityError(known, name, certificate),
  })
}

/** Apart from connecting: what is wrong here is wrong with our own options, also where Node gives no code. */
function withSecureContext(options: ConnectionOptions): ConnectionOptions {
  const { createSecureContext } = process.getBuiltinModule('node:tls')
  try {
    return { ...options, secureContext: createSecureContext(options) }
  } catch (error) {
    throw new TlsError('OPTIONS_UNUSABLE', error)
  }
}

/** Empty for an address: there is no name to ask for, and the certificate must be for the address (RFC 6066). */
function serverNameOf(host: string): string {
  return process.getBuiltinModule('node:net').isIP(host) === 0 ? host.replace(/\.$/, '') : ''
}

/** Node calls it from inside of an event: what it throws would be an uncaught exception. */
function identityError(options: TlsOptions, host: string, certificate: PeerCertificate): Error | undefined {
  const { checkServerIdentity } = process.getBuiltinModule('node:tls')
  const error = checkServerIdentity(host, certificate)
  if (error !== undefined) return error
  try {
    const wrong: unknown = options.checkServerIdentity?.(host, certificate)
    return wrong === undefined || wrong === null ? undefined : new TlsError('IDENTITY_REFUSED', wrong)
  } catch (thrown) {
    return new TlsError('IDENTITY_REFUSED', thrown)
  }
}
