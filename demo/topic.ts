import { setTimeout as delay } from 'node:timers/promises'
import {
  createTopics,
  deleteTopics,
  errorFor,
  listOffsets,
  metadata,
  type ResponseOf,
  ZERO_UUID,
} from '@linger/protocol'
import { BrokerConnection } from './broker-connection.ts'

/** The end of one partition's log, and who can be asked for its records. */
export interface PartitionEnd {
  readonly partition: number
  /** `host:port` of its leader. */
  readonly leader: string
  /** Of the next record that will be written. */
  readonly offset: number
}

const TIMEOUT_MS = 30_000
const POLL_MS = 50
const TOPIC_ALREADY_EXISTS = 36
/** The brokers' default.replication.factor. @source KIP-464 */
const DEFAULT_REPLICATION_FACTOR = -1
const FIRST_CREATE_VERSION_WITH_DEFAULTS = 4
const FIRST_DELETE_VERSION_BY_ID = 6
/** Asks ListOffsets for the offset that the next record will get. */
const LATEST = -1n

/** Creates a topic and waits until each of its partitions can be written to. One that exists is left as it is. */
export async function createTopic(
  bootstrapServers: string,
  name: string,
  partitionCount: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  await withController(bootstrapServers, async (controller) => {
    const hasDefaults = controller.versionOf(createTopics) >= FIRST_CREATE_VERSION_WITH_DEFAULTS
    const { topics } = await controller.ask(createTopics, {
      topics: [
        {
          name,
          numPartitions: partitionCount,
          replicationFactor: hasDefaults ? DEFAULT_REPLICATION_FACTOR : 1,
          assignments: [],
          configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: TIMEOUT_MS,
    })
    for (const { errorCode, errorMessage } of topics) {
      if (errorCode === 0 || errorCode === TOPIC_ALREADY_EXISTS) continue
      throw new Error(`${name} cannot be created: ${errorFor(errorCode).name} ${errorMessage ?? ''}`)
    }
  })
  await partitionEnds(bootstrapServers, name)
}

export async function deleteTopic(bootstrapServers: string, name: string): Promise<void> {
  await withController(bootstrapServers, async (controller) => {
    const byId = controller.versionOf(deleteTopics) >= FIRST_DELETE_VERSION_BY_ID
    const which = byId ? { topics: [{ name, topicId: ZERO_UUID }] } : { topicNames: [name] }
    await controller.ask(deleteTopics, { ...which, timeoutMs: TIMEOUT_MS })
  })
}

/** Where each partition's log ends. Waits for leaders: metadata names them before they answer for a new topic. */
export async function partitionEnds(bootstrapServers: string, topic: string): Promise<PartitionEnd[]> {
  return withBroker(bootstrapServers, async (broker) => {
    const deadlineMs = performance.now() + TIMEOUT_MS
    for (;;) {
      const found = await broker.ask(metadata, { topics: [{ name: topic }], allowAutoTopicCreation: false })
      const [description] = found.topics
      const ends = description?.errorCode === 0 ? await endsIn(topic, found) : []
      const partitionCount = description?.partitions.length ?? 0
      if (ends.length > 0 && ends.length === partitionCount) return ends
      if (performance.now() >= deadlineMs) {
        const reason = errorFor(description?.errorCode ?? 0).name
        throw new Error(`${topic}: ${ends.length} of ${partitionCount} partitions can be used (${reason})`)
      }
      await delay(POLL_MS)
    }
  })
}

/** Only of the partitions whose leader answers for them. */
async function endsIn(topic: string, found: ResponseOf<typeof metadata>): Promise<PartitionEnd[]> {
  const partitions = found.topics.flatMap((one) => one.partitions)
  const ends: PartitionEnd[] = []
  for (const { nodeId, host, port } of found.brokers) {
    const led = partitions.filter(({ leaderId }) => leaderId === nodeId)
    if (led.length === 0) continue
    const leader = `${host}:${port}`
    const answer = await withBroker(leader, async (broker) =>
      broker.ask(listOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: led.map(({ partitionIndex }) => ({ partitionIndex, timestamp: LATEST })) }],
      }),
    )
    for (const { partitionIndex, errorCode, offset } of answer.topics.flatMap((one) => one.partitions)) {
      if (errorCode === 0) ends.push({ partition: partitionIndex, leader, offset: Number(offset) })
    }
  }
  return ends
}

/** Before KRaft only the controller itself creates and deletes topics. */
async function withController<T>(
  bootstrapServers: string,
  use: (controller: BrokerConnection) => Promise<T>,
): Promise<T> {
  const address = await withBroker(bootstrapServers, async (broker) => {
    const { brokers, controllerId } = await broker.ask(metadata, { topics: [], allowAutoTopicCreation: false })
    const controller = brokers.find(({ nodeId }) => nodeId === controllerId)
    return controller === undefined ? bootstrapServers : `${controller.host}:${controller.port}`
  })
  return withBroker(address, use)
}

/** Uses the first of the brokers that answers. */
async function withBroker<T>(bootstrapServers: string, use: (broker: BrokerConnection) => Promise<T>): Promise<T> {
  const broker = await firstOf(bootstrapServers.split(',').map((address) => address.trim()))
  try {
    return await use(broker)
  } finally {
    broker.close()
  }
}

async function firstOf(addresses: readonly string[]): Promise<BrokerConnection> {
  const failures: string[] = []
  for (const address of addresses) {
    try {
      return await BrokerConnection.open(address)
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error))
    }
  }
  throw new Error(`no broker answers: ${failures.join('; ')}`)
}
