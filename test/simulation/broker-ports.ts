import type { BrokerPorts } from '@linger/broker'
import type { Timeline } from '../../packages/producer/test/world/timeline.ts'

const BROKERS_AHEAD_MS = 7_777

/** Time and chance of the brokers. */
export function brokerPorts(timeline: Timeline): BrokerPorts {
  let uuids = 0
  return {
    // Nobody's clock is another's: a time tells whose it is.
    now: () => timeline.wallTimeMs + BROKERS_AHEAD_MS,
    after: (delayMs, run) => timeline.after(delayMs, run),
    randomUuid: () => `uuid${String(uuids++).padStart(17, '0')}A`,
  }
}
