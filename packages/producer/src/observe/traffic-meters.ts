import { Meter } from './meter.ts'

/** What is counted for each broker, and for all of them together. */
export class TrafficMeters {
  /** Bytes per request. */
  readonly requestBytes: Meter = new Meter()
  /** Bytes per answer. */
  readonly responseBytes: Meter = new Meter()
  /** From a Produce request's leaving to its answer. */
  readonly produceLatencyMs: Meter = new Meter()
  /** The pause that each answer to a Produce request asks for, 0 if none. */
  readonly throttleMs: Meter = new Meter()
  /** Connections that became ready to use. */
  readonly connects: Meter = new Meter()
  /** Connections that ended after that. */
  readonly disconnects: Meter = new Meter()
}
