import type { Clock } from '../../ports/clock.ts'
import type { Random } from '../../ports/random.ts'
import type { AccessToken, TokenProvider } from './access-token.ts'

/** A token is replaced when this much of its life has passed, give or take the jitter. */
const REFRESH_AFTER = 0.8
const REFRESH_JITTER = 0.05

/** RFC 6750: what may stand behind `Bearer`. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/

interface Held {
  readonly value: string
  readonly expiresAtMs: number
  readonly refreshAtMs: number
}

/**
 * One token for all connections of a producer, replaced ahead of its expiry. While a new one cannot be had the old one
 * serves as long as it is valid.
 *
 * @source Kafka sasl.login.refresh.window.factor and .jitter
 */
export class TokenSource {
  readonly #provider: TokenProvider
  readonly #clock: Clock
  readonly #random: Random
  #held: Held | undefined
  /** Asked for and not here yet: connections that are set up together share it. */
  #coming: Promise<string> | undefined

  constructor(provider: TokenProvider, clock: Clock, random: Random) {
    this.#provider = provider
    this.#clock = clock
    this.#random = random
  }

  async current(): Promise<string> {
    const held = this.#held
    const nowMs = this.#clock.wallTime()
    if (held !== undefined && nowMs < held.refreshAtMs) return held.value
    this.#coming ??= this.#fetch().finally(() => (this.#coming = undefined))
    try {
      return await this.#coming
    } catch (error) {
      if (held !== undefined && held === this.#held && nowMs < held.expiresAtMs) return held.value
      throw error
    }
  }

  /** A broker refused it: the next connection has another. */
  discard(value: string): void {
    if (this.#held?.value === value) this.#held = undefined
  }

  async #fetch(): Promise<string> {
    const { value, expiresAtMs } = checkedToken(await this.#provider())
    const nowMs = this.#clock.wallTime()
    if (expiresAtMs === undefined) return value
    if (expiresAtMs <= nowMs) throw new Error('the token that was given has expired: compare the clocks')
    const factor = REFRESH_AFTER + REFRESH_JITTER * (2 * this.#random.next() - 1)
    this.#held = { value, expiresAtMs, refreshAtMs: nowMs + (expiresAtMs - nowMs) * factor }
    return value
  }
}

/** @throws Error that repeats nothing of what was given */
function checkedToken(given: unknown): AccessToken {
  const { value, expiresAtMs }: Record<string, unknown> =
    typeof given === 'object' && given !== null ? { ...given } : {}
  if (typeof value !== 'string' || !TOKEN.test(value)) {
    throw new Error('sasl.token gave no token: { value } is needed, with a value of RFC 6750')
  }
  if (expiresAtMs === undefined) return { value }
  if (typeof expiresAtMs !== 'number' || !Number.isFinite(expiresAtMs)) {
    throw new Error('sasl.token gave an expiresAtMs that is no number of milliseconds since 1970')
  }
  return { value, expiresAtMs }
}
