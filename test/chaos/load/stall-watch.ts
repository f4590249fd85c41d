const LOOK_EVERY_MS = 20
/** Shorter gaps are the timer's own inaccuracy. */
const STALL_MS_MIN = 50

/** Sees when the event loop, or the whole process, stood still: what is late then is not the producer's fault. */
export class StallWatch {
  readonly #stalls: { readonly endMs: number; readonly lengthMs: number }[] = []
  readonly #timer: NodeJS.Timeout
  #lookedMs = performance.now()

  constructor() {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
    this.#timer.unref()
  }

  /** How long nothing could run since then, at least in part. */
  stalledMsSince(sinceMs: number): number {
    this.#look()
    let stalledMs = 0
    for (let at = this.#stalls.length - 1; at >= 0; at--) {
      const stall = this.#stalls[at]
      if (stall === undefined || stall.endMs < sinceMs) break
      stalledMs += stall.lengthMs
    }
    return stalledMs
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    const nowMs = performance.now()
    const lengthMs = nowMs - this.#lookedMs - LOOK_EVERY_MS
    this.#lookedMs = nowMs
    if (lengthMs >= STALL_MS_MIN) this.#stalls.push({ endMs: nowMs, lengthMs })
  }
}
