import type { Anomaly } from './anomaly.ts'

/** What a producer promises by its configuration. */
export interface DeliveryPromise {
  /** What it leaves open: counted, and no fault. */
  readonly permits: ReadonlySet<Anomaly>
  /** Records that were not acknowledged are in order too. */
  readonly ordersUnknown: boolean
  /** What was acknowledged in a log that is gone may come late to the one in its place, which does not know it. */
  readonly copiesLostLogs: boolean
  /** An acknowledgement without an offset is nothing special, one with an offset is untrue. */
  readonly knowsNoOffset: boolean
}

/** Once, in order, whatever happens: idempotence. */
export const EXACTLY_ONCE: DeliveryPromise = {
  permits: new Set(),
  ordersUnknown: true,
  copiesLostLogs: false,
  knowsNoOffset: false,
}

/**
 * acks 1 or all without idempotence: what is acknowledged is there, and a retry may write it again. What was given up
 * on may still arrive, behind what came later. With acks 1 a change of leader may lose records: see
 * `DeliveryChecker.excuse`.
 */
export const AT_LEAST_ONCE: DeliveryPromise = {
  permits: new Set(['duplicated']),
  ordersUnknown: false,
  copiesLostLogs: true,
  knowsNoOffset: false,
}

/** acks 0: handed over and forgotten. Never twice; a lost connection loses what was on it, and may let it arrive late. */
export const AT_MOST_ONCE: DeliveryPromise = {
  permits: new Set(['lost', 'reordered', 'settledOutOfOrder']),
  ordersUnknown: false,
  copiesLostLogs: false,
  knowsNoOffset: true,
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * Brokers forget who wrote records that are older than producer.id.expiration.ms, a day by default, by the timestamps of
 * the records. A retry of such may be written again, unless it is in a transaction.
 *
 * @param nowMs since 1970, when everything is settled
 * @returns the newest timestamp of such records
 */
export function forgottenUntilMs(nowMs: number): number {
  return nowMs - DAY_MS
}

export function promiseOf(acks: 0 | 1 | -1 | 'all', isIdempotent: boolean): DeliveryPromise {
  if (acks === 0) return AT_MOST_ONCE
  return isIdempotent ? EXACTLY_ONCE : AT_LEAST_ONCE
}
