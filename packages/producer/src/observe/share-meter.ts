import { WINDOW_MS } from './meter.ts'

/**
 * For how long something was the case: in all, and its share of the last 30 to 60 seconds. What lasts still counts until now,
 * so that it shows while it goes on.
 *
 * Time is kept by the window in which it passed, the current one of 30 seconds and the one before it. However long something
 * lasts, no window has more of it than there is.
 */
export class ShareMeter {
  /** Since when what goes on is not counted yet. */
  #uncountedSinceMs: number | undefined
  #totalMs = 0
  /** When the current window began. */
  #windowStartMs = -Infinity
  #currentMs = 0
  #previousMs = 0

  get isRunning(): boolean {
    return this.#uncountedSinceMs !== undefined
  }

  begin(nowMs: number): void {
    this.#uncountedSinceMs ??= nowMs
  }

  end(nowMs: number): void {
    this.#count(nowMs)
    this.#uncountedSinceMs = undefined
  }

  /** Since the beginning. */
  totalMs(nowMs: number): number {
    this.#count(nowMs)
    return this.#totalMs
  }

  /** Of the time in the current window and the one before it: 0 to 1. */
  share(nowMs: number): number {
    this.#count(nowMs)
    return (this.#previousMs + this.#currentMs) / (nowMs - this.#windowStartMs + WINDOW_MS)
  }

  #count(nowMs: number): void {
    this.#enterWindow(Math.floor(nowMs / WINDOW_MS) * WINDOW_MS)
    const sinceMs = this.#uncountedSinceMs
    if (sinceMs === undefined) return
    this.#uncountedSinceMs = nowMs
    this.#totalMs += nowMs - sinceMs
    this.#currentMs += nowMs - Math.max(sinceMs, this.#windowStartMs)
    const previousSinceMs = Math.max(sinceMs, this.#windowStartMs - WINDOW_MS)
    this.#previousMs += Math.max(0, this.#windowStartMs - previousSinceMs)
  }

  #enterWindow(startMs: number): void {
    if (startMs === this.#windowStartMs) return
    this.#previousMs = startMs - this.#windowStartMs === WINDOW_MS ? this.#currentMs : 0
    this.#currentMs = 0
    this.#windowStartMs = startMs
  }
}
