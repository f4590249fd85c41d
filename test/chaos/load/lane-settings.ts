import type { ProducerConfig } from '@linger/producer'
import { type DeliveryPromise, promiseOf } from '../../delivery-checker/delivery-promise.ts'
import type { RecordsTopic } from '../../delivery-checker/self-describing-records.ts'

/** A part of the load: producers of one configuration, which write to topics of their own and are judged together. */
export interface LaneSettings {
  readonly name: string
  readonly config: Omit<ProducerConfig, 'bootstrapServers'>
  /** 'transaction': one producer, which sends everything in transactions. */
  readonly way: 'produce' | 'send' | 'transaction'
  readonly producerCount: number
  readonly topics: readonly RecordsTopic[]
  /** Its part of all records; all lanes together have 1. */
  readonly share: number
}

/** The lane whose topic is deleted and created again: all it sent is settled and checked before. */
export const REBORN_LANE = 'idempotent-reborn'
export const REBORN_TOPIC = 'reborn'
/** The topic to which partitions are added. */
export const GROWING_TOPIC = 'growing'

/** Failures are noticed in seconds, so that a run of minutes has many. */
const BRISK = {
  requestTimeoutMs: 4_000,
  socketConnectionSetupTimeoutMs: 3_000,
  metadataMaxAgeMs: 5_000,
  // A chaos run is full of what it would tell.
  logger: { debug() {}, info() {}, warn() {}, error() {} },
} as const

export const LANES: readonly LaneSettings[] = [
  {
    name: 'idempotent',
    config: BRISK,
    way: 'produce',
    producerCount: 2,
    topics: [
      { name: 'ledger', partitionCount: 6 },
      { name: 'audit', partitionCount: 2 },
    ],
    share: 0.3,
  },
  {
    name: 'idempotent-send',
    config: { ...BRISK, lingerMs: 5, batchSize: 16_384 },
    way: 'send',
    producerCount: 1,
    topics: [{ name: GROWING_TOPIC, partitionCount: 4 }],
    share: 0.15,
  },
  {
    name: 'transactional',
    // Some transactions take longer than their coordinator waits for them, and some commits than the application does.
    config: { ...BRISK, maxBlockMs: 3_000, deliveryTimeoutMs: 30_000, transactionTimeoutMs: 8_000 },
    way: 'transaction',
    producerCount: 1,
    topics: [
      { name: 'transfers', partitionCount: 4 },
      { name: 'postings', partitionCount: 2 },
    ],
    share: 0.1,
  },
  {
    // Gives up on many records, some of which are on their way: what follows needs new epochs.
    name: 'idempotent-impatient',
    config: { ...BRISK, deliveryTimeoutMs: 1_500, requestTimeoutMs: 700, maxBlockMs: 1_000, bufferMemory: 2 << 20 },
    way: 'produce',
    producerCount: 1,
    topics: [{ name: 'hasty', partitionCount: 4 }],
    share: 0.15,
  },
  {
    name: REBORN_LANE,
    config: BRISK,
    way: 'produce',
    producerCount: 1,
    topics: [{ name: REBORN_TOPIC, partitionCount: 3 }],
    share: 0.05,
  },
  {
    name: 'acks-all',
    config: { ...BRISK, acks: 'all', enableIdempotence: false },
    way: 'produce',
    producerCount: 1,
    topics: [{ name: 'replicated', partitionCount: 4 }],
    share: 0.1,
  },
  {
    name: 'acks-1',
    config: { ...BRISK, acks: 1 },
    way: 'send',
    producerCount: 1,
    topics: [{ name: 'led', partitionCount: 3 }],
    share: 0.08,
  },
  {
    name: 'acks-0',
    config: { ...BRISK, acks: 0 },
    way: 'produce',
    producerCount: 1,
    topics: [{ name: 'shouted', partitionCount: 3 }],
    share: 0.07,
  },
]

const DELIVERY_TIMEOUT_MS = 120_000
const MAX_BLOCK_MS = 60_000
/** How much later than its timeouts a record may be settled. */
const SETTLE_GRACE_MS = 1_000

export function promiseOfLane({
  config: { acks = 'all', enableIdempotence = acks === 'all' },
}: LaneSettings): DeliveryPromise {
  return promiseOf(acks, enableIdempotence)
}

/** How long after its call a record must be settled. */
export function settleWithinMs({ config }: LaneSettings): number {
  const { maxBlockMs = MAX_BLOCK_MS, deliveryTimeoutMs = DELIVERY_TIMEOUT_MS } = config
  return maxBlockMs + deliveryTimeoutMs + SETTLE_GRACE_MS
}
