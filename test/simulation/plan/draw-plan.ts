import type { NewTopic } from '@linger/broker'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import type { FaultKind } from '../faults/fault-kind.ts'
import { type Age, NEWBORN } from '../aged-producers.ts'
import { type AtLeastOne, OTHER_FAULTS, TRANSACTION_FAULTS } from '../faults/fault-kinds.ts'
import { type PathConditions, UNDISTURBED, UNLIMITED } from '../network/path.ts'
import { drawConfig } from './draw-config.ts'
import { withReactions } from './draw-reactions.ts'
import { drawSteps } from './draw-steps.ts'
import { withTiming } from './draw-timing.ts'
import { drawIncarnations } from './draw-transactions.ts'
import { SEQUENCES } from '../oracles/wire-batch.ts'
import type { Plan, PlannedFault, ProducerPlan } from './plan.ts'

/** They end at 32,767. */
const EPOCHS = 2 ** 15
const FAULTS_MIN = 8
const FAULTS_MAX = 30
/** Each seed knows only some kinds of faults, so that rare ones have room to work together. */
const KINDS_MIN = 3
const FREEZES_MAX = 2
/** The oldest that we speak; a cluster with less is one that cannot be used. */
const PRODUCE_MIN = 3
const PRODUCE_WITH_ZSTD = 7
/** Histories with a transactional producer beside the others; those of nothing else are drawn elsewhere. */
const TRANSACTIONS_SHARE = 0.1
/** Of the histories, those whose brokers want to know metrics. */
const METRICS_SHARE = 0.15
const ALL_FAULTS: AtLeastOne = [...OTHER_FAULTS, ...TRANSACTION_FAULTS]

/** Draws a history from a seed: cluster, configurations, workload and faults, each from chance of its own. */
export function drawPlan(seed: number): Plan {
  const random = new SeededRandom(seed)
  const shape = random.split('shape')
  const brokerCount = shape.pick([1, 2, 3, 3, 3, 4])
  const busyMs = shape.pick([2_000, 8_000, 20_000, 60_000])
  const producerCount = shape.pick([1, 1, 1, 2, 2, 3])
  const recordCount = Math.ceil(shape.between(300, 1_000) / producerCount)
  const producers = Array.from({ length: producerCount }, (_, index) =>
    drawProducer(random.split(`producer ${index}`), index, recordCount, busyMs),
  )
  const topics = producers.flatMap(({ topics: names }) => names)
  const transactions = random.split('transactions')
  const metrics = random.split('metrics')
  const hasTransactions = transactions.isLucky(TRANSACTIONS_SHARE)
  const transactional = hasTransactions ? drawIncarnations(transactions, 'tx', topics, busyMs) : []
  return {
    seed,
    brokerCount,
    // Transactional producers have their epochs from a coordinator, which counts them itself.
    age: hasTransactions ? NEWBORN : drawAge(random.split('age')),
    versions: withRoomForZstd(drawVersions(random.split('versions')), [...producers, ...transactional]),
    hasDeadAddresses: shape.isLucky(0.2),
    topics: [...new Set(topics)].map((name) => drawTopic(random.split(name), name, brokerCount)),
    ...(metrics.isLucky(METRICS_SHARE) ? { metricsIntervalMs: metrics.pick([100, 1_000, 10_000]) } : {}),
    path: drawPath(random.split('path')),
    producers: [...producers, ...transactional].map((producer) => ({
      ...producer,
      tellsMetrics: metrics.isLucky(0.8),
    })),
    faults: drawFaults(random.split('faults'), busyMs, hasTransactions ? ALL_FAULTS : OTHER_FAULTS),
    healAtMs: busyMs + shape.between(0, 10_000),
  }
}

function drawProducer(random: SeededRandom, index: number, recordCount: number, busyMs: number): ProducerPlan {
  const config = drawConfig(random.split('config'))
  const shape = random.split('shape')
  // Those that promise less have topics of their own: what they lose is nobody else's loss.
  const isExact = config.acks === undefined && config.enableIdempotence === undefined
  const own = isExact && shape.isLucky(0.7) ? 'orders' : `orders-${index}`
  const steps = drawSteps(random.split('steps'), recordCount, busyMs)
  const valueBytesUsual = shape.pick([40, 100, 100, 300, 1_000, 4_000])
  return {
    config,
    topics: shape.isLucky(0.3) ? [own, `${own}-too`] : [own],
    missingPartitions: shape.isLucky(0.05) ? 1 : 0,
    valueBytesUsual,
    valueBytesMax: shape.pick([valueBytesUsual, 5_000, 50_000]),
    ticksFirst: shape.isLucky(0.5),
    ...withReactions(random.split('reactions'), withTiming(random.split('timing'), steps, busyMs)),
  }
}

