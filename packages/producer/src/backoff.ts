import type { Random } from './ports/random.ts'

/**
 * The end of the transaction before is being written to its partitions, which takes some milliseconds: whoever is told
 * CONCURRENT_TRANSACTIONS begins with so short a wait. Kafka's own client takes 20.
 *
 * @source Kafka TransactionManager.ADD_PARTITIONS_RETRY_BACKOFF_MS
 */
const CONCURRENT_BACKOFF_MS = 2
const CONCURRENT_TRANSACTIONS = 51

/** How long the first wait is after this answer. */
export function firstBackoffMs(errorCode: number, retryBackoffMs: number): number {
  return errorCode === CONCURRENT_TRANSACTIONS ? Math.min(CONCURRENT_BACKOFF_MS, retryBackoffMs) : retryBackoffMs
}

/**
 * How long to wait before attempt `attempts + 1`: exponential, with a fifth of jitter either way, so that the
 * producers of a restarted cluster do not all come back at once.
 *
 * @param attempts that have failed, at least 1
 * @returns milliseconds, at most `maxMs`
 * @source KIP-580, Kafka ExponentialBackoff
 */
export function backoffMs(attempts: number, initialMs: number, maxMs: number, random: Random): number {
  const exponent = Math.min(attempts - 1, 30)
  const plainMs = Math.min(maxMs, initialMs * 2 ** exponent)
  return Math.min(maxMs, plainMs * (0.8 + 0.4 * random.next()))
}
