/** Time for the engine. Nothing in the engine reads a clock or sets a timer except through this. */
export interface Clock {
  /** Milliseconds that never go back. Every timeout is measured with it. */
  now(): number
  /** Milliseconds since 1970, for record timestamps and the expiry of tokens only: it may jump. */
  wallTime(): number
  /** Runs `run` after the events of the current tick. */
  soon(run: () => void): void
  /**
   * Runs `wake` at `timeMs` or somewhat before, on the scale of `now()`. A later call replaces an earlier one;
   * `Infinity` disarms. One timer serves the whole producer.
   *
   * When the process was frozen beyond `timeMs`, what arrived from the network meanwhile is delivered before `wake`
   * runs: an answer that is there must not be found late.
   *
   * @param isIdle nothing is waited for: a process that has nothing else to do may end before
   */
  wakeAt(timeMs: number, wake: () => void, isIdle?: boolean): void
}
