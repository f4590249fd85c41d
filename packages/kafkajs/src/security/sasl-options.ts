import type { Logger } from '../logger/logger.ts'

export interface OauthbearerProviderResponse {
  value: string
  /** More to tell the broker with the token. (KIP-342) */
  extensions?: Record<string, string> | undefined
}

/** What each mechanism needs. */
export type SASLMechanismOptionsMap = {
  plain: { username: string; password: string }
  'scram-sha-256': { username: string; password: string }
  'scram-sha-512': { username: string; password: string }
  aws: {
    authorizationIdentity: string
    accessKeyId: string
    secretAccessKey: string
    sessionToken?: string | undefined
  }
  oauthbearer: { oauthBearerProvider: () => Promise<OauthbearerProviderResponse> }
}

/** KafkaJS's names of the mechanisms; capitals do as well. */
export type SASLMechanism = keyof SASLMechanismOptionsMap

/** A mechanism and what it needs. */
export type SASLMechanismOptions<T> = T extends SASLMechanism ? { mechanism: T } & SASLMechanismOptionsMap[T] : never

export type SASLOptions = SASLMechanismOptions<SASLMechanism>

/** What is told to the broker. */
export type SaslAuthenticationRequest = {
  /** The token after its size, an int32. */
  encode: () => Buffer | Promise<Buffer>
}

/** What the broker answers. */
export type SaslAuthenticationResponse<ParseResult> = {
  /** @param rawResponse the answer after its size, an int32 */
  decode: (rawResponse: Buffer) => Buffer | Promise<Buffer>
  parse: (data: Buffer) => ParseResult
}

export type SaslAuthenticateArgs<ParseResult> = {
  request: SaslAuthenticationRequest
  response?: SaslAuthenticationResponse<ParseResult> | undefined
}

export type Authenticator = {
  authenticate: () => Promise<void>
}

export type AuthenticationProviderArgs = {
  host: string
  port: number
  logger: Logger
  saslAuthenticate: <ParseResult>(args: SaslAuthenticateArgs<ParseResult>) => Promise<ParseResult | void>
}

/** A mechanism of the user's own. */
export type Mechanism = {
  mechanism: string
  authenticationProvider: (args: AuthenticationProviderArgs) => Authenticator
}
