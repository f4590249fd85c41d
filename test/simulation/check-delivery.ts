import type { Cluster } from '@linger/broker'
import { DeliveryChecker, type DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { type DeliveryPromise, forgottenUntilMs, promiseOf } from '../delivery-checker/delivery-promise.ts'
import { Application, type RunningApplication } from './application.ts'
import type { Stream } from './record-stream.ts'
import type { Plan, ProducerPlan } from './plan/plan.ts'
import { logRecords } from './read-log.ts'

const PARTITIONS_MAX = 100
/** So long after a topic was made anew every broker has heard of it. */
const FORGOTTEN_AFTER_MS = 25_000
const MAX_BLOCK_DEFAULT_MS = 60_000
export const DELIVERY_TIMEOUT_DEFAULT_MS = 120_000

/** What the cluster did to topics, beside losing brokers. */
export interface TopicHistory {
  /** Their keys may have moved. */
  readonly grown: ReadonlySet<string>
  /** Their records were deleted. */
  readonly madeAnew: ReadonlyMap<string, number>
}

/** What the wire told of the producers. */
export interface WireHistory {
  /** How many producer ids a producer had. */
  producerIdCountOf(producer: number): number
}

export interface FinishedRun {
  readonly plan: Plan
  readonly applications: readonly RunningApplication[]
  readonly cluster: Cluster
  readonly topics: TopicHistory
  readonly wire: WireHistory
  /** Milliseconds since 1970. */
  readonly wallTimeMs: number
}

/** Holds what the applications were told against what is in the logs. */
export function checkDelivery(run: FinishedRun): DeliveryReport {
  const {
    plan,
    applications,
    cluster,
    topics: { grown, madeAnew },
    wire,
    wallTimeMs,
  } = run
  const streams: {
    readonly stream: Stream
    readonly config: ProducerPlan['config']
    readonly isFixed: boolean
    readonly promise: DeliveryPromise
    readonly ranks?: readonly number[]
  }[] = []
  for (const [index, application] of applications.entries()) {
    const { config = {}, topics = [] } = plan.producers[index] ?? {}
    const isFixed = !topics.some((topic) => grown.has(topic) || madeAnew.has(topic))
    const promise = promiseFor(config, wire.producerIdCountOf(index))
    const delayed = application instanceof Application ? application.delayed : undefined
    for (const stream of application.streams) {
      const ranks = stream === delayed?.stream ? delayed.ranks() : undefined
      streams.push({ stream, config, isFixed, promise, ...(ranks === undefined ? {} : { ranks }) })
    }
  }
  const producers = streams.map(({ stream, config, isFixed, ...judged }) => ({
    ...judged,
    history: stream.history,
    recordAt: (n: number) => stream.records.record(n),
    keysKeepPartition: config.partitioner === 'default' && isFixed,
    ...(config.transactionalId === undefined ? { forgottenUntilMs: forgottenUntilMs(wallTimeMs) } : {}),
  }))
  const checker = new DeliveryChecker(producers, (record) => streams[0]?.stream.records.identify(record))
  for (const [topic, atMs] of madeAnew) {
    for (let partition = 0; partition < PARTITIONS_MAX; partition++)
      checker.excuse(topic, partition, atMs + FORGOTTEN_AFTER_MS)
  }
  excuseAcksOne(plan, cluster, checker)
  for (const record of logRecords(cluster)) checker.read(record)
  return checker.report()
}

/** A record may wait for metadata and memory, then for its acknowledgement; one second is for the last step of each. */
export function settleWithinMs({ config }: ProducerPlan): number {
  const { maxBlockMs = MAX_BLOCK_DEFAULT_MS, deliveryTimeoutMs = DELIVERY_TIMEOUT_DEFAULT_MS } = config
  return maxBlockMs + deliveryTimeoutMs + 1_000
}

/**
 * A broker refuses late bytes of an older epoch. Of another producer id it knows nothing: what was given up on under the
 * old id may still arrive behind what went under the new one; in the log of a topic that was made anew also what was
 * acknowledged before that.
 */
function promiseFor(config: ProducerPlan['config'], producerIdCount: number): DeliveryPromise {
  const promise = promiseOf(config.acks ?? 'all', isIdempotent(config))
  return producerIdCount > 1 ? { ...promise, ordersUnknown: false, copiesLostLogs: true } : promise
}

function isIdempotent({ acks = 'all', enableIdempotence = true }: ProducerPlan['config']): boolean {
  return (acks === 'all' || acks === -1) && enableIdempotence
}

/** With acks 1 a change of leaders may lose what only the former one had. */
function excuseAcksOne(plan: Plan, cluster: Cluster, checker: DeliveryChecker): void {
  for (const { config, topics } of plan.producers) {
    if (config.acks !== 1) continue
    for (const name of topics) {
      for (const { index, leaderEpoch } of cluster.topicNamed(name)?.partitions ?? []) {
        if (leaderEpoch > 0) checker.excuse(name, index)
      }
    }
  }
}
