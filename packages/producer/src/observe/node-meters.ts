import type { ProducerMeters } from './producer-meters.ts'
import { TrafficMeters } from './traffic-meters.ts'
import { NodeWindows } from './windows.ts'

/** A frame begins with its size. */
const SIZE_BYTES = 4

/** Counts for one broker, and for all of them beside it. */
export class NodeMeters extends TrafficMeters {
  readonly #all: ProducerMeters
  /** Undefined until something was sent while somebody listens to statistics. */
  windows: NodeWindows | undefined

  constructor(all: ProducerMeters) {
    super()
    this.#all = all
  }

  onRequest(sizeBytes: number, nowMs: number): void {
    this.#record('requestBytes', sizeBytes, nowMs)
  }

  /** @param frame without its size */
  onResponse(frame: Uint8Array, nowMs: number): void {
    this.#record('responseBytes', SIZE_BYTES + frame.length, nowMs)
  }

  /** A batch leaves for the broker, while somebody listens to statistics. */
  onQueued(queueTimeMs: number): void {
    this.windows ??= new NodeWindows()
    this.windows.queueTimeUs.record(Math.round(queueTimeMs * 1000))
  }

  /** A Produce request was answered. */
  onProduced(latencyMs: number, throttleMs: number, nowMs: number): void {
    this.#record('produceLatencyMs', latencyMs, nowMs)
    this.#record('throttleMs', throttleMs, nowMs)
    if (!this.#all.keepsWindows) return
    this.windows ??= new NodeWindows()
    this.windows.produceLatencyUs.record(Math.round(latencyMs * 1000))
    this.windows.throttleMs.record(throttleMs)
  }

  onConnected(nowMs: number): void {
    this.#record('connects', 1, nowMs)
  }

  onDisconnected(nowMs: number): void {
    this.#record('disconnects', 1, nowMs)
  }

  #record(name: keyof TrafficMeters, value: number, nowMs: number): void {
    this[name].record(value, nowMs)
    this.#all[name].record(value, nowMs)
  }
}
