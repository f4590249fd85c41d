import type { Engine } from './engine.ts'
import type { KafkaError } from './errors.ts'
import type { Clock } from './ports/clock.ts'

/** How a producer stands, for a readiness probe. */
export interface ProducerHealth {
  /** 'OPEN': it takes records. 'CLOSING': it was closed. 'FAILED': it can never send again, `error` says why. */
  readonly state: 'OPEN' | 'CLOSING' | 'FAILED'
  readonly error: KafkaError | undefined
  /** There is a connection to some broker, also while its session is renewed. False before the first send or `connect()`. */
  readonly isConnected: boolean
  /** What is taken of `bufferMemory`. */
  readonly bufferedBytes: number
  /** Records that are neither acknowledged nor failed, those that wait for memory or for their topic included. */
  readonly bufferedRecords: number
  /** Records that are held back by `delayMs` or `deliverAt`. They count in `bufferedBytes`, and nowhere else here. */
  readonly delayedRecords: number
  /**
   * Age of the oldest of them: 0 when there is none. It stays far below `deliveryTimeoutMs` while brokers answer. One that
   * grows with the clock says that they do not. Records that wait for an asynchronous serializer do not count.
   */
  readonly oldestUnsettledMs: number
}

export function healthOf(
  { accumulator, admission, cluster, flushes, memory, timed }: Engine,
  clock: Clock,
  { state, error }: Pick<ProducerHealth, 'state' | 'error'>,
): ProducerHealth {
  const nowMs = clock.now()
  const sinceMs = Math.min(accumulator.oldestBatch?.createdMs ?? nowMs, admission.waitingSinceMs ?? nowMs)
  return {
    state,
    error,
    isConnected: cluster.isConnected,
    bufferedBytes: memory.takenBytes,
    bufferedRecords: flushes.unsettledCount,
    delayedRecords: timed.delayed.count,
    oldestUnsettledMs: Math.max(0, nowMs - sinceMs),
  }
}
