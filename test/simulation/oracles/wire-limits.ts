import type { Plan } from '../plan/plan.ts'
import type { WireLimits } from './wire-oracle.ts'

/** What the producers of a plan may never exceed, by their numbers. */
export function wireLimits({ producers }: Plan): WireLimits[] {
  return producers.map(({ config }) => ({
    maxInFlight: config.maxInFlightRequestsPerConnection ?? 5,
    maxRequestSize: config.maxRequestSize ?? 1_048_576,
    batchSize: config.batchSize ?? 1_000_000,
    maxProduceRequestBytes: config.maxProduceRequestBytes ?? 16_777_216,
  }))
}
