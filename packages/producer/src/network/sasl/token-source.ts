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

/** Asked and not answered yet. */
interface Question {
  readonly answer: Promise<string>
  /** When whoever comes next asks anew, on the scale of `Clock.now()`. */
  readonly givenUpAtMs: number
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
  readonly #timeoutMs: number
  #held: Held | undefined
  /** Connections that are set up together share it. */
  #question: Question | undefined

  /** @param timeoutMs how long an answer is awaited before the question is asked anew */
  constructor(provider: TokenProvider, clock: Clock, random: Random, timeoutMs: number) {
    this.#provider = provider
    this.#clock = clock
    this.#random = random
    this.#timeoutMs = timeoutMs
  }

  async current(): Promise<string> {
    const held = this.#valid
    if (held !== undefined && this.#clock.wallTime() < held.refreshAtMs) return held.value
    const earlier = this.#question
    const isOpen = earlier !== undefined && this.#clock.now() < earlier.givenUpAtMs
    const { answer } = isOpen ? earlier : this.#ask()
    // The question before may have ended a connection that waited for it: the next one does without.
    if (earlier !== undefined && held !== undefined) return held.value
    try {
      return await answer
    } catch (error) {
      if (this.#valid !== undefined) return this.#valid.value
      throw error
    }
  }

  /** A broker refused it: the next connection has another. */
  discard(value: string): void {
    if (this.#held?.value === value) this.#held = undefined
  }

  get #valid(): Held | undefined {
    return this.#held !== undefined && this.#clock.wallTime() < this.#held.expiresAtMs ? this.#held : undefined
  }

  #ask(): Question {
    const answer = this.#fetch().finally(() => {
      if (this.#question === question) this.#question = undefined
    })
    answer.catch(() => {}) // it may fail when nobody waits for it any more
    const question = { answer, givenUpAtMs: this.#clock.now() + this.#timeoutMs }
    this.#question = question
    return question
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
