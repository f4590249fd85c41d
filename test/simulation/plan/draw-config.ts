import type { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { ProducerPlan } from './plan.ts'

type Config = ProducerPlan['config']

/** A configuration that can work: most are the idempotent default, with limits that are often met. */
export function drawConfig(random: SeededRandom): Config {
  const lingerMs = random.pick([0, 0, 0, 1, 5, 20, 100])
  const requestTimeoutMs = random.pick([300, 1_000, 3_000, 30_000])
  const maxRequestSize = random.pick([1_048_576, 1_048_576, 60_000, 3_000])
  const retryBackoffMs = random.pick([5, 20, 100])
  const reconnectBackoffMs = random.pick([5, 50])
  const compression = random.split('compression')
  return {
    ...drawAcks(random),
    lingerMs,
    requestTimeoutMs,
    deliveryTimeoutMs: lingerMs + requestTimeoutMs + random.pick([0, 500, 3_000, 20_000, 90_000]),
    maxBlockMs: random.pick([0, 200, 3_000, 3_000, 10_000, 10_000, 60_000, 60_000]),
    batchSize: random.pick([0, 200, 1_000, 4_000, 16_384, 1_000_000]),
    maxRequestSize,
    bufferMemory: Math.max(131_072, maxRequestSize + random.pick([200, 2_000, 20_000, 1_000_000, 32_000_000])),
    maxProduceRequestBytes: random.pick([1, 3_000, 16_777_216, 16_777_216]),
    maxInFlightRequestsPerConnection: random.pick([1, 2, 3, 4, 5, 5]),
    retryBackoffMs,
    retryBackoffMaxMs: retryBackoffMs * random.pick([1, 4, 10]),
    reconnectBackoffMs,
    reconnectBackoffMaxMs: reconnectBackoffMs * random.pick([1, 4, 20]),
    socketConnectionSetupTimeoutMs: random.pick([400, 2_000, 10_000]),
    connectionsMaxIdleMs: random.pick([300, 5_000, 540_000]),
    // Less than a connection and an answer take would mean to begin again for ever.
    metadataRecoveryRebootstrapTriggerMs: random.pick([10_000, 300_000]),
    metadataRecoveryStrategy: random.pick(['none', 'rebootstrap']),
    metadataMaxAgeMs: random.pick([1_000, 10_000, 300_000]),
    partitioner: random.pick(['default', 'default', 'default', 'round-robin', 'random']),
    compressionType: compression.pick(['none', 'none', 'none', 'none', 'gzip', 'snappy', 'lz4', 'zstd']),
  }
}

function drawAcks(random: SeededRandom): Config {
  const mode = random.below(20)
  if (mode < 14) return random.isLucky(0.2) ? { retries: random.pick([1, 2, 5]) } : {}
  const retries = random.pick([0, 1, 2_147_483_647, 2_147_483_647])
  if (mode < 16) return { acks: 'all', enableIdempotence: false, retries }
  return mode < 18 ? { acks: 1, retries } : { acks: 0, retries }
}
