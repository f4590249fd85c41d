import { codecFor, decodeRequest, getTelemetrySubscriptions, pushTelemetry } from '@linger/protocol'
import type { ObservedConnection } from '../network/simulated-network.ts'
import type { ObservedRequest } from './answered-requests.ts'

/** A timer knows whole milliseconds. */
const TICK_MS = 1

export interface TelemetryOracleDeps {
  readonly nowMs: () => number
  /** How often brokers want metrics. */
  readonly intervalMs: number
  readonly violate: (what: string) => void
}

interface Reporter {
  /** Since the last question what brokers want. */
  lastPushMs: number
  hasEnded: boolean
}

/** Metrics are pushed no more often than brokers want them, and not after the last push. Questions may come at any time. */
export class TelemetryOracle {
  readonly #deps: TelemetryOracleDeps
  /** By producer. */
  readonly #reporters = new Map<number, Reporter>()

  constructor(deps: TelemetryOracleDeps) {
    this.#deps = deps
  }

  onRequest({ owner }: ObservedConnection, { apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): void {
    const isQuestion = apiKey === getTelemetrySubscriptions.apiKey
    if (!isQuestion && apiKey !== pushTelemetry.apiKey) return
    const reporter = this.#reporters.get(owner) ?? { lastPushMs: -Infinity, hasEnded: false }
    this.#reporters.set(owner, reporter)
    if (reporter.hasEnded) this.#deps.violate(`producer ${owner}: telemetry goes on after the last push`)
    if (isQuestion) {
      reporter.lastPushMs = -Infinity
      return
    }
    const codec = codecFor<typeof pushTelemetry>(pushTelemetry, apiVersion)
    const { terminating } = decodeRequest(codec, frame, bodyOffset)
    this.#onPush(owner, reporter, terminating)
  }

  #onPush(owner: number, reporter: Reporter, terminating: boolean): void {
    const { nowMs, intervalMs, violate } = this.#deps
    const sinceMs = nowMs() - reporter.lastPushMs
    if (!terminating && sinceMs < intervalMs - TICK_MS)
      violate(`producer ${owner}: metrics are pushed ${Math.round(sinceMs)} ms after the last time, not ${intervalMs}`)
    reporter.lastPushMs = nowMs()
    reporter.hasEnded = terminating
  }
}
