import { type RunningCluster, startCluster } from '@linger/broker'
import { createTopics, metadata, type MetadataResponse, produce, type ProduceResponse } from '@linger/protocol'
import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { idempotentBatch, recordBatch } from '../../packages/broker/test/record-batch.ts'
import { startCluster as startKafkaCluster } from '../real-kafka/maven-kafka.ts'
import { PausedProcess } from '../real-kafka/paused-process.ts'
import { BrokerWire, ConnectionClosed } from './broker-wire.ts'

const kafka = inject('kafka')
const BROKERS = 3
const TIMEOUT_MS = 30_000
const SHORT_TIMEOUT_MS = 200
/** Between two looks at what is to become true. */
const PAUSE_MS = 50
const REQUEST_TIMED_OUT = 7
const HOUR_MS = 60 * 60 * 1000
const NODE_IDS = [1, 2, 3]
/** The controller takes a broker for dead after two seconds instead of nine. */
const SOON_NOTICED = { 'broker.heartbeat.interval.ms': '200', 'broker.session.timeout.ms': '2000' }

/** Three brokers, embedded or real, and what is done to both alike. */
interface ThreeBrokers {
  readonly bootstrapServers: string
  kill(nodeId: number): Promise<void>
  shutDown(nodeId: number): Promise<void>
  restart(nodeId: number): Promise<void>
  /** @returns what lets it go on */
  pause(nodeId: number): Promise<() => Promise<void>>
  stop(): Promise<void>
}

interface TopicOptions {
  /** The brokers of its one partition, the leader first. */
  readonly brokerIds: readonly number[]
  readonly minInsyncReplicas?: number
}

/** Conversations with one cluster. */
class Conversation {
  readonly cluster: ThreeBrokers
  readonly #wires = new Map<number, BrokerWire>()
  #topic = ''
  #topicId = ''

  constructor(cluster: ThreeBrokers) {
    this.cluster = cluster
  }

