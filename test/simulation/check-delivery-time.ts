import { Application, type RunningApplication } from './application.ts'
import { DELIVERY_TIMEOUT_DEFAULT_MS } from './check-delivery.ts'
import type { FirstAttempts } from './oracles/first-attempts.ts'
import type { Plan } from './plan/plan.ts'
import type { ProducerProcess } from './producer-process.ts'
import type { Stream } from './record-stream.ts'

/** What happens at one time is not done in one moment. */
const SLACK_MS = 60

/**
 * What was settled too late, in words.
 *
 * Only of records that are told one by one; `sendAll` and acknowledgement streams tell of one when others are settled.
 */
export function checkDeliveryTime(
  plan: Plan,
  applications: readonly RunningApplication[],
  processes: readonly Pick<ProducerProcess, 'frozenMs'>[],
  attempts: Pick<FirstAttempts, 'atMsOf'>,
): string[] {
  return applications.flatMap((application, index) => {
    const process = processes[index]
    if (!(application instanceof Application) || process === undefined) return []
    const { deliveryTimeoutMs = DELIVERY_TIMEOUT_DEFAULT_MS } = plan.producers[index]?.config ?? {}
    const late = application.singly.flatMap((stream) => lateRecords(stream, process, attempts, deliveryTimeoutMs))
    return late.map((what) => `producer ${index}: settledLate: ${what}`)
  })
}

/**
 * A record may wait for metadata and memory before it has `deliveryTimeoutMs` to be acknowledged, and a caller cannot tell
 * the two apart. One that was on the wire waits for neither: it must be settled in time from there on.
 */
export function lateRecords(
  { history, records, count }: Stream,
  process: Pick<ProducerProcess, 'frozenMs'>,
  attempts: Pick<FirstAttempts, 'atMsOf'>,
  deliveryTimeoutMs: number,
): string[] {
  const late: string[] = []
  for (let n = 0; n < count; n++) {
    const sentMs = attempts.atMsOf({ producer: records.producer, n })
    const settledMs = history.settledAtMsOf(n)
    if (sentMs === undefined || Number.isNaN(settledMs)) continue
    const tookMs = settledMs - sentMs - process.frozenMs(sentMs, settledMs)
    if (tookMs > deliveryTimeoutMs + SLACK_MS)
      late.push(`record ${n} ${Math.round(tookMs)} ms after its first attempt, not ${deliveryTimeoutMs}`)
  }
  return late
}
