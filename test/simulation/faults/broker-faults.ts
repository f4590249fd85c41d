import type { Partition, Topic } from '@linger/broker'
import { type FaultContext, type FaultKind, nothingToEnd } from './fault-kind.ts'

const MOMENT: FaultKind['durationsMs'] = [1, 1]

function anyPartition({ simulation, random }: FaultContext): Partition | undefined {
  const topic = random.pick(simulation.cluster.topics)
  return topic === undefined ? undefined : random.pick(topic.partitions)
}

/** Another broker that can lead without losing anything, if there is one. */
function otherInSync({ simulation, random }: FaultContext, partition: Partition): number | undefined {
  const { leaderId, inSyncReplicaIds } = partition
  return random.pick(inSyncReplicaIds.filter((id) => id !== leaderId && simulation.cluster.isAlive(id)))
}

/** Deletes a topic and makes it anew, with as many partitions or fewer, if there are enough brokers. */
function makeAnew({ simulation, random, fired }: FaultContext, topic: Topic | undefined): void {
  if (topic === undefined || simulation.cluster.nodes.length < topic.replicationFactor) return
  fired(`${topic.name} deleted and made anew`)
  simulation.onTopicMadeAnew(topic)
  const partitions = random.isLucky(0.7) ? topic.partitions.length : random.between(1, topic.partitions.length)
  simulation.cluster.recreateTopic(topic.name, partitions)
}

/**
 * A batch that was sent to the old topic arrives at the new one. Often again, when the producer has begun its sequences
 * anew: logs that are empty take any.
 */
function makeAnewUnderBatches(context: FaultContext): () => void {
  const { simulation, random } = context
  const topic = random.pick(simulation.cluster.topics)
  if (topic === undefined) return nothingToEnd
  const { name } = topic
  const delayMs = random.pick([2, 20, 200])
  const pauseMs = random.pick([0, 300, 2_000])
  let left = random.pick([1, 1, 3])
  let againAtMs = 0
  return simulation.cluster.faults.intercept(({ apiName, topicPartitions }) => {
    if (apiName !== 'Produce' || left === 0 || simulation.nowMs < againAtMs) return undefined
    if (!topicPartitions.some((one) => one.topic === name)) return undefined
    left--
    againAtMs = simulation.nowMs + delayMs + pauseMs
    simulation.after(delayMs / 2, () => makeAnew(context, simulation.cluster.topicNamed(name)))
    return { kind: 'delay', delayMs, when: 'before' }
  })
}

