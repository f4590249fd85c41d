import type { TransactionVersion } from '@linger/broker'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import { NEWBORN } from '../aged-producers.ts'
import { OTHER_FAULTS, TRANSACTION_FAULTS } from '../faults/fault-kinds.ts'
import { drawFaults, drawPath, drawTopic } from './draw-plan.ts'
import { drawIncarnations } from './draw-transactions.ts'
import type { Plan } from './plan.ts'

/** What else goes wrong goes wrong less often than in histories that are about nothing else. */
const OTHER_FAULTS_SHARE = 0.3

/** An API that a broker does not speak at all. */
const MISSING = -1

/** They end at 32,767, of which the last one is for coordinators. */
const EPOCHS = 2 ** 15

/** Draws a history of transactions from a seed: short, since many say more than long ones. */
export function drawTransactionalPlan(seed: number): Plan {
  const random = new SeededRandom(seed)
  const shape = random.split('transactional shape')
  const brokerCount = shape.pick([1, 2, 3, 3])
  const busyMs = shape.pick([500, 2_000, 5_000, 12_000])
  const topics = shape.pick([['orders'], ['orders', 'payments']] as const)
  const ids = shape.pick([['tx'], ['tx'], ['tx', 'ty']] as const)
  const kinds = [
    ...TRANSACTION_FAULTS,
    ...OTHER_FAULTS.map((kind) => ({ ...kind, weight: kind.weight * OTHER_FAULTS_SHARE })),
  ] as const
  return {
    seed,
    brokerCount,
    age: NEWBORN,
    versions: drawVersions(random.split('versions')),
    transactionVersion: shape.pick([0, 1, 2, 2] as const satisfies readonly TransactionVersion[]),
    ...(shape.isLucky(0.08) ? { epochsBefore: EPOCHS - shape.between(2, 12) } : {}),
    hasDeadAddresses: false,
    topics: topics.map((name) => drawTopic(random.split(name), name, brokerCount)),
    path: drawPath(random.split('path')),
    producers: ids.flatMap((id) => drawIncarnations(random.split(id), id, topics, busyMs)),
    faults: drawFaults(random.split('faults'), busyMs, kinds),
    healAtMs: busyMs + shape.between(0, 3_000),
  }
}

/** Brokers from before each thing that transactions are made of. */
function drawVersions(random: SeededRandom): Record<string, number> {
  if (random.isLucky(0.7)) return {}
  const newest: Record<string, readonly [number, ...number[]]> = {
    InitProducerId: [1, 2, 3, 4],
    FindCoordinator: [2, 3, 4],
    Produce: [7, 9, 10, 11, 12],
    EndTxn: [1, 3, 4, 4, MISSING],
    TxnOffsetCommit: [2, 3, 4],
    ApiVersions: [2, 3],
  }
  const old = Object.keys(newest).filter(() => random.isLucky(0.4))
  return Object.fromEntries(old.map((api) => [api, random.pick(newest[api] ?? [0])]))
}
