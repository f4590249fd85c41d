import { setTimeout as delay } from 'node:timers/promises'
import type { ProxiedBroker } from '../cluster/chaos-cluster.ts'
import { GROWING_TOPIC, LANES, REBORN_LANE, REBORN_TOPIC } from '../load/lane-settings.ts'
import type { Fault, FaultWorld, Strike } from './fault.ts'

const PARTITIONS_ADDED = 2
/** Who leads a partition of it coordinates the transactions that are written down there. */
const COORDINATORS_TOPIC = '__transaction_state'
/** Stale metadata is refreshed within five seconds: some producers see the topic gone, others only changed. */
const GONE_MS_MAX = 7_000

/** What happens to brokers and topics. Every replica is in sync before and after. */
export const CLUSTER_FAULTS: readonly Fault[] = [
  clusterFault('broker-kill', async (world) => killed(world, await brokerThat(world, 'is no controller'))),
  clusterFault('controller-kill', async (world) => killed(world, await brokerThat(world, 'is controller'))),
  clusterFault('broker-pause', async ({ cluster, random, signal }) => {
    const { broker } = random.pick(cluster.brokers)
    const ms = random.between(1_000, 12_000)
    const resume = await cluster.pause(broker.pid ?? 0)
    try {
      await delay(ms, undefined, { signal })
    } finally {
      await resume()
    }
    return { hits: 1, what: `broker ${broker.nodeId} for ${ms} ms` }
  }),
  clusterFault('rolling-restart', async ({ cluster, random, signal }) => {
    for (const broker of random.shuffled(cluster.brokers)) {
      await cluster.shutDown(broker)
      await cluster.restart(broker)
      await cluster.untilInSync(signal)
    }
    return { hits: cluster.brokers.length, what: `${cluster.brokers.length} brokers` }
  }),
  clusterFault('leader-moves', async ({ cluster, random, signal }) => {
    let hits = 0
    const rounds = random.between(2, 5)
    for (let round = 0; round < rounds; round++) {
      for (const { topics } of LANES) {
        for (const { name } of topics) hits += await cluster.admin.moveLeaders(name, random.between(0, 1_000))
      }
      await delay(random.between(0, 1_500), undefined, { signal })
    }
    return { hits, what: `${hits} partitions in ${rounds} rounds` }
  }),
  clusterFault('coordinator-moves', async ({ cluster, random, signal }) => {
    let hits = 0
    const rounds = random.between(2, 5)
    for (let round = 0; round < rounds; round++) {
      hits += await cluster.admin.moveLeaders(COORDINATORS_TOPIC, random.between(0, 1_000))
      await delay(random.between(0, 1_500), undefined, { signal })
    }
    return { hits, what: `${hits} coordinators in ${rounds} rounds` }
  }),
  clusterFault('partitions-added', async ({ cluster }) => {
    const before = (await cluster.admin.leadersOf(GROWING_TOPIC)).length
    await cluster.admin.addPartitions(GROWING_TOPIC, before + PARTITIONS_ADDED)
    return { hits: PARTITIONS_ADDED, what: `${before} to ${before + PARTITIONS_ADDED}` }
  }),
  clusterFault('topic-recreated', async ({ cluster, load, random, signal }) => {
    const partitionCount = (await cluster.admin.leadersOf(REBORN_TOPIC)).length
    await load.endLife(REBORN_LANE)
    await cluster.admin.deleteTopic(REBORN_TOPIC)
    const ms = random.between(0, GONE_MS_MAX)
    await delay(ms, undefined, { signal })
    await cluster.admin.createTopic(REBORN_TOPIC, partitionCount)
    await load.newLife(REBORN_LANE)
    return { hits: 1, what: `${partitionCount} partitions, gone for ${ms} ms` }
  }),
]

function clusterFault(name: string, strike: (world: FaultWorld) => Promise<Strike>): Fault {
  return {
    name,
    kind: 'CLUSTER',
    strike: async (world) => {
      const result = await strike(world)
      await world.cluster.untilInSync(world.signal)
      return result
    },
  }
}

async function killed({ cluster, random, signal }: FaultWorld, victim: ProxiedBroker): Promise<Strike> {
  const ms = random.between(0, 6_000)
  await cluster.kill(victim)
  await delay(ms, undefined, { signal })
  await cluster.restart(victim)
  return { hits: 1, what: `broker ${victim.broker.nodeId}, down for ${ms} ms and its start` }
}

async function brokerThat(
  { cluster, random }: FaultWorld,
  which: 'is controller' | 'is no controller',
): Promise<ProxiedBroker> {
  const controller = await cluster.admin.controller()
  const isWanted = ({ broker }: ProxiedBroker): boolean =>
    (broker.nodeId === controller) === (which === 'is controller')
  const broker = random.pick(cluster.brokers.filter(isWanted))
  if (broker === undefined) throw new Error(`no broker ${which}`)
  return broker
}