export function drawTopic(random: SeededRandom, name: string, brokerCount: number): NewTopic {
  const replicationFactor = Math.min(brokerCount, random.pick([1, 3, 3]))
  const config: Record<string, string> = {}
  if (replicationFactor === 3) config['min.insync.replicas'] = '2'
  if (random.isLucky(0.15)) config['message.timestamp.type'] = 'LogAppendTime'
  if (random.isLucky(0.1)) config['max.message.bytes'] = random.pick(['400', '2000', '20000'])
  return { name, partitions: random.pick([1, 1, 2, 3, 6, 12]), replicationFactor, config }
}

function drawAge(random: SeededRandom): Age {
  const epoch = random.isLucky(0.25) ? random.between(EPOCHS - 3, EPOCHS - 1) : 0
  return { epoch, sequence: random.isLucky(0.25) ? SEQUENCES - random.between(1, 200) : 0 }
}

/** Most clusters are new. Some are as old as is supported, and a few are older. */
function drawVersions(random: SeededRandom): Record<string, number> {
  const age = random.below(40)
  if (age < 28) return {}
  if (age === 39) return random.isLucky(0.5) ? { Produce: 2 } : { Metadata: 3 }
  return { Produce: random.between(3, 12), Metadata: random.between(4, 12), ApiVersions: random.between(0, 3) }
}

/** A supported broker that takes zstd. @source KIP-110: Produce 7 */
function withRoomForZstd(
  versions: Readonly<Record<string, number>>,
  producers: readonly ProducerPlan[],
): Readonly<Record<string, number>> {
  const { Produce: produce } = versions
  const isTooOld = produce !== undefined && produce >= PRODUCE_MIN && produce < PRODUCE_WITH_ZSTD
  const isWanted = producers.some(({ config }) => config.compressionType === 'zstd')
  return isTooOld && isWanted ? { ...versions, Produce: PRODUCE_WITH_ZSTD } : versions
}

export function drawPath(random: SeededRandom): PathConditions {
  const writeBytesMax = random.pick([UNLIMITED, UNLIMITED, UNLIMITED, 4_000, 100])
  return {
    ...UNDISTURBED,
    latencyMs: random.pick([0, 1, 1, 5, 50, 250]),
    jitterMs: random.pick([0, 0, 2, 50]),
    // Writes of 100 bytes in pieces of 3 would be millions of events.
    pieceBytesMax: Math.max(random.pick([UNLIMITED, UNLIMITED, 1_000, 30, 3]), writeBytesMax === UNLIMITED ? 3 : 30),
    writeBytesMax,
    writeGapMs: random.pick([0, 1, 20]),
  }
}

export function drawFaults(random: SeededRandom, busyMs: number, kinds: AtLeastOne): PlannedFault[] {
  const known = kinds.filter(({ weight }) => random.isLucky(weight))
  const some: [FaultKind, ...FaultKind[]] = [random.pick(kinds), ...known]
  while (some.length < KINDS_MIN) some.push(random.pick(kinds))
  let freezes = 0
  return Array.from({ length: random.between(FAULTS_MIN, FAULTS_MAX) }, () => {
    const { name, durationsMs } = random.pick(some)
    const [shortestMs, longestMs] = durationsMs
    const durationMs = Math.round(shortestMs * (longestMs / shortestMs) ** random.next())
    // What goes wrong at the very start meets a producer that knows nothing yet.
    const atMs = random.isLucky(0.15) ? 0 : random.below(busyMs)
    return { kind: name, atMs, durationMs, seed: random.below(2 ** 32) }
  })
    .filter(({ kind }) => kind !== 'freeze' || freezes++ < FREEZES_MAX)
    .toSorted((a, b) => a.atMs - b.atMs)
}
