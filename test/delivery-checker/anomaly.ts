import type { DeliveryPromise } from './delivery-promise.ts'

/** What can be wrong with a delivery. */
export const ANOMALIES = [
  /** Acknowledged and not in the log. */
  'lost',
  /** A further copy of a record. */
  'duplicated',
  /** Behind a record of its partition that was sent after it. */
  'reordered',
  /** In another topic or partition than it was sent to or acknowledged in, or than others of its key. */
  'misplaced',
  /** Other key, value, headers or timestamp than was sent or acknowledged. */
  'corrupted',
  /** Acknowledged with an offset at which it is not. */
  'untrueOffset',
  /** Acknowledged with the offset of another acknowledged record. */
  'sharedOffset',
  /** In the log although its error said that it would never be. */
  'untrueNever',
  /** Failed with an error that does not say if it may be in the log. */
  'untyped',
  /** Settled more than once. */
  'settledTwice',
  /** Settled later than its timeouts allow. */
  'settledLate',
  /** Settled after a record that stands behind it in the log. */
  'settledOutOfOrder',
  /** Never settled. */
  'unsettled',
  /** In the log and never sent, or not in this run. */
  'invented',
] as const

export type Anomaly = (typeof ANOMALIES)[number]

export type AnomalyCounts = Readonly<Record<Anomaly, number>>

const EXAMPLES_MAX = 10

/** Anomalies found so far: counted, and the first few in words. What a promise leaves open is counted apart. */
export class Findings {
  readonly counts: Record<Anomaly, number> = noAnomalies()
  readonly permitted: Record<Anomaly, number> = noAnomalies()
  readonly examples: string[] = []

  note(anomaly: Anomaly, promise: DeliveryPromise, example: () => string, isExcused: boolean = false): void {
    if (isExcused || promise.permits.has(anomaly)) {
      this.permitted[anomaly] += 1
      return
    }
    this.counts[anomaly] += 1
    if (this.examples.length < EXAMPLES_MAX) this.examples.push(`${anomaly}: ${example()}`)
  }
}

export function noAnomalies(): Record<Anomaly, number> {
  return {
    lost: 0,
    duplicated: 0,
    reordered: 0,
    misplaced: 0,
    corrupted: 0,
    untrueOffset: 0,
    sharedOffset: 0,
    untrueNever: 0,
    untyped: 0,
    settledTwice: 0,
    settledLate: 0,
    settledOutOfOrder: 0,
    unsettled: 0,
    invented: 0,
  }
}
