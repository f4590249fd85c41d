import type { Logger } from './config/producer-config.ts'
import type { Engine } from './engine.ts'
import { KafkaError, type Outcome } from './errors.ts'
import { healthOf, type ProducerHealth } from './health.ts'
import type { Clock } from './ports/clock.ts'
import type { TelemetryReporter } from './telemetry/telemetry-reporter.ts'
import type { Transactions } from './transaction/transactions.ts'

/** How a producer stands. What exists only in one state lives there. */
type State = { readonly name: 'OPEN' } | Closing | Failed

interface Closing {
  readonly name: 'CLOSING'
  readonly done: Promise<void>
  /** Fails what is left, now. */
  readonly end: () => void
}

interface Failed {
  readonly name: 'FAILED'
  readonly error: KafkaError
}

export interface LifecycleDeps {
  readonly engine: Engine
  readonly clock: Clock
  /** Undefined when the producer is not transactional. */
  readonly transactions: () => Transactions | undefined
  /** Fails what has not come to the engine yet. */
  readonly failWaiting: (error: KafkaError) => void
  readonly options: { readonly deliveryTimeoutMs: number; readonly maxBlockMs: number; readonly logger: Logger }
}

/** A broker that does not answer the last push of metrics holds nobody back from the end longer than that. */
const LAST_PUSH_MS = 1_000

/** Whether a producer takes records, and how it ends. */
export class Lifecycle {
  readonly #deps: LifecycleDeps
  #state: State = { name: 'OPEN' }
  /** Nothing is left that could fail. */
  #isEnded = false

  constructor(deps: LifecycleDeps) {
    this.#deps = deps
  }

  get isOpen(): boolean {
    return this.#state.name === 'OPEN'
  }

  get health(): ProducerHealth {
    const state = this.#state
    const error = state.name === 'FAILED' ? state.error : undefined
    return healthOf(this.#deps.engine, this.#deps.clock, { state: state.name, error })
  }

  /** @throws KafkaError when the producer is closed or has failed */
  assertOpen(call: string): void {
    const state = this.#state
    if (state.name !== 'OPEN') throw refusalOf(state, call)
  }

  flush(timeoutMs: number | undefined): Promise<number> {
    const { engine, clock } = this.#deps
    const { flushes, alarms, sender } = engine
    return new Promise((resolve) => {
      let cancelAlarm = (): void => {}
      const unsettledCount = flushes.flush(() => {
        cancelAlarm()
        resolve(0)
      })
      if (timeoutMs !== undefined) {
        cancelAlarm = alarms.set(clock.now() + timeoutMs, () => resolve(unsettledCount()))
      }
      sender.wake()
    })
  }

  close(timeoutMs: number | undefined): Promise<void> {
    const closing = this.#state.name === 'CLOSING' ? this.#state : this.#beginClosing()
    void this.#finish(timeoutMs).then(closing.end)
    return closing.done
  }

  async #finish(timeoutMs: number | undefined): Promise<void> {
    const deadlineMs = this.#deps.clock.now() + (timeoutMs ?? Infinity)
    if (timeoutMs !== 0) await this.#drain(timeoutMs)
    const { telemetry } = this.#deps.engine
    if (telemetry !== undefined) await this.#pushLast(telemetry, deadlineMs)
  }

  /** An open transaction is aborted: nobody is left who could commit it. Out of reach its coordinator does it alone. */
  async #drain(timeoutMs: number | undefined): Promise<void> {
    const { clock, options } = this.#deps
    const transactions = this.#deps.transactions()
    if (transactions === undefined) {
      await this.flush(timeoutMs)
      return
    }
    const limitMs = timeoutMs ?? options.deliveryTimeoutMs + options.maxBlockMs
    await this.#atLatest(clock.now() + limitMs, (onDone) => transactions.finish(onDone))
  }

  /** What was sent and acknowledged at last is in the last metrics that are pushed. */
  async #pushLast(telemetry: TelemetryReporter, deadlineMs: number): Promise<void> {
    const nowMs = this.#deps.clock.now()
    if (deadlineMs <= nowMs || telemetry.hasEnded) return
    const limitMs = Math.min(deadlineMs, nowMs + LAST_PUSH_MS)
    await this.#atLatest(limitMs, (onDone) => telemetry.terminate(onDone))
  }

  /** Begins something, and is over when that says so, at `deadlineMs` whatever it says. */
  async #atLatest(deadlineMs: number, begin: (onDone: () => void) => void): Promise<void> {
    const { alarms, sender } = this.#deps.engine
    await new Promise<void>((resolve) => {
      const cancelAlarm = alarms.set(deadlineMs, resolve)
      begin(() => {
        cancelAlarm()
        resolve()
      })
      sender.wake()
    })
  }

  #beginClosing(): Closing {
    const { clock } = this.#deps
    let end = (): void => {}
    const done = new Promise<void>((resolve) => {
      end = () => {
        this.#end((outcome) => closed('the producer was closed before the record was acknowledged', outcome))
        clock.soon(resolve) // after the callbacks that are due
      }
    })
    const closing: Closing = { name: 'CLOSING', done, end }
    this.#state = closing
    return closing
  }

  /** Something happened after which nothing can be sent. */
  fail(error: KafkaError): void {
    if (this.#state.name === 'FAILED' || this.#isEnded) return
    const { engine, clock, options } = this.#deps
    if (this.#state.name === 'OPEN') this.#state = { name: 'FAILED', error }
    engine.sender.close() // at once: nothing may take the sequences of what has just failed
    options.logger.error(`linger: this producer can send nothing more: ${error.message}`)
    clock.soon(() => {
      this.#end((outcome) => new KafkaError(error.code, error.message, { outcome, fatal: true, cause: error }))
    })
  }

  #end(errorFor: (outcome: Outcome) => KafkaError): void {
    this.#isEnded = true
    this.#deps.failWaiting(errorFor('never'))
    this.#deps.transactions()?.fail(errorFor('never'))
    this.#deps.engine.close(errorFor)
  }
}

function refusalOf(state: Closing | Failed, call: string): KafkaError {
  return state.name === 'FAILED' ? state.error : closed(`${call} after close()`, 'never')
}

export function closed(message: string, outcome: Outcome): KafkaError {
  return new KafkaError('CLOSED', message, { outcome })
}
