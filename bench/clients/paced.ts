import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import type { EventLoop, Workload } from '../workload.ts'
import { LatencyHistogram } from './latencies.ts'

/** How often the records that are due by then are produced: finer than Node's timers are not. */
const PACE_MS = 1
const TIMER_MS = 10

/**
 * Mode paced: so many records a second, whatever the event loop does, as requests come to a server.
 *
 * @param produce false: the buffer is full, and the record waits for the next turn
 */
export async function produceAtRate(
  { recordsPerSecond, durationMs }: Pick<Workload, 'recordsPerSecond' | 'durationMs'>,
  produce: () => boolean,
): Promise<void> {
  const startMs = performance.now()
  let produced = 0
  for (;;) {
    const elapsedMs = Math.min(performance.now() - startMs, durationMs)
    const due = Math.floor((elapsedMs * recordsPerSecond) / 1_000)
    while (produced < due && produce()) produced += 1
    if (elapsedMs === durationMs) return
    await delay(PACE_MS)
  }
}

/** Watches the event loop until it is stopped: how busy it is, and how late a timer rings that has no part in the work. */
export function watchEventLoop(): () => EventLoop {
  const late = new LatencyHistogram()
  const before = performance.eventLoopUtilization()
  let timer: NodeJS.Timeout
  const arm = (): void => {
    const dueMs = performance.now() + TIMER_MS
    timer = setTimeout(() => {
      late.record(performance.now() - dueMs)
      arm()
    }, TIMER_MS)
  }
  arm()
  return () => {
    clearTimeout(timer)
    const { utilization } = performance.eventLoopUtilization(before)
    return { utilization, timerLateMs: late.percentiles() }
  }
}
