/** The broker that a dialogue is with. */
export interface SaslPeer {
  readonly host: string
  readonly port: number
}

/**
 * A way to prove to a broker who we are.
 *
 * One of your own goes into the producer's configuration as it is: `sasl: { mechanism }`.
 */
export interface SaslMechanism {
  /** As brokers list it in sasl.enabled.mechanisms. */
  readonly name: string
  /**
   * A dialogue with one broker. It yields the bytes of each token to send, and is given the broker's answer to it. It
   * returns when nothing is left to be said, and throws when the broker is not to be trusted. A refusal of the broker is
   * thrown into it, where it has `throw`: that of a generator's `yield`. What it throws itself then is the reason that
   * is told.
   *
   * Asked for every connection, and again whenever a session comes to its end.
   */
  converse(peer: SaslPeer): AsyncIterator<Uint8Array, void, Uint8Array>
}
