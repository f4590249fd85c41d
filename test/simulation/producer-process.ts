import type { Clock } from '@linger/producer'
import type { Timeline } from '../../packages/producer/test/world/timeline.ts'

/** A timer that is later than this finds that its process was frozen: the sockets are read first. */
const LATE_MS = 50

/** Later than all that arrives at a time, and still at that time. */
const AFTER_SOCKETS_MS = 1e-3

/** The process that something has happened in last: buffers are taken and given back by it. */
let running: ProducerProcess | undefined

export function runningProcess(): ProducerProcess | undefined {
  return running
}

function enter(process: ProducerProcess): void {
  running = process
}

interface Freeze {
  readonly fromMs: number
  readonly untilMs: number
}

/**
 * The process that a producer lives in: its event loop, which may freeze, and its clocks, of which the one on the wall
 * may jump. What arrives during a freeze is seen after it, in order.
 */
export class ProducerProcess {
  readonly index: number
  readonly #timeline: Timeline
  /** Work of the current tick runs before what else happens at the same time, as Node's ticks do. */
  readonly #ticksFirst: boolean
  readonly #freezes: Freeze[] = []
  /** What happens when it goes on. */
  readonly #waiting: (() => void)[] = []
  /** How far the clock on the wall is from the truth. */
  wallOffsetMs = 0
  /** What its timer is set for; Infinity when it is not. */
  #armedForMs = Infinity
  onUncaught: (error: unknown) => void = (error) => {
    throw error
  }
  #isDead = false

  constructor(index: number, timeline: Timeline, ticksFirst: boolean) {
    this.index = index
    this.#timeline = timeline
    this.#ticksFirst = ticksFirst
  }

  get isTimerSet(): boolean {
    return this.#armedForMs !== Infinity && !this.#isDead
  }

  get isDead(): boolean {
    return this.#isDead
  }

  /** As by kill -9: nothing happens in it any more. */
  kill(): void {
    this.#isDead = true
  }

  get #frozenUntilMs(): number {
    return this.#freezes.at(-1)?.untilMs ?? 0
  }

  freeze(durationMs: number): void {
    const nowMs = this.#timeline.nowMs
    const untilMs = Math.max(nowMs + durationMs, this.#frozenUntilMs)
    this.#freezes.push({ fromMs: nowMs, untilMs })
  }

  /** How much of this time the process was frozen. */
  frozenMs(fromMs: number, untilMs: number): number {
    let sumMs = 0
    let countedUntilMs = fromMs
    for (const freeze of this.#freezes) {
      const startMs = Math.max(freeze.fromMs, countedUntilMs)
      const endMs = Math.min(freeze.untilMs, untilMs)
      if (endMs <= startMs) continue
      sumMs += endMs - startMs
      countedUntilMs = endMs
    }
    return sumMs
  }

  /** Something happens in the process: now, when it goes on, or never. */
  deliver(run: () => void): void {
    if (this.#isDead) return
    if (this.#waiting.length === 0 && this.#timeline.nowMs >= this.#frozenUntilMs) {
      this.#run(run)
      return
    }
    this.#waiting.push(run)
    this.#runOneLater()
  }

  /** One after the other, each with the time for its ticks. It may have been frozen anew by then. */
  #runOneLater(): void {
    this.#timeline.at(Math.max(this.#timeline.nowMs, this.#frozenUntilMs), () => {
      if (this.#isDead) return
      if (this.#timeline.nowMs < this.#frozenUntilMs) {
        this.#runOneLater()
        return
      }
      const run = this.#waiting.shift()
      if (run !== undefined) this.#run(run)
    })
  }

  #run(run: () => void): void {
    enter(this)
    try {
      run()
    } catch (error) {
      this.onUncaught(error)
    }
  }

  /** The clock of one producer. Its single timer stays armed when it is set to later, as the real one does. */
  clock(): Clock {
    let disarm = (): void => {}
    let wake = (): void => {}
    const ring = (): void => {
      this.#armedForMs = Infinity
      this.deliver(wake)
    }
    const onTimer = (): void => {
      const frozenUntilMs = this.#frozenUntilMs
      if (frozenUntilMs <= this.#timeline.nowMs) ring()
      else if (frozenUntilMs - this.#armedForMs < LATE_MS) disarm = this.#timeline.at(frozenUntilMs, onTimer)
      else disarm = this.#timeline.at(frozenUntilMs + AFTER_SOCKETS_MS, onTimer)
    }
    return {
      now: () => this.#timeline.nowMs,
      wallTime: () => Math.floor(this.#timeline.wallTimeMs + this.wallOffsetMs),
      soon: (run) => {
        const inProcess = (): void => this.deliver(run)
        if (this.#ticksFirst) this.#timeline.next(inProcess)
        else this.#timeline.after(0, inProcess)
      },
      wakeAt: (timeMs, run) => {
        wake = run
        if (timeMs !== Infinity && this.#armedForMs <= timeMs) return
        disarm()
        this.#armedForMs = timeMs
        disarm = this.#timeline.at(timeMs, onTimer)
      },
    }
  }
}
