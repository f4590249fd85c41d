import { backoffMs, firstBackoffMs } from '../backoff.ts'
import type { Connection } from '../network/connection.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Coordinators } from './coordinators.ts'
import type { TransactionalApi } from './transaction-reaction.ts'
import type { TransactionalRequest } from './transactional-request.ts'

export interface CoordinatorDialogueOptions {
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
}

export interface CoordinatorDialogueDeps {
  readonly coordinators: Coordinators
  readonly clock: Clock
  readonly random: Random
  readonly options: CoordinatorDialogueOptions
  /** @param api 'FindCoordinator', or the request's own */
  readonly onAnswer: (request: TransactionalRequest, api: TransactionalApi, errorCode: number) => void
  /** There is no answer, and nobody knows what was done. */
  readonly onLost: (request: TransactionalRequest, error: Error) => void
}

const OUT_OF_REACH = 'the broker that coordinates it cannot be reached'

/** Asks one thing at a time, of whoever coordinates it; with back-off after a failure. */
export class CoordinatorDialogue {
  readonly #deps: CoordinatorDialogueDeps
  #isAsking = false
  #failedAttempts = 0
  #retryAtMs = 0
  #lastRefusal: string | undefined

  constructor(deps: CoordinatorDialogueDeps) {
    this.#deps = deps
  }

  /** An answer is waited for. */
  get isAsking(): boolean {
    return this.#isAsking
  }

  /** When the next question may be asked. */
  get retryAtMs(): number {
    return this.#retryAtMs
  }

  /** Why the question that is asked now has no good answer yet. */
  get lastRefusal(): string | undefined {
    return this.#lastRefusal
  }

  /** Asks, if it is time and there is somebody to ask: else nothing happens, and the caller comes again. */
  ask(request: TransactionalRequest, nowMs: number): void {
    if (this.#isAsking || nowMs < this.#retryAtMs) return
    const { coordinators } = this.#deps
    const connection = coordinators.connectionTo(request.coordinator, nowMs)
    if (connection !== undefined) this.#send(request, connection)
    else if (!coordinators.isKnown(request.coordinator)) this.#find(request, nowMs)
  }

  /** The question was answered for good. */
  onSettled(): void {
    this.#failedAttempts = 0
    this.#retryAtMs = 0
    this.#lastRefusal = undefined
  }

  /** The question is asked again, after a while. */
  backOff(errorCode: number, refusal: string): void {
    this.#lastRefusal = refusal
    const { clock, random, options } = this.#deps
    this.#failedAttempts++
    const firstMs = firstBackoffMs(errorCode, options.retryBackoffMs)
    this.#retryAtMs = clock.now() + backoffMs(this.#failedAttempts, firstMs, options.retryBackoffMaxMs, random)
  }

  #send(request: TransactionalRequest, connection: Connection): void {
    this.#isAsking = true
    request.onSent?.()
    request.send(connection, (error, errorCode) => {
      this.#isAsking = false
      if (error === undefined) this.#deps.onAnswer(request, request.api, errorCode)
      else this.#deps.onLost(request, error)
    })
  }

  #find(request: TransactionalRequest, nowMs: number): void {
    this.#isAsking = this.#deps.coordinators.find(request.coordinator, nowMs, (error, errorCode) => {
      this.#isAsking = false
      if (error !== undefined) this.backOff(0, error.message)
      else if (errorCode !== 0) this.#deps.onAnswer(request, 'FindCoordinator', errorCode)
      // Nobody has noticed yet that it is gone: to ask again at once would give the same answer.
      else if (this.#deps.coordinators.isOutOfReach(request.coordinator)) this.backOff(0, OUT_OF_REACH)
    })
  }
}
