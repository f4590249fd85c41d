import { setImmediate as nextMacrotask } from 'node:timers/promises'
import type { Clock } from '../../src/index.ts'

interface Event {
  readonly timeMs: number
  readonly run: () => void
  readonly isNext?: true
}

/** 2026-01-01, so that timestamps look like timestamps. */
const WALL_TIME_START_MS = 1_767_225_600_000

/**
 * The time of a test world, and everything that will happen in it. Time passes only from event to event, and events of
 * the same time run in the order in which they were planned, so a run is the same every time.
 */
export class Timeline {
  #nowMs = 0
  #events: Event[] = []
  /** What an event throws is an uncaught exception in a real process; here it ends the test, if it expects none. */
  onUncaught: (error: unknown) => void = (error) => {
    throw error
  }

  get nowMs(): number {
    return this.#nowMs
  }

  get wallTimeMs(): number {
    return WALL_TIME_START_MS + Math.floor(this.#nowMs)
  }

  get nextEventMs(): number {
    return this.#events[0]?.timeMs ?? Infinity
  }

  /** Runs `run` at `timeMs`, or next if that is past. `Infinity` is never. Answers what takes it back. */
  at(timeMs: number, run: () => void): () => void {
    if (timeMs === Infinity) return () => {}
    const event = { timeMs: Math.max(timeMs, this.#nowMs), run }
    this.#events.splice(this.#placeOf(event.timeMs), 0, event)
    return () => {
      const index = this.#events.indexOf(event)
      if (index >= 0) this.#events.splice(index, 1)
    }
  }

  /** Runs `run` before anything else happens. */
  next(run: () => void): void {
    let place = 0
    while (this.#events[place]?.isNext === true) place++
    this.#events.splice(place, 0, { timeMs: this.#nowMs, run, isNext: true })
  }

  after(delayMs: number, run: () => void): () => void {
    return this.at(this.#nowMs + delayMs, run)
  }

  /** A clock for one producer: its single alarm is its own. */
  clock(): Clock {
    let disarm = (): void => {}
    return {
      now: () => this.#nowMs,
      wallTime: () => this.wallTimeMs,
      soon: (run) => void this.after(0, run),
      wakeAt: (timeMs, wake) => {
        disarm()
        disarm = this.at(timeMs, wake)
      },
    }
  }

  /** Runs the next event and lets the promises it settled run to their end. False when there is none by `untilMs`. */
  async step(untilMs: number = Infinity): Promise<boolean> {
    const [event] = this.#events
    if (event === undefined || event.timeMs > untilMs) return false
    this.#events.shift()
    this.#nowMs = event.timeMs
    try {
      event.run()
    } catch (error) {
      this.onUncaught(error)
    }
    await nextMacrotask()
    return true
  }

  /** Lets `durationMs` pass, with all that happens in it. */
  async pass(durationMs: number): Promise<void> {
    const untilMs = this.#nowMs + durationMs
    await nextMacrotask()
    while (await this.step(untilMs));
    this.#nowMs = untilMs
  }

  /** Runs events until `isDone`. False when nothing is left to happen by `untilMs`. */
  async runUntil(isDone: () => boolean, untilMs: number = Infinity): Promise<boolean> {
    await nextMacrotask()
    while (!isDone()) if (!(await this.step(untilMs))) return isDone()
    return true
  }

  #placeOf(timeMs: number): number {
    let low = 0
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const event = this.#events[middle]
      if (event !== undefined && event.timeMs <= timeMs) low = middle + 1
      else high = middle
    }
    return low
  }
}
