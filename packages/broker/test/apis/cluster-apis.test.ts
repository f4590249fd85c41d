import {
  describeCluster,
  describeProducers,
  findCoordinator,
  initProducerId,
  listOffsets,
  produce,
} from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { BASE_TIMESTAMP, idempotentBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

function clientWithRecords(): TestClient {
  const client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 1 })
  const topicData = [{ name: 't', partitionData: [{ index: 0, records: idempotentBatch(0, 3) }] }]
  client.call(produce, 12, { acks: -1, timeoutMs: 1000, topicData })
  return client
}

describe('InitProducerId', () => {
  test.each([0, 1, 2, 3, 4, 5])('version %i gives a fresh id and epoch 0 each time', (version) => {
    const client = new TestClient()
    const ask = () => client.call(initProducerId, version, { transactionalId: null, transactionTimeoutMs: 60_000 })
    expect(ask()).toMatchObject({ errorCode: ErrorCode.NONE, producerId: 0n, producerEpoch: 0 })
    expect(ask()).toMatchObject({ errorCode: ErrorCode.NONE, producerId: 1n, producerEpoch: 0 })
  })

  test('without transactional id no epoch is bumped, whatever the client says it has', () => {
    const request = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: 5n, producerEpoch: 3 }
    expect(new TestClient().call(initProducerId, 3, request)).toMatchObject({ producerId: 0n, producerEpoch: 0 })
  })

  test.each([
    ['an id without epoch', { producerId: 5n }],
    ['an epoch without id', { producerEpoch: 5 }],
    ['an empty transactional id', { transactionalId: '' }],
  ])('%s is an invalid request', (_, fields) => {
    const request = { transactionalId: null, transactionTimeoutMs: 60_000, ...fields }
    expect(new TestClient().call(initProducerId, 3, request).errorCode).toBe(ErrorCode.INVALID_REQUEST)
  })
})

describe('ListOffsets', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('version %i finds the ends, times and the lack of them', (version) => {
    const client = clientWithRecords()
    const find = (timestamp: number) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: BigInt(timestamp) }] }]
      const partition = client.call(listOffsets, version, { replicaId: -1, topics }).topics[0]?.partitions[0]
      return [partition?.errorCode, partition?.offset, partition?.timestamp]
    }
    expect(find(-2)).toEqual([ErrorCode.NONE, 0n, -1n])
    expect(find(-1)).toEqual([ErrorCode.NONE, 3n, -1n])
    expect(find(-3)).toEqual([ErrorCode.NONE, 0n, BigInt(BASE_TIMESTAMP)])
    expect(find(BASE_TIMESTAMP - 1)).toEqual([ErrorCode.NONE, 0n, BigInt(BASE_TIMESTAMP)])
    expect(find(BASE_TIMESTAMP + 1)).toEqual([ErrorCode.NONE, -1n, -1n])
    expect(find(-99)[0]).toBe(ErrorCode.UNSUPPORTED_VERSION)
  })

  test('the leader epoch is told from version 4 on, and a wrong one refused', () => {
    const client = clientWithRecords()
    const find = (currentLeaderEpoch: number) => {
      const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1n, currentLeaderEpoch }] }]
      return client.call(listOffsets, 4, { replicaId: -1, topics }).topics[0]?.partitions[0]
    }
    expect(find(0)).toMatchObject({ errorCode: ErrorCode.NONE, leaderEpoch: 0 })
    expect(find(1)?.errorCode).toBe(ErrorCode.UNKNOWN_LEADER_EPOCH)
  })

  test('an unknown partition is an error', () => {
    const topics = [{ name: 't', partitions: [{ partitionIndex: 9, timestamp: -1n }] }]
    const response = clientWithRecords().call(listOffsets, 4, { replicaId: -1, topics })
    expect(response.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })
})

test.each([0, 1, 2, 3, 4, 5, 6])('FindCoordinator version %i names the broker itself', (version) => {
  const self = { errorCode: ErrorCode.NONE, nodeId: 1, host: 'broker-1', port: 9092 }
  const response = new TestClient().call(
    findCoordinator,
    version,
    version >= 4 ? { coordinatorKeys: ['a', 'b'] } : { key: 'a' },
  )
  if (version < 4) expect(response).toMatchObject(self)
  else
    expect(response.coordinators).toMatchObject([
      { key: 'a', ...self },
      { key: 'b', ...self },
    ])
})

test.each([0, 1, 2])('DescribeCluster version %i names the brokers', (version) => {
  const client = new TestClient()
  const response = client.call(describeCluster, version, { includeClusterAuthorizedOperations: false })
  expect(response).toMatchObject({ errorCode: ErrorCode.NONE, clusterId: client.cluster.clusterId, controllerId: 1 })
  expect(response.brokers).toMatchObject([{ brokerId: 1, host: 'broker-1', port: 9092 }])
})

test('DescribeProducers tells what a partition remembers', () => {
  const response = clientWithRecords().call(describeProducers, 0, { topics: [{ name: 't', partitionIndexes: [0, 1] }] })
  expect(response.topics[0]?.partitions).toMatchObject([
    {
      errorCode: ErrorCode.NONE,
      activeProducers: [{ producerId: 7n, producerEpoch: 0, lastSequence: 2, lastTimestamp: BigInt(BASE_TIMESTAMP) }],
    },
    { errorCode: ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, activeProducers: [] },
  ])
})
