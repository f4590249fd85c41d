import { KafkaJSNumberOfRetriesExceeded } from '../errors/kafkajs-error.ts'

export interface RetryOptions {
  /** Longest wait, in milliseconds. Default 30_000. */
  maxRetryTime?: number | undefined
  /** First wait, in milliseconds. Default 300. */
  initialRetryTime?: number | undefined
  /** How far chance may move a wait either way, 0 to 1. Default 0.2. */
  factor?: number | undefined
  /** What each wait is multiplied with for the next. Default 2. */
  multiplier?: number | undefined
  /** Default 5. */
  retries?: number | undefined
  /** For consumers: a producer has nothing to restart. */
  restartOnFailure?: ((error: Error) => Promise<boolean>) | undefined
}

export type RetrySchedule = Readonly<Required<{ [Key in Exclude<keyof RetryOptions, 'restartOnFailure'>]: number }>>

const DEFAULTS: RetrySchedule = { maxRetryTime: 30_000, initialRetryTime: 300, factor: 0.2, multiplier: 2, retries: 5 }

export function retrySchedule(options: RetryOptions = {}): RetrySchedule {
  const given = Object.entries(options).filter(([key, value]) => Object.hasOwn(DEFAULTS, key) && value !== undefined)
  return { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<RetrySchedule>) }
}

/** How long all waits take together, without chance. */
export function totalRetryTimeMs(schedule: RetrySchedule): number {
  let waitMs = schedule.initialRetryTime
  let totalMs = 0
  for (let retry = 0; retry < schedule.retries && totalMs < Number.MAX_SAFE_INTEGER; retry++) {
    totalMs += waitMs
    if (waitMs === schedule.maxRetryTime) return totalMs + waitMs * (schedule.retries - retry - 1)
    waitMs = Math.min(waitMs * schedule.multiplier, schedule.maxRetryTime)
  }
  return totalMs
}

/** The wait before the last attempt. */
export function lastRetryTimeMs({ initialRetryTime, multiplier, maxRetryTime, retries }: RetrySchedule): number {
  return Math.min(initialRetryTime * multiplier ** retries, maxRetryTime)
}

/** @param retryCount how many came before it, and how long the next wait is */
type Attempt<Result> = (retryCount: number, retryTimeMs: number) => Promise<Result>

/**
 * Calls `attempt` until it succeeds, as long as it fails with what calls itself retriable.
 *
 * @returns rejects with KafkaJSNumberOfRetriesExceeded after the last, and at once with any other error as it is
 */
export function retried<Result>(schedule: RetrySchedule, attempt: Attempt<Result>): Promise<Result> {
  return attempted(schedule, attempt, (error) => ('retriable' in error && error.retriable === true ? undefined : error))
}

/**
 * Calls `attempt` until it succeeds, as long as it fails with an answer of one of these types.
 *
 * @param types KafkaJS's names of what brokers answer
 * @returns rejects with KafkaJSNumberOfRetriesExceeded after the last, and at once with any other error as it is
 */
export function retriedOn<Result>(
  types: readonly string[],
  schedule: RetrySchedule,
  attempt: Attempt<Result>,
): Promise<Result> {
  return attempted(schedule, attempt, (error) =>
    'type' in error && typeof error.type === 'string' && types.includes(error.type) ? undefined : error,
  )
}

/** @param endOf what ends the attempts after an error, undefined to go on */
async function attempted<Result>(
  schedule: RetrySchedule,
  attempt: Attempt<Result>,
  endOf: (error: Error) => Error | undefined,
): Promise<Result> {
  let waitMs = shaken(schedule.initialRetryTime, schedule.factor)
  for (let retryCount = 0; ; retryCount++) {
    try {
      return await attempt(retryCount, waitMs)
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      const end = endOf(error)
      if (end !== undefined) throw end
      if (retryCount >= schedule.retries) {
        throw new KafkaJSNumberOfRetriesExceeded(error, { retryCount, retryTime: waitMs })
      }
    }
    await new Promise((resolve) => {
      setTimeout(resolve, waitMs)
    })
    waitMs = Math.min(shaken(waitMs, schedule.factor) * schedule.multiplier, schedule.maxRetryTime)
  }
}

function shaken(timeMs: number, factor: number): number {
  return Math.ceil(timeMs * (1 - factor + Math.random() * 2 * factor))
}
