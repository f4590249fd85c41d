import type { AccessToken, TokenProvider } from './access-token.ts'
import type { ClientCredentials } from './client-credentials.ts'
import type { SaslMechanism } from './sasl-mechanism.ts'

export type { AccessToken, ClientCredentials, SaslMechanism, TokenProvider }

/** A secret, or what gives it whenever it is needed. */
export type Password = string | (() => string | Promise<string>)

interface UserAndPassword {
  readonly username: string
  /** A function is asked at every authentication, so that the password can change while the producer runs. */
  readonly password: Password
}

interface WithoutTls {
  /** Sends the secret over connections that anyone on the way can read, with SASL_PLAINTEXT. Default: refused. */
  readonly allowInsecure?: boolean
}

export interface PlainOptions extends UserAndPassword, WithoutTls {
  readonly mechanism: 'PLAIN'
}

export interface ScramOptions extends UserAndPassword {
  readonly mechanism: 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  /** A broker that asks for more rounds of key derivation is refused, before any is done. Default 1_000_000. */
  readonly maxIterations?: number
}

export interface OauthBearerOptions extends WithoutTls {
  readonly mechanism: 'OAUTHBEARER'
  /** Gives a token. It is asked again by the first connection that needs one after 75 to 85 % of the life of the last. */
  readonly token?: TokenProvider
  /** Or: gets tokens from an OAuth server, for a client id and its secret. */
  readonly clientCredentials?: ClientCredentials
  /** More to tell the broker with every token, as Confluent Cloud wants (logicalCluster). (KIP-342) */
  readonly extensions?: Readonly<Record<string, string>>
}

export interface CustomOptions extends WithoutTls {
  readonly mechanism: SaslMechanism
}

/** Who we are, and how we prove it. */
export type SaslOptions = PlainOptions | ScramOptions | OauthBearerOptions | CustomOptions