export const brokerFaults: readonly FaultKind[] = [
  {
    name: 'broker killed',
    weight: 0.4,
    durationsMs: [100, 15_000],
    start: ({ simulation, random, durationMs, fired }) => {
      const broker = random.pick(simulation.brokers)
      if (broker.process !== 'running') return nothingToEnd
      const noticedAfterMs = random.pick([0, 100, 3_000, Infinity])
      const path = simulation.pathTo(broker.nodeId)
      path.conditions.connects = 'REFUSED'
      const forgets = random.isLucky(0.4)
      if (noticedAfterMs === 0 && random.isLucky(0.5)) {
        fired(`broker ${broker.nodeId} shut down`)
        broker.shutDown()
      } else {
        fired(`broker ${broker.nodeId} killed, noticed after ${noticedAfterMs} ms`)
        broker.kill({ noticedAfterMs })
      }
      return () => {
        path.conditions.connects = 'ACCEPTED'
        broker.restart()
        if (!forgets) return
        broker.metadata.forget()
        simulation.after(Math.min(durationMs, 500), () => broker.catchUp())
      }
    },
  },
  {
    name: 'broker stopped',
    weight: 0.3,
    durationsMs: [100, 20_000],
    start: ({ simulation, random, fired }) => {
      const broker = random.pick(simulation.brokers)
      if (broker.process !== 'running') return nothingToEnd
      const noticedAfterMs = random.pick([100, 3_000, Infinity])
      fired(`broker ${broker.nodeId} stopped, noticed after ${noticedAfterMs} ms`)
      broker.pause({ noticedAfterMs })
      const staleForMs = random.pick([0, 0, 50, 1_000])
      return () => broker.resume({ staleForMs })
    },
  },
  {
    name: 'leader moved',
    weight: 0.5,
    durationsMs: MOMENT,
    start: (context) => {
      const partition = anyPartition(context)
      const leaderId = partition === undefined ? undefined : otherInSync(context, partition)
      if (partition === undefined || leaderId === undefined) return nothingToEnd
      context.fired(`${partition.topicName}-${partition.index} led by ${leaderId}`)
      partition.elect(leaderId)
      return nothingToEnd
    },
  },
  {
    name: 'leader moved again and again',
    weight: 0.15,
    durationsMs: [500, 10_000],
    start: (context) => {
      const { simulation } = context
      let isOver = false
      const move = (): void => {
        const partition = anyPartition(context)
        const leaderId = partition === undefined ? undefined : otherInSync(context, partition)
        if (isOver || partition === undefined) return
        if (leaderId !== undefined) {
          context.fired(`${partition.topicName}-${partition.index} led by ${leaderId}`)
          partition.elect(leaderId)
        }
        simulation.after(context.random.between(1, 200), move)
      }
      move()
      return () => {
        isOver = true
      }
    },
  },
  {
    name: 'no leader',
    weight: 0.2,
    durationsMs: [50, 8_000],
    start: (context) => {
      const partition = anyPartition(context)
      if (partition === undefined || partition.leaderId < 0) return nothingToEnd
      const { leaderId } = partition
      context.fired(`${partition.topicName}-${partition.index} led by nobody`)
      partition.elect(-1)
      return () => {
        if (partition.leaderId < 0 && context.simulation.cluster.isAlive(leaderId)) partition.elect(leaderId)
      }
    },
  },
  {
    name: 'stale metadata',
    weight: 0.3,
    durationsMs: [100, 10_000],
    start: (context) => {
      const { simulation, random, fired } = context
      const broker = random.pick(simulation.brokers)
      if (broker.process !== 'running') return nothingToEnd
      fired(`broker ${broker.nodeId} hears of nothing`)
      broker.metadata.freeze()
      // Something must happen that it does not hear of.
      for (const partition of simulation.cluster.topics.flatMap(({ partitions }) => partitions)) {
        const leaderId = random.isLucky(0.5) ? otherInSync(context, partition) : undefined
        if (leaderId !== undefined) partition.elect(leaderId)
      }
      return () => broker.catchUp()
    },
  },
  {
    name: 'broker forgets topics',
    weight: 0.2,
    durationsMs: [50, 3_000],
    start: ({ simulation, random, fired }) => {
      const broker = random.pick(simulation.brokers)
      if (broker.process !== 'running') return nothingToEnd
      fired(`broker ${broker.nodeId} knows of no topic`)
      broker.metadata.forget()
      return () => broker.catchUp()
    },
  },
  {
    name: 'partitions added',
    weight: 0.15,
    durationsMs: MOMENT,
    start: ({ simulation, random, fired }) => {
      const topic = random.pick(simulation.cluster.topics)
      const aliveCount = simulation.cluster.nodes.length
      if (topic === undefined || topic.partitions.length > 20 || aliveCount < topic.replicationFactor)
        return nothingToEnd
      const count = topic.partitions.length + random.between(1, 4)
      fired(`${topic.name} has ${count} partitions`)
      simulation.onPartitionsAdded(topic.name)
      simulation.cluster.addPartitions(topic.name, count)
      return nothingToEnd
    },
  },
  {
    name: 'topic made anew',
    weight: 0.25,
    durationsMs: MOMENT,
    start: (context) => {
      makeAnew(context, context.random.pick(context.simulation.cluster.topics))
      return nothingToEnd
    },
  },
  {
    name: 'topic made anew under a batch',
    weight: 0.25,
    durationsMs: [200, 10_000],
    start: makeAnewUnderBatches,
  },
]
