import type { Cluster } from '@linger/broker'

/** A transaction is under way, or its markers are not all written. */
export function hasOpenTransactions(cluster: Cluster): boolean {
  const states = [...cluster.transactions.values()].map(({ metadata: { state } }) => state)
  return states.some((state) => state === 'Ongoing' || state === 'PrepareCommit' || state === 'PrepareAbort')
}

/** Partitions in which readers of committed records do not get to the end, and how far they get. */
export function waitingReaders(cluster: Cluster): string[] {
  const partitions = cluster.topics.flatMap((topic) => topic.partitions)
  return partitions.flatMap(({ topicName, index, log, highWatermark }) => {
    const stable = log.transactions.lastStableOffset(highWatermark)
    return stable < highWatermark ? [`${topicName}-${index} at ${stable} of ${highWatermark}`] : []
  })
}
