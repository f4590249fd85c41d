import type { Dns } from '../ports/dns.ts'

/** A question that hangs for longer than any resolver tries is asked again. */
const RESOLVER_MS_MAX = 30_000

/**
 * The addresses of one host, tried one after another. The name is looked up again for each round, and when a round was
 * left for long, since a broker may have moved.
 *
 * @source client.dns.lookup=use_all_dns_ips, KAFKA-12193
 */
export class HostAddresses {
  readonly #host: string
  readonly #dns: Dns
  #untried: readonly string[] = []
  /** When the resolver was asked for the answer that it owes. */
  #askedMs: number | undefined
  #onAnswer: ((error: Error | undefined) => void) | undefined

  constructor(host: string, dns: Dns) {
    this.#host = host
    this.#dns = dns
  }

  get hasUntried(): boolean {
    return this.#untried.length > 0
  }

  takeUntried(): string | undefined {
    const [next, ...rest] = this.#untried
    this.#untried = rest
    return next
  }

  /** The next one to try. */
  putBack(address: string): void {
    this.#untried = [address, ...this.#untried]
  }

  /** What is known is old: the next round asks again. */
  forget(): void {
    this.#untried = []
  }

  /**
   * Asks for the addresses. A question that has no answer yet is not asked twice: whoever resolves may hold a thread
   * for each, and there are few.
   */
  lookUp(nowMs: number, onAnswer: (error: Error | undefined) => void): void {
    this.#onAnswer = onAnswer
    if (this.#askedMs !== undefined && nowMs < this.#askedMs + RESOLVER_MS_MAX) return
    this.#askedMs = nowMs
    this.#dns.lookup(this.#host, (error, addresses) => {
      this.#askedMs = undefined
      const tell = this.#onAnswer
      if (tell === undefined) return
      this.#onAnswer = undefined
      this.#untried = addresses
      tell(error)
    })
  }

  /** Nobody waits for the answer any more. */
  abandonLookUp(): void {
    this.#onAnswer = undefined
  }
}
