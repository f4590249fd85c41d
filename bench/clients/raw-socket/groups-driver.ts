import { setTimeout as delay } from 'node:timers/promises'
import {
  addPartitionsToTxn,
  apiVersions,
  endTxn,
  errorFor,
  metadata,
  NO_HEADERS,
  NOT_IDEMPOTENT,
  produce,
  RecordBatchWriter,
  type RequestInput,
} from '@linger/protocol'
import { BrokerConnection } from '../../../demo/broker-connection.ts'
import type { Workload } from '../../workload.ts'
import type { Driver } from '../driver.ts'
import { CONCURRENT_TRANSACTIONS, RawIdentity } from './raw-identity.ts'

const ACKS_ALL = -1
const REQUEST_TIMEOUT_MS = 30_000
const FIRST_VERSION_WITH_TOPIC_ID = 13
/** With transactions v1 newer versions would mean v2 (KIP-890). */
const V1_PRODUCE_VERSION = 11
const V1_END_TXN_VERSION = 4
/** As short as Node's timers go: the markers of the transaction before are still being written. */
const CONCURRENT_WAIT_MS = 1

/**
 * The floor under a transaction's time: its requests and nothing else, each after the answer to the one before. As a
 * group without a transaction it is the Produce request alone.
 */
export async function groupsDriver(workload: Workload): Promise<Driver> {
  const { bootstrapServers, topic, transactional } = workload
  const leader = await leaderOf(topic, bootstrapServers)
  const identity = transactional ? await RawIdentity.of(topic, leader) : undefined
  const isV2 = identity !== undefined && (await transactionVersionOf(leader)) >= 2
  const { topicId } = await partitionsOf(leader, topic)
  const produceVersion = leader.versionOf(produce, identity === undefined || isV2 ? Infinity : V1_PRODUCE_VERSION)
  const requestFor = produceRequests(workload, produceVersion >= FIRST_VERSION_WITH_TOPIC_ID ? topicId : undefined)

  return {
    settings: {
      acks: ACKS_ALL,
      produceVersion,
      transactions: identity === undefined ? 'none' : isV2 ? 'v2' : 'v1',
    },
    async sendGroup(partitions) {
      if (identity === undefined) return produceOnce(leader, requestFor(partitions), produceVersion)
      if (!isV2) await addPartitions(identity, topic, partitions)
      await produceOnce(leader, requestFor(partitions, identity), produceVersion)
      await commit(identity, isV2)
    },
    flush: async () => {},
    close: async () => {
      leader.close()
      identity?.coordinator.close()
    },
  }
}

async function addPartitions(identity: RawIdentity, topic: string, partitions: readonly number[]): Promise<void> {
  const { transactionalId, producerId, producerEpoch } = identity
  await untilNotConcurrent('AddPartitionsToTxn', async () => {
    const { resultsByTopicV3AndBelow } = await identity.coordinator.ask(addPartitionsToTxn, {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: producerId,
      v3AndBelowProducerEpoch: producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions: [...new Set(partitions)] }],
    })
    const results = resultsByTopicV3AndBelow.flatMap(({ resultsByPartition }) => resultsByPartition)
    return results.map(({ partitionErrorCode }) => partitionErrorCode)
  })
}

async function produceOnce(leader: BrokerConnection, request: ProduceInput, version: number): Promise<void> {
  await untilNotConcurrent('Produce', async () => {
    const { responses } = await leader.ask(produce, request, version)
    return responses.flatMap(({ partitionResponses }) => partitionResponses).map(({ errorCode }) => errorCode)
  })
}

async function commit(identity: RawIdentity, isV2: boolean): Promise<void> {
  const { transactionalId, producerId, producerEpoch } = identity
  const request = { transactionalId, producerId, producerEpoch, committed: true }
  const answer = await identity.coordinator.ask(endTxn, request, isV2 ? Infinity : V1_END_TXN_VERSION)
  if (answer.errorCode !== 0) throw new Error(`EndTxn: ${errorFor(answer.errorCode).name}`)
  if (isV2) identity.take(answer)
}

async function untilNotConcurrent(api: string, ask: () => Promise<readonly number[]>): Promise<void> {
  for (;;) {
    const failed = (await ask()).find((errorCode) => errorCode !== 0)
    if (failed === undefined) return
    if (failed !== CONCURRENT_TRANSACTIONS) throw new Error(`${api}: ${errorFor(failed).name}`)
    await delay(CONCURRENT_WAIT_MS)
  }
}

type ProduceInput = RequestInput<typeof produce>

/** Builds Produce requests with one batch for each partition of a group. */
function produceRequests(
  { topic, valueBytes, groupRecords }: Workload,
  topicId: string | undefined,
): (partitions: readonly number[], identity?: RawIdentity) => ProduceInput {
  const value = Buffer.alloc(valueBytes, 'x')
  const batchOf = (count: number, index: number, identity: RawIdentity | undefined): Buffer => {
    const batch = new RecordBatchWriter(Buffer.alloc((valueBytes + 64) * groupRecords + 1_024))
    for (let added = 0; added < count; added++) batch.tryAppend(Date.now(), null, value, NO_HEADERS)
    return Buffer.concat(batch.seal(identity?.sealFor(index, count) ?? NOT_IDEMPOTENT))
  }
  return (partitions, identity) => {
    const counts = new Map<number, number>()
    for (const index of partitions) counts.set(index, (counts.get(index) ?? 0) + 1)
    const partitionData = [...counts].map(([index, count]) => ({ index, records: batchOf(count, index, identity) }))
    return {
      transactionalId: identity?.transactionalId ?? null,
      acks: ACKS_ALL,
      timeoutMs: REQUEST_TIMEOUT_MS,
      topicData: [{ name: topic, ...(topicId === undefined ? {} : { topicId }), partitionData }],
    }
  }
}

/** A connection to whoever leads all of the topic: the floor is measured on one broker. */
async function leaderOf(topic: string, bootstrapServers: string): Promise<BrokerConnection> {
  const bootstrap = await BrokerConnection.open(bootstrapServers.split(',')[0] ?? '')
  const { address } = await partitionsOf(bootstrap, topic)
  bootstrap.close()
  return BrokerConnection.open(address)
}

async function partitionsOf(connection: BrokerConnection, name: string): Promise<{ address: string; topicId: string }> {
  const { brokers, topics } = await connection.ask(metadata, { topics: [{ name }] })
  const leaders = new Set(topics.flatMap(({ partitions }) => partitions.map(({ leaderId }) => leaderId)))
  const leader = brokers.find(({ nodeId }) => leaders.has(nodeId))
  if (leader === undefined || leaders.size !== 1) throw new Error(`${name} has ${leaders.size} leaders, not one`)
  return { address: `${leader.host}:${leader.port}`, topicId: topics[0]?.topicId ?? '' }
}

async function transactionVersionOf(connection: BrokerConnection): Promise<number> {
  const asked = { clientSoftwareName: 'bench', clientSoftwareVersion: '1' }
  const { finalizedFeatures } = await connection.ask(apiVersions, asked)
  return finalizedFeatures.find(({ name }) => name === 'transaction.version')?.maxVersionLevel ?? 0
}
