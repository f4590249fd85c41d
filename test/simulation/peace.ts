import type { Cluster, EmbeddedBroker } from '@linger/broker'
import { agedEpochs } from './aged-producers.ts'
import { TOPIC_OF_THE_END } from './application.ts'
import type { Path } from './network/path.ts'
import { olderVersions } from './older-versions.ts'
import type { Plan } from './plan/plan.ts'

export interface World {
  readonly cluster: Cluster
  readonly brokers: readonly EmbeddedBroker[]
  readonly paths: readonly Path[]
}

/** What is not a fault: how the brokers of the plan are. */
export function furnish({ versions, age, transactionVersion, metricsIntervalMs }: Plan, cluster: Cluster): void {
  cluster.faults.intercept(olderVersions(versions))
  cluster.faults.intercept(agedEpochs(age))
  if (metricsIntervalMs !== undefined) {
    cluster.clientMetrics.subscribe('all', { metrics: ['*'], intervalMs: metricsIntervalMs })
  }
  if (transactionVersion !== undefined) cluster.features.setTransactionVersion(transactionVersion)
}

/** Whatever went wrong is over: every broker runs and knows all, every partition has a leader, the network is as it was. */
export function makePeace(plan: Plan, { cluster, brokers, paths }: World): void {
  cluster.faults.clear()
  furnish(plan, cluster)
  for (const path of paths) Object.assign(path.conditions, plan.path, { connects: 'ACCEPTED' })
  for (const broker of brokers) {
    if (broker.process === 'paused') broker.resume()
    else if (broker.process === 'running') broker.catchUp()
    else broker.restart()
  }
  cluster.createTopic({ name: TOPIC_OF_THE_END, partitions: 1, replicationFactor: 1 })
  for (const partition of cluster.topics.flatMap(({ partitions }) => partitions)) {
    for (const replicaId of partition.replicaIds) partition.catchUp(replicaId)
    if (partition.leaderId < 0) partition.elect(partition.inSyncReplicaIds[0] ?? partition.replicaIds[0] ?? 1)
  }
}

/** Every partition that can gets another leader, as in a rolling restart. */
export function moveLeaders(cluster: Cluster): void {
  for (const partition of cluster.topics.flatMap(({ partitions }) => partitions)) {
    const { leaderId, inSyncReplicaIds } = partition
    const next = inSyncReplicaIds.find((id) => id !== leaderId)
    if (next !== undefined) partition.elect(next)
  }
}
