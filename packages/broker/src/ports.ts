/** What the broker needs from outside: time and chance. The real ones are in tcp/system-ports.ts. */
export interface BrokerPorts {
  /** Milliseconds since 1970. */
  now(): number
  /** Runs `run` once after `delayMs`, unless the returned function is called before. */
  after(delayMs: number, run: () => void): () => void
  /** 22 letters of url-safe base64, as Kafka prints a Uuid. */
  randomUuid(): string
}
