import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { NEWBORN } from './aged-producers.ts'
import { UNDISTURBED } from './network/path.ts'
import type { Plan, ProducerPlan, Step } from './plan/plan.ts'
import { Simulation, type SimulationResult } from './simulation.ts'
import { Trace } from './trace.ts'

/** Two partitions, as topics of one partition each: records draw their topic from the run's number. */
export const TOPICS: readonly [string, string] = ['left', 'right']
const SEEDS_MAX = 10_000
/** From here on nothing goes wrong. */
export const HEAL_AT_MS = 400

/** A world small enough that all of its histories can be run. */
export interface SmallWorld {
  /** To which of the two partitions each record goes. */
  readonly partitions: readonly (0 | 1)[]
  /** When each record is sent. */
  readonly atMs: readonly number[]
  readonly config?: ProducerPlan['config']
  /** Puts the faults in place. */
  readonly prepare: (simulation: Simulation) => void
}

export function runSmallWorld({ partitions, atMs, config, prepare }: SmallWorld): Promise<SimulationResult> {
  const steps = atMs.map((time): Step => ({ do: 'send', atMs: time, count: 1 }))
  const plan: Plan = {
    seed: seedFor(partitions),
    brokerCount: 2,
    versions: {},
    age: NEWBORN,
    hasDeadAddresses: false,
    topics: TOPICS.map((name) => ({ name, partitions: 1, replicationFactor: 2 })),
    path: UNDISTURBED,
    producers: [
      {
        config: {
          requestTimeoutMs: 60,
          deliveryTimeoutMs: 150,
          maxBlockMs: 300,
          retryBackoffMs: 5,
          retryBackoffMaxMs: 10,
          reconnectBackoffMs: 2,
          reconnectBackoffMaxMs: 4,
          ...config,
        },
        topics: TOPICS,
        missingPartitions: 0,
        valueBytesUsual: 40,
        valueBytesMax: 40,
        ticksFirst: true,
        steps,
      },
    ],
    faults: [],
    healAtMs: HEAL_AT_MS,
  }
  const simulation = new Simulation(plan, new Trace())
  prepare(simulation)
  return simulation.run()
}

const seeds = new Map<string, number>()

/** A run in which the records go to these partitions, and all have a value. */
function seedFor(partitions: readonly (0 | 1)[]): number {
  const wanted = partitions.map((partition) => TOPICS[partition]).join()
  const known = seeds.get(wanted)
  if (known !== undefined) return known
  const topics = TOPICS.map((name) => ({ name, partitionCount: 1 }))
  for (let seed = 0; seed < SEEDS_MAX; seed++) {
    const records = new SelfDescribingRecords({ runId: seed, producer: 0, topics, valueBytesUsual: 40 })
    if (partitions.map((_, n) => records.record(n).topic).join() !== wanted) continue
    seeds.set(wanted, seed)
    return seed
  }
  throw new Error(`no seed sends ${wanted}`)
}
