/** One PEM text, or its bytes. */
export type Pem = string | Uint8Array

/** What is looked at in a server's certificate. Node gives more. */
export interface ServerCertificate {
  readonly subjectaltname?: string | undefined
  readonly fingerprint256: string
  readonly valid_to: string
  readonly raw: Uint8Array
}

/**
 * How connections are encrypted: those options of node:tls that make sense for a client of many brokers.
 *
 * There is no `servername`: each broker is told the name under which it was dialled, and its certificate must be for
 * that name.
 */
export interface TlsOptions {
  /** Who may have signed the brokers' certificates. Default: the authorities that Node trusts. */
  readonly ca?: Pem | readonly Pem[]
  /** The client's certificate chain, for brokers that ask for one (ssl.client.auth). */
  readonly cert?: Pem | readonly Pem[]
  /** The key of `cert`. */
  readonly key?: Pem | readonly Pem[]
  /** `cert` and `key` in one PKCS#12 file. */
  readonly pfx?: Uint8Array
  /** Of `key` or `pfx`. */
  readonly passphrase?: string
  /** Certificates that were revoked. */
  readonly crl?: Pem | readonly Pem[]
  /** OpenSSL's names of ciphers, separated by colons. */
  readonly ciphers?: string
  readonly sigalgs?: string
  readonly ecdhCurve?: string
  /** Default 'TLSv1.2'. */
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
  /** Only the literal `false` gives up knowing whom one talks to. */
  readonly rejectUnauthorized?: boolean
  /** Beside Node's check that the certificate is for `host`. Answers what is wrong. */
  checkServerIdentity?(host: string, certificate: ServerCertificate): Error | undefined
}

export const tlsOptionKeys = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'crl',
  'ciphers',
  'sigalgs',
  'ecdhCurve',
  'minVersion',
  'maxVersion',
  'rejectUnauthorized',
  'checkServerIdentity',
] as const

tlsOptionKeys satisfies readonly (keyof TlsOptions)[]

/** Encrypts one connection. */
export interface Tls {
  /** The name that was dialled: the server is told it, and must have a certificate for it. */
  readonly host: string
  /** Asked for every connection, so that certificates can change while the producer runs. */
  readonly options: () => TlsOptions | Promise<TlsOptions>
}

/** What is wrong with an encrypted connection, where it is found on our side. */
export class TlsError extends Error {
  override readonly name = 'TlsError'
  /** OPTIONS_UNUSABLE: nothing can be made of them. IDENTITY_REFUSED: `checkServerIdentity` does not accept the server. */
  readonly code: 'OPTIONS_UNUSABLE' | 'IDENTITY_REFUSED'

  constructor(code: TlsError['code'], cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.code = code
  }
}
