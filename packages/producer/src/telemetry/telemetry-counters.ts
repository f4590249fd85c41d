import type { TelemetryMetric } from './telemetry-encoder.ts'
import type { TelemetryReading } from './telemetry-reading.ts'

/** How a counter stood when brokers were last told. */
interface Told {
  readonly value: number
  readonly timeMs: number
  /** When it began to count. */
  readonly sinceMs: number
}

/**
 * Remembers what brokers were told of each counter, for those that want to hear only what came since. Times are
 * milliseconds since 1970.
 */
export class TelemetryCounters {
  readonly #told = new Map<string, Told>()
  /** When counters were last looked at: one that is new has begun after that. */
  #lookedAtMs: number

  /** @param bornMs when the first counters began */
  constructor(bornMs: number) {
    this.#lookedAtMs = bornMs
  }

  /** Takes note of counters that are new or gone, also of those that nobody wants to hear of now. */
  update(readings: readonly TelemetryReading[], timeMs: number): void {
    const gone = new Set(this.#told.keys())
    for (const { key, isCounter } of readings) {
      if (!isCounter || gone.delete(key)) continue
      this.#told.set(key, { value: 0, timeMs: this.#lookedAtMs, sinceMs: this.#lookedAtMs })
    }
    for (const key of gone) this.#told.delete(key)
    this.#lookedAtMs = timeMs
  }

  /** The metric as it is to be told: counters as what came since the last time, or since their beginning. */
  metricOf(reading: TelemetryReading, isDelta: boolean, timeMs: number): TelemetryMetric {
    const { name, labels, value, isCounter } = reading
    if (!isCounter) return { name, labels, kind: 'gauge', value, startTimeMs: timeMs, timeMs }
    const told = this.#toldOf(reading, timeMs)
    return isDelta
      ? { name, labels, kind: 'delta', value: value - told.value, startTimeMs: told.timeMs, timeMs }
      : { name, labels, kind: 'cumulative', value, startTimeMs: told.sinceMs, timeMs }
  }

  /** A broker has taken these. What it has not taken is part of what it is told the next time. */
  onTaken(readings: readonly TelemetryReading[], timeMs: number): void {
    for (const reading of readings) {
      if (!reading.isCounter) continue
      const { sinceMs } = this.#toldOf(reading, timeMs)
      this.#told.set(reading.key, { value: reading.value, timeMs, sinceMs })
    }
  }

  /** One that has fallen began anew at 0: the broker has moved to another address, and is another node. */
  #toldOf({ key, value }: TelemetryReading, timeMs: number): Told {
    const told = this.#told.get(key) ?? { value: 0, timeMs, sinceMs: timeMs }
    return value < told.value ? { value: 0, timeMs: told.timeMs, sinceMs: told.timeMs } : told
  }
}
