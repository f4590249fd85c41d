import type { Metrics } from '../observe/metrics.ts'
import type { Clock } from '../ports/clock.ts'
import type { Compression } from '../ports/compression.ts'
import { TelemetryCounters } from './telemetry-counters.ts'
import type { TelemetryEncoder } from './telemetry-encoder.ts'
import { codecAmong, payloadOf, type TelemetryPayload } from './telemetry-payload.ts'
import { type TelemetryReading, telemetryReadings } from './telemetry-reading.ts'
import { isWanted, type TelemetrySubscription } from './telemetry-subscription.ts'

/** The most metrics of one push: a producer of thousands of topics is not to stand still for them. */
const METRICS_MAX = 5_000

export interface TelemetryCollectorDeps {
  readonly clock: Clock
  readonly compression: Compression
  readonly encoder: TelemetryEncoder
  readonly metrics: () => Metrics
  readonly transactionalId: string | undefined
}

/** What is to be pushed. */
export interface CollectedTelemetry {
  readonly subscription: TelemetrySubscription
  readonly readings: readonly TelemetryReading[]
  readonly payload: TelemetryPayload
  /** When the values were read, in milliseconds since 1970. */
  readonly timeMs: number
}

/** Reads the metrics that a broker wants, and makes bytes of them. */
export class TelemetryCollector {
  readonly #deps: TelemetryCollectorDeps
  readonly #labels: Readonly<Record<string, string>>
  readonly #counters: TelemetryCounters
  /** Compressions that a broker would not read although it had said so. */
  readonly #refusedCompressions = new Set<number>()

  constructor(deps: TelemetryCollectorDeps) {
    this.#deps = deps
    this.#labels = deps.transactionalId === undefined ? {} : { transactional_id: deps.transactionalId }
    this.#counters = new TelemetryCounters(deps.clock.wallTime())
  }

  /** @throws what the encoder throws */
  collect(subscription: TelemetrySubscription): CollectedTelemetry {
    const { clock, encoder, compression, metrics } = this.#deps
    const { isDelta, maxBytes, compressionTypes } = subscription
    const timeMs = clock.wallTime()
    const all = telemetryReadings(metrics())
    this.#counters.update(all, timeMs)
    const readings = all.filter((reading) => isWanted(reading, subscription)).slice(0, METRICS_MAX)
    const codec = codecAmong(
      compressionTypes.filter((type) => !this.#refusedCompressions.has(type)),
      compression,
    )
    const payload = payloadOf(
      readings.map((reading) => this.#counters.metricOf(reading, isDelta, timeMs)),
      { encoder, labels: this.#labels, codec, maxBytes },
    )
    return { subscription, readings: readings.slice(0, payload.count), payload, timeMs }
  }

  /** A broker has taken it. What no broker has taken is collected again. */
  onTaken({ readings, timeMs }: CollectedTelemetry): void {
    this.#counters.onTaken(readings, timeMs)
  }

  onCompressionRefused({ payload: { compressionType } }: CollectedTelemetry): void {
    this.#refusedCompressions.add(compressionType)
  }
}
