import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { createTopics, deleteTopics, errorFor, listOffsets, metadata, ZERO_UUID } from '@linger/protocol'
import { BrokerConnection } from '../../demo/broker-connection.ts'
import type { Cluster } from './cluster.ts'
import { createPartitions } from './create-partitions.ts'

/**
 * A KRaft controller refuses a request that makes more records than this with POLICY_VIOLATION; a partition is a record.
 *
 * @source Kafka QuorumController.MAX_RECORDS_PER_USER_OP, 10,000
 */
const CREATED_AT_ONCE = 9_000
const REQUEST_TIMEOUT_MS = 60_000
/** Thousands of partitions are made and deleted in one request. */
const CONNECTION_TIMEOUT_MS = 2 * REQUEST_TIMEOUT_MS
const LEADERS_TIMEOUT_MS = 120_000
/** Asks ListOffsets for the offset that the next record will get. */
const LATEST = -1n

/** A fresh topic, used by one client run and then deleted: what its log holds is what that client wrote. */
export interface BenchTopic {
  readonly name: string
  readonly partitions: number
  /** Records and control records. */
  countOffsets(): Promise<number>
  delete(): Promise<void>
}

/** Returns when every partition has a leader, so that no client's first send meets an election. */
export async function createTopic(cluster: Cluster, label: string, partitions: number): Promise<BenchTopic> {
  const { bootstrapServers, topicConfigs: configs } = cluster
  const name = `bench-${label.replaceAll(/[^\w.-]/g, '-')}-${randomBytes(4).toString('hex')}`
  await withConnection(bootstrapServers, async (connection) => {
    const first = connection.speaks(createPartitions) ? Math.min(partitions, CREATED_AT_ONCE) : partitions
    const { topics } = await connection.ask(createTopics, {
      topics: [{ name, numPartitions: first, replicationFactor: 1, assignments: [], configs }],
      timeoutMs: REQUEST_TIMEOUT_MS,
    })
    for (const topic of topics) assertNoError(topic.errorCode, `create ${name}`)
    if (first < partitions) await addPartitions(connection, name, partitions)
    await leadersReady(connection, name, partitions)
  })
  return {
    name,
    partitions,
    countOffsets: async () => withConnection(bootstrapServers, async (connection) => countIn(connection, name)),
    delete: async () =>
      withConnection(bootstrapServers, async (connection) => {
        const byTopic = connection.versionOf(deleteTopics) >= 6
        const asked = byTopic ? { topics: [{ name, topicId: ZERO_UUID }] } : { topicNames: [name] }
        await connection.ask(deleteTopics, { ...asked, timeoutMs: REQUEST_TIMEOUT_MS })
      }),
  }
}

async function addPartitions(connection: BrokerConnection, name: string, count: number): Promise<void> {
  const { results } = await connection.ask(createPartitions, {
    topics: [{ name, count }],
    timeoutMs: REQUEST_TIMEOUT_MS,
    validateOnly: false,
  })
  for (const { errorCode } of results) assertNoError(errorCode, `add partitions to ${name}`)
}

/** Until every leader answers for its partitions: metadata names leaders before they have made their logs. */
async function leadersReady(connection: BrokerConnection, topic: string, partitions: number): Promise<void> {
  const deadlineMs = performance.now() + LEADERS_TIMEOUT_MS
  for (;;) {
    const offsets = await endOffsets(connection, topic)
    const ready = offsets.filter(({ errorCode }) => errorCode === 0).length
    if (ready === partitions) return
    if (performance.now() >= deadlineMs) throw new Error(`${topic}: ${ready} of ${partitions} partitions are ready`)
    await delay(50)
  }
}

/** The sum of the end offsets: each is one record, or the marker of a transaction. */
async function countIn(connection: BrokerConnection, topic: string): Promise<number> {
  let count = 0n
  for (const { errorCode, offset } of await endOffsets(connection, topic)) {
    assertNoError(errorCode, `count ${topic}`)
    count += offset
  }
  return Number(count)
}

interface EndOffset {
  readonly errorCode: number
  readonly offset: bigint
}

/** What the leaders that are known answer: a partition without one is not in it. */
async function endOffsets(connection: BrokerConnection, topic: string): Promise<readonly EndOffset[]> {
  const { brokers, topics } = await connection.ask(metadata, {
    topics: [{ name: topic }],
    allowAutoTopicCreation: false,
  })
  const partitions = topics.flatMap(({ partitions }) => partitions)
  const answers: EndOffset[] = []
  for (const { nodeId, host, port } of brokers) {
    const led = partitions.filter(({ leaderId }) => leaderId === nodeId)
    if (led.length === 0) continue
    const asked = led.map(({ partitionIndex }) => ({ partitionIndex, timestamp: LATEST }))
    await withConnection(`${host}:${port}`, async (leader) => {
      const answer = await leader.ask(listOffsets, {
        replicaId: -1,
        isolationLevel: 0,
        topics: [{ name: topic, partitions: asked }],
      })
      answers.push(...answer.topics.flatMap(({ partitions }) => partitions))
    })
  }
  return answers
}

function assertNoError(errorCode: number, doing: string): void {
  if (errorCode !== 0) throw new Error(`${doing}: ${errorFor(errorCode).name}`)
}

async function withConnection<T>(
  bootstrapServers: string,
  use: (connection: BrokerConnection) => Promise<T>,
): Promise<T> {
  const connection = await BrokerConnection.open(bootstrapServers.split(',')[0] ?? '', CONNECTION_TIMEOUT_MS)
  try {
    return await use(connection)
  } finally {
    connection.close()
  }
}