  close(): void {
    for (const wire of this.#wires.values()) wire.close()
  }

  /** Creates the topic that everything after is about, and waits until every broker knows of it. */
  async createTopic({ brokerIds, minInsyncReplicas = 1 }: TopicOptions): Promise<void> {
    this.#topic = `cluster-${randomUUID()}`
    const wire = await this.wire(brokerIds[0] ?? 1)
    const created = await wire.ask(createTopics, 7, {
      timeoutMs: TIMEOUT_MS,
      topics: [
        {
          name: this.#topic,
          numPartitions: -1,
          replicationFactor: -1,
          assignments: [{ partitionIndex: 0, brokerIds: [...brokerIds] }],
          configs: [{ name: 'min.insync.replicas', value: String(minInsyncReplicas) }],
        },
      ],
    })
    this.#topicId = created.topics[0]?.topicId ?? ''
    for (const nodeId of NODE_IDS) await this.metadataWhen(nodeId, ({ errorCode }) => errorCode === 0)
    // The leader takes records a moment after it is told to be the leader.
    await this.produceWhen(brokerIds[0] ?? 1, ({ errorCode }) => errorCode === 0)
  }

  /** What a broker tells of the topic, asked until it is as it must become. */
  async metadataWhen(nodeId: number, isThere: (topic: TopicMetadata) => boolean): Promise<TopicMetadata> {
    const wire = await this.wire(nodeId)
    for (;;) {
      const { topics } = await wire.ask(metadata, 12, {
        topics: [{ name: this.#topic }],
        allowAutoTopicCreation: false,
      })
      const [topic] = topics
      if (topic !== undefined && isThere(topic)) return { ...topic, name: 'the topic', topicId: 'the id' }
      await setTimeout(PAUSE_MS)
    }
  }

  async produceWhen(nodeId: number, isThere: (partition: PartitionAnswer) => boolean, acks = -1): Promise<void> {
    for (;;) {
      const { partition } = await this.produce(nodeId, { acks })
      if (isThere(partition)) return
      await setTimeout(PAUSE_MS)
    }
  }

  async produce(
    nodeId: number,
    sent: { acks?: number; version?: number; timeoutMs?: number; records?: Uint8Array } = {},
  ) {
    const { acks = -1, version = 12, timeoutMs = TIMEOUT_MS, records = recordBatch() } = sent
    const wire = await this.wire(nodeId)
    const topicData = [{ name: this.#topic, topicId: this.#topicId, partitionData: [{ index: 0, records }] }]
    const { responses, nodeEndpoints } = await wire.ask(produce, version, { acks, timeoutMs, topicData })
    const partition = responses[0]?.partitionResponses[0]
    if (partition === undefined) throw new Error('no partition in the response')
    return { partition, endpointIds: nodeEndpoints.map((endpoint) => endpoint.nodeId) }
  }

  /** Whether the broker ends the connection over records that it gives no answer to. */
  async isClosedOver(nodeId: number): Promise<boolean> {
    const wire = await this.wire(nodeId)
    const topicData = [{ name: this.#topic, partitionData: [{ index: 0, records: recordBatch() }] }]
    wire.tell(produce, 12, { acks: 0, timeoutMs: TIMEOUT_MS, topicData })
    const isClosed = await wire.ask(metadata, 12, { topics: [] }).then(
      () => false,
      (error: unknown) => error instanceof ConnectionClosed,
    )
    this.#wires.delete(nodeId)
    wire.close()
    return isClosed
  }

  async wire(nodeId: number): Promise<BrokerWire> {
    const open = this.#wires.get(nodeId)
    if (open !== undefined && !open.isClosed) return open
    const wire = await BrokerWire.open(this.cluster.bootstrapServers.split(',')[nodeId - 1] ?? '')
    this.#wires.set(nodeId, wire)
    return wire
  }
}

type TopicMetadata = MetadataResponse['topics'][number]
type PartitionAnswer = ProduceResponse['responses'][number]['partitionResponses'][number]

const leads = (nodeId: number) => (topic: TopicMetadata) => topic.partitions[0]?.leaderId === nodeId
const inSync = (count: number) => (topic: TopicMetadata) => topic.partitions[0]?.isrNodes.length === count

interface Scenario {
  readonly name: string
  readonly play: (on: Conversation) => Promise<unknown>
}

const SCENARIOS: readonly Scenario[] = [
  ...[3, 9, 10, 11, 12, 13].flatMap((version): Scenario[] => [
    {
      name: `Produce ${version} to a follower`,
      play: async (on) => {
        await on.createTopic({ brokerIds: [2, 3] })
        return on.produce(3, { version })
      },
    },
    {
      name: `Produce ${version} to a broker without replica`,
      play: async (on) => {
        await on.createTopic({ brokerIds: [2, 3] })
        return on.produce(1, { version, acks: 1 })
      },
    },
  ]),
  {
    name: 'acks=0 to another broker than the leader ends the connection',
    play: async (on) => {
      await on.createTopic({ brokerIds: [2, 3] })
      return [await on.isClosedOver(3), await on.isClosedOver(2)]
    },
  },
  {
    name: 'a killed leader is followed by one in sync, and too few replicas refuse acks=all',
    play: async (on) => {
      await on.createTopic({ brokerIds: [3, 1, 2], minInsyncReplicas: 3 })
      await on.cluster.kill(3)
      const told = await on.metadataWhen(1, leads(1))
      await on.metadataWhen(2, leads(1))
      const refused = [await on.produce(1), await on.produce(1, { acks: 1 }), await on.isClosedOver(1)]
      // A replica learns of the election a moment after its broker's metadata does.
      const elsewhere = await on.produceWhen(2, ({ currentLeader }) => currentLeader.leaderId === 1)
      await on.cluster.restart(3)
      const restored = await on.metadataWhen(1, inSync(3))
      await on.metadataWhen(3, inSync(3))
      return [told, refused, elsewhere, sorted(restored), await on.produce(1), await on.produce(3)]
    },
  },
  {
    name: 'the only replica is killed: nobody leads until it is back',
    play: async (on) => {
      await on.createTopic({ brokerIds: [3] })
      await on.cluster.kill(3)
      const told = await on.metadataWhen(1, leads(-1))
      await on.metadataWhen(2, leads(-1))
      const refused = [await on.produce(1), await on.produce(2)]
      await on.cluster.restart(3)
      const restored = await on.metadataWhen(1, leads(3))
      await on.produceWhen(3, ({ errorCode }) => errorCode === 0)
      return [told, refused, restored]
    },
  },
  {
    name: 'a broker that was shut down knows a producer again only by records that are less than a day old',
    play: async (on) => {
      await on.createTopic({ brokerIds: [3, 1] })
      const batches = [23, 25].map((hours, index) => {
        const baseTimestamp = Date.now() - hours * HOUR_MS
        return idempotentBatch(0, 1, { producerId: BigInt(1_000_000 + index), baseTimestamp })
      })
      const offsets = async (nodeId: number): Promise<unknown[]> => {
        const answers = []
        for (const records of batches) answers.push((await on.produce(nodeId, { records })).partition)
        return answers.map(({ errorCode, baseOffset }) => ({ errorCode, baseOffset }))
      }
      const first = await offsets(3)
      await on.cluster.shutDown(1)
      const meanwhile = await offsets(3)
      await on.cluster.restart(1)
      await on.metadataWhen(3, inSync(2))
      await on.cluster.kill(3)
      await on.metadataWhen(1, leads(1))
      await on.produceWhen(1, ({ errorCode }) => errorCode === 0, 1)
      const again = await offsets(1)
      await on.cluster.restart(3)
      await on.metadataWhen(1, inSync(2))
      return [first, meanwhile, again]
    },
  },
  {
    name: 'acks=all waits for a follower that stands still, and tells the offset when its time is over',
    play: async (on) => {
      await on.createTopic({ brokerIds: [2, 3] })
      const resume = await on.cluster.pause(3)
      const late = await on.produce(2, { timeoutMs: SHORT_TIMEOUT_MS })
      const atOnce = await on.produce(2, { acks: 1 })
      await resume()
      await on.produceWhen(2, ({ errorCode }) => errorCode !== REQUEST_TIMED_OUT)
      return [late, atOnce]
    },
  },
]

// Its own three brokers, from Maven Central: what happens when one is killed.
describe.skipIf(kafka?.version.startsWith('4.') !== true || kafka.provider === 'testcontainers')(
  'three embedded brokers answer as three of a real Kafka 4 do',
  () => {
    let embedded: ThreeBrokers
    let real: ThreeBrokers

    beforeAll(async () => {
      embedded = embeddedBrokers(await startCluster({ brokers: BROKERS }))
      real = await kafkaBrokers()
    })

    afterAll(async () => {
      await Promise.all([embedded.stop(), real.stop()])
    })

    test.each(SCENARIOS)('$name', async ({ play }) => {
      const [expected, got] = [await played(real, play), await played(embedded, play)]
      expect(got).toEqual(expected)
    })
  },
)

async function played(cluster: ThreeBrokers, play: Scenario['play']): Promise<unknown> {
  const conversation = new Conversation(cluster)
  try {
    return await play(conversation)
  } finally {
    conversation.close()
  }
}

/** Which replica came back into sync first is chance. */
function sorted(topic: TopicMetadata): TopicMetadata {
  return {
    ...topic,
    partitions: topic.partitions.map((partition) => ({
      ...partition,
      isrNodes: partition.isrNodes.toSorted((a, b) => a - b),
    })),
  }
}

function embeddedBrokers(cluster: RunningCluster): ThreeBrokers {
  return {
    bootstrapServers: cluster.bootstrapServers,
    kill: async (nodeId) => cluster.kill(nodeId),
    shutDown: async (nodeId) => cluster.shutDown(nodeId),
    restart: (nodeId) => cluster.restart(nodeId),
    pause: async (nodeId) => {
      cluster.pause(nodeId)
      return async () => cluster.resume(nodeId)
    },
    stop: () => cluster.close(),
  }
}

async function kafkaBrokers(): Promise<ThreeBrokers> {
  const kafka = await startKafkaCluster({ brokerCount: BROKERS, properties: SOON_NOTICED })
  const broker = (nodeId: number) => {
    const found = kafka.brokers.find((one) => one.nodeId === nodeId)
    if (found === undefined) throw new Error(`there is no broker ${nodeId}`)
    return found
  }
  return {
    bootstrapServers: kafka.bootstrapServers,
    kill: (nodeId) => broker(nodeId).end('SIGKILL'),
    shutDown: (nodeId) => broker(nodeId).end('SIGTERM'),
    restart: async (nodeId) => {
      await broker(nodeId).start()
      await broker(nodeId).untilAlive(BROKERS)
    },
    pause: async (nodeId) => {
      const { pid } = broker(nodeId)
      if (pid === undefined) throw new Error(`broker ${nodeId} does not run`)
      const paused = await PausedProcess.pause(pid)
      return () => paused.resume()
    },
    stop: () => kafka.stop(),
  }
}
