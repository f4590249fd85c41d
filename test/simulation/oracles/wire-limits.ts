import type { Plan, ProducerPlan } from '../plan/plan.ts'
import type { WireLimits } from './wire-oracle.ts'

/** What the producers of a plan may never exceed, by their numbers. */
export function wireLimits({ producers }: Plan): WireLimits[] {
  return producers.map(({ config }) => ({
    maxInFlight: config.maxInFlightRequestsPerConnection ?? 5,
    maxRequestSize: config.maxRequestSize ?? 1_048_576,
    batchSize: batchSizeOf(config),
    maxProduceRequestBytes: config.maxProduceRequestBytes ?? 16_777_216,
  }))
}

/** What a batch comes to when it is compressed is a guess, from those before it. */
function batchSizeOf({ batchSize = 1_000_000, compressionType = 'none' }: ProducerPlan['config']): number {
  return compressionType === 'none' ? batchSize : Infinity
}
