import { KafkaError } from '../errors.ts'
import type { Peer } from './connection-deps.ts'

const OWN_OPTIONS =
  'our own certificate or key cannot be read, or another option not be used: look at ssl.cert, ssl.key, ssl.pfx and ssl.passphrase, then at ssl.ciphers, ssl.sigalgs, ssl.ecdhCurve and ssl.crl'

/** What is wrong, and what to do. Asked in this order; the code is Node's, or a TlsError's. */
const REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^CERT_HAS_EXPIRED$/, 'its certificate has expired: it needs a new one'],
  [/^CERT_NOT_YET_VALID$/, 'its certificate is not valid yet: compare the clocks'],
  [/^CERT_REVOKED$/, 'its certificate was revoked: it needs a new one'],
  [
    /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_UNTRUSTED|INVALID_CA|CERT_)/,
    'its certificate was not signed by an authority that we trust: set ssl.ca to the certificate of the one that signed it',
  ],
  [
    /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    'its certificate is for other names: connect to a name it is for (advertised.listeners), or give the broker one for this name',
  ],
  [
    /^(?:ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|ERR_SSL_HTTP_REQUEST|ERR_SSL_RECORD_LAYER_FAILURE)$/,
    'it does not answer with TLS: use the port of an encrypted listener, or set securityProtocol to PLAINTEXT or SASL_PLAINTEXT',
  ],
  [
    /(?:PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW)$/,
    'it has no version of TLS in common with us: TLS 1.2 or newer is needed',
  ],
  [
    /ALERT_(?:CERTIFICATE_REQUIRED|BAD_CERTIFICATE|CERTIFICATE_|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE)/,
    'it does not accept our certificate: set ssl.cert and ssl.key to one that was signed by an authority it trusts',
  ],
  [
    /(?:ALERT_HANDSHAKE_FAILURE|NO_SHARED_CIPHER|NO_CIPHERS_AVAILABLE)$/,
    'it has no cipher in common with us, or wants a certificate: look at ssl.ciphers, ssl.cert and ssl.key',
  ],
  [/^(?:OPTIONS_UNUSABLE$|ERR_OSSL_)/, OWN_OPTIONS],
  [/^IDENTITY_REFUSED$/, 'ssl.checkServerIdentity does not accept its certificate'],
]

/** Node's names for what can be wrong with a connection before there is anything to say about TLS. */
const SYSTEM_CODE = /^(?:E[A-Z]+|ERR_SOCKET_BAD_PORT)$/

/** Why the connection cannot be trusted, or not be made as `ssl` says. Undefined when it broke for another reason. */
export function tlsFailed({ host, address }: Peer, cause: Error): KafkaError | undefined {
  if (cause instanceof KafkaError && cause.code === 'INVALID_CONFIG') {
    return new KafkaError('INVALID_CONFIG', `${host}:${address.port}: ${cause.message}`, { outcome: 'never', cause })
  }
  const code = codeOf(cause)
  if (code === undefined || (SYSTEM_CODE.test(code) && code !== 'EPROTO')) return undefined
  const reason = REASONS.find(([pattern]) => pattern.test(code))?.[1] ?? 'TLS failed'
  return new KafkaError(
    'SSL_AUTHENTICATION_FAILED',
    `${host}:${address.port} (${address.host}): ${reason} (${cause.message.split('\n')[0] ?? code})`,
    { outcome: 'unknown', cause },
  )
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
