import type { Clock } from '../clock.ts'

/** Node's timers fire at once beyond this. */
const TIMEOUT_MS_MAX = 2 ** 31 - 1

/** A timer that fires this late has found the process frozen, or busy. */
const LATE_MS = 50

/** Node's own clock and event loop. */
export class SystemClock implements Clock {
  #timer: NodeJS.Timeout | undefined
  /** Rings after the sockets were read. */
  #immediate: NodeJS.Immediate | undefined
  #armedForMs = Infinity
  /** The timer does not keep the process alive. */
  #isIdle = false
  #wake: () => void = () => {}

  now(): number {
    return performance.now()
  }

  wallTime(): number {
    return Date.now()
  }

  /**
   * First a microtask, then a tick: so it runs after the continuations of promises that were resolved before, and
   * after whatever those resolve in turn, but without a turn of the event loop, which costs a system call. What one
   * answer sets going is in one batch then.
   */
  soon(run: () => void): void {
    queueMicrotask(() => process.nextTick(run))
  }

  wakeAt(timeMs: number, wake: () => void, isIdle: boolean = false): void {
    this.#wake = wake
    if (timeMs === Infinity) {
      this.#disarm()
      return
    }
    // A timer that is armed for sooner stays: waking early costs one look, arming a timer per request costs more.
    if (this.#armedForMs > timeMs) this.#arm(timeMs)
    if (this.#isIdle === isIdle) return
    this.#isIdle = isIdle
    if (isIdle) this.#timer?.unref()
    else this.#timer?.ref()
  }

  #arm(timeMs: number): void {
    this.#disarm()
    this.#armedForMs = timeMs
    const delayMs = Math.min(Math.max(0, timeMs - performance.now()), TIMEOUT_MS_MAX)
    this.#timer = setTimeout(this.#onTimer, delayMs)
  }

  /**
   * The event loop runs timers before it reads sockets, and immediates after: a late timer lets the sockets go first.
   */
  readonly #onTimer = (): void => {
    this.#timer = undefined
    if (performance.now() - this.#armedForMs < LATE_MS) this.#ring()
    else this.#immediate = setImmediate(this.#ring)
  }

  readonly #ring = (): void => {
    this.#immediate = undefined
    this.#armedForMs = Infinity
    this.#isIdle = false
    this.#wake()
  }

  #disarm(): void {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = undefined
    this.#immediate = undefined
    this.#armedForMs = Infinity
    this.#isIdle = false
  }
}
