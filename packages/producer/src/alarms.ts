/** Times at which something of the caller's is over: a flush, a close, a connect. Few at any time. */
export class Alarms {
  readonly #alarms = new Set<{ readonly timeMs: number; readonly ring: () => void }>()

  /** @returns what takes the alarm back */
  set(timeMs: number, ring: () => void): () => void {
    const alarm = { timeMs, ring }
    this.#alarms.add(alarm)
    return () => void this.#alarms.delete(alarm)
  }

  get deadlineMs(): number {
    let deadlineMs = Infinity
    for (const { timeMs } of this.#alarms) deadlineMs = Math.min(deadlineMs, timeMs)
    return deadlineMs
  }

  run(nowMs: number): void {
    for (const alarm of this.#alarms) {
      if (alarm.timeMs > nowMs) continue
      this.#alarms.delete(alarm)
      alarm.ring()
    }
  }
}
