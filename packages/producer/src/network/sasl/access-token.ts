/** A token that says who we are to whoever holds it. */
export interface AccessToken {
  readonly value: string
  /** Milliseconds since 1970. Without it the token serves once. */
  readonly expiresAtMs?: number
}

export type TokenProvider = () => AccessToken | Promise<AccessToken>
