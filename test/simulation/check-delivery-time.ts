import { Application, type RunningApplication } from './application.ts'
import { DELIVERY_TIMEOUT_DEFAULT_MS } from './check-delivery.ts'
import type { FirstAttempts } from './oracles/first-attempts.ts'
import type { Plan } from './plan/plan.ts'
import type { ProducerProcess } from './producer-process.ts'

/** What happens at one time is not done in one moment. */
const SLACK_MS = 60

/**
 * A record may wait for metadata and memory before it has `deliveryTimeoutMs` to be acknowledged, and a caller cannot tell
 * the two apart. One that was on the wire waits for neither: it must be settled in time from there on.
 *
 * Only of records that are told one by one; `sendAll` and acknowledgement streams tell of one when others are settled.
 *
 * @returns what was settled too late, in words
 */
export function checkDeliveryTime(
  plan: Plan,
  applications: readonly RunningApplication[],
  processes: readonly ProducerProcess[],
  attempts: FirstAttempts,
): string[] {
  const late: string[] = []
  for (const [index, application] of applications.entries()) {
    if (!(application instanceof Application)) continue
    const { deliveryTimeoutMs = DELIVERY_TIMEOUT_DEFAULT_MS } = plan.producers[index]?.config ?? {}
    const { history, records, count } = application.singles
    for (let n = 0; n < count; n++) {
      const sentMs = attempts.atMsOf({ producer: records.producer, n })
      const settledMs = history.settledAtMsOf(n)
      if (sentMs === undefined || Number.isNaN(settledMs)) continue
      const tookMs = settledMs - sentMs - (processes[index]?.frozenMs(sentMs, settledMs) ?? 0)
      if (tookMs > deliveryTimeoutMs + SLACK_MS)
        late.push(
          `producer ${index}: settledLate: record ${n} ${Math.round(tookMs)} ms after its first attempt, not ${deliveryTimeoutMs}`,
        )
    }
  }
  return late
}
