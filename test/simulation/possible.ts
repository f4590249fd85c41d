import type { Plan, ProducerPlan } from './plan/plan.ts'

/** The configuration can work with such brokers on such a network: an answer is there long before it is late. */
export function canRecover({ config }: ProducerPlan, { path, versions, topics }: Plan): boolean {
  // Without acks a broker can say that a batch is too large only by ending the connection, with all that is on it.
  if (config.acks === 0 && topics.some((topic) => topic.config?.['max.message.bytes'] !== undefined)) return false
  const { requestTimeoutMs = 30_000, deliveryTimeoutMs = 120_000 } = config
  if ((versions['Produce'] ?? Infinity) < 3 || (versions['Metadata'] ?? Infinity) < 4) return false
  const tripMs = roundTripMs(path)
  return 4 * tripMs < requestTimeoutMs && 20 * tripMs < deliveryTimeoutMs
}

/** With retries, as long as it takes and by what brokers answer, a leader that moves costs no record. */
export function triesAgain({ config }: ProducerPlan, plan: Plan): boolean {
  const { retries = Infinity, acks, maxBlockMs = Infinity, deliveryTimeoutMs = Infinity } = config
  // Asking a connection that is dead without a sign takes its time.
  const hasTime = Math.min(maxBlockMs, deliveryTimeoutMs) > 2 * reachingBrokersMs(plan)
  return retries > 1_000 && acks !== 0 && hasTime
}

/** Behind a record whose partition is not there the others wait for metadata, and these may have no time for that. */
export function mayWaitInVain({ config, missingPartitions }: ProducerPlan, plan: Plan): boolean {
  // A topic that is made anew may have fewer partitions than before.
  const namesMissing = missingPartitions > 0 || plan.faults.some(({ kind }) => kind.startsWith('topic made anew'))
  return namesMissing && (config.maxBlockMs ?? Infinity) < reachingBrokersMs(plan)
}

/**
 * So long a producer whose connections have ended needs at worst to find its brokers again: three round trips to a
 * connection that is ready, as many for the attempts before that were too short, and two for metadata.
 */
function reachingBrokersMs({ path }: Plan): number {
  return 1_000 + 8 * roundTripMs(path)
}

function roundTripMs({ latencyMs, jitterMs, writeBytesMax, writeGapMs }: Plan['path']): number {
  return 2 * (latencyMs + jitterMs) + writeGapMs * (1 + 50_000 / writeBytesMax)
}
