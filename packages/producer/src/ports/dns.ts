/** Names for the engine. */
export interface Dns {
  /** Answers later, once, with every address of the name in the resolver's order; an IP address answers itself. */
  lookup(host: string, onAnswer: (error: Error | undefined, addresses: readonly string[]) => void): void
}
