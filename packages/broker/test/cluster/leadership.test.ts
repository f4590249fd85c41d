import { findCoordinator, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { produced } from '../produced.ts'
import { recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

function threeBrokers(replicationFactor: number): [TestClient, TestClient, TestClient] {
  const [first, second, third] = TestClient.ofCluster(3)
  if (first === undefined || second === undefined || third === undefined) throw new Error('three were asked for')
  first.cluster.createTopic({ name: 't', partitions: 3, replicationFactor })
  return [first, second, third]
}

function toldBy(client: TestClient) {
  return client.call(metadata, 12, { topics: [{ name: 't' }] })
}

describe('leaders', () => {
  test('are spread over the brokers, and followers are the next brokers', () => {
    const [first] = threeBrokers(2)
    const { partitions = [] } = toldBy(first).topics[0] ?? {}
    expect(partitions.map(({ leaderId, replicaNodes }) => [leaderId, replicaNodes])).toEqual([
      [1, [1, 2]],
      [2, [2, 3]],
      [3, [3, 1]],
    ])
  })

  test('that move take a higher epoch, and every broker tells of it', () => {
    const [first, second] = threeBrokers(3)
    first.cluster.partition('t', 0).elect(2)
    for (const client of [first, second]) {
      expect(toldBy(client).topics[0]?.partitions[0]).toMatchObject({ leaderId: 2, leaderEpoch: 1 })
    }
    expect(produced(first).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(produced(second).errorCode).toBe(ErrorCode.NONE)
  })

  test.each([9, 10, 12, 13])('Produce %i to another broker names the leader from version 10 on', (version) => {
    const [first, second] = threeBrokers(3)
    second.cluster.partition('t', 0).elect(3)
    const topicId = first.cluster.topicNamed('t')?.id ?? ''
    const reference = version >= 13 ? { topicId } : { name: 't' }
    const response = first.call(produce, version, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ ...reference, partitionData: [0, 1].map((index) => ({ index, records: recordBatch() })) }],
    })
    const leaders = response.responses[0]?.partitionResponses.map(({ currentLeader }) => currentLeader)
    if (version < 10) {
      expect(leaders).toEqual([-1, -1].map((leaderId) => ({ leaderId, leaderEpoch: -1 })))
      expect(response.nodeEndpoints).toEqual([])
    } else {
      expect(leaders).toEqual([
        { leaderId: 3, leaderEpoch: 1 },
        { leaderId: 2, leaderEpoch: 0 },
      ])
      expect(response.nodeEndpoints).toMatchObject([
        { nodeId: 3, host: 'broker-3', port: 9092 },
        { nodeId: 2, host: 'broker-2', port: 9092 },
      ])
    }
  })

  test('of a broker that is gone are followed by one in sync, and the broker is told no more', () => {
    const [first, second] = threeBrokers(3)
    first.broker.kill()
    const told = toldBy(second)
    expect(told.brokers.map(({ nodeId }) => nodeId)).toEqual([2, 3])
    expect(told.controllerId).toBe(2)
    expect(told.topics[0]?.partitions[0]).toMatchObject({
      leaderId: 2,
      leaderEpoch: 1,
      isrNodes: [2, 3],
      replicaNodes: [1, 2, 3],
      offlineReplicas: [1],
    })
  })

  test('of a broker that is gone stay until somebody notices', () => {
    const [first, second] = threeBrokers(3)
    first.broker.kill({ noticedAfterMs: 9000 })
    expect(toldBy(second).topics[0]?.partitions[0]?.leaderId).toBe(1)
    first.ports.pass(9000)
    expect(toldBy(second).topics[0]?.partitions[0]?.leaderId).toBe(2)
  })

  test('that nobody can follow leave their partition without one, until they are back', () => {
    const [first, second] = threeBrokers(1)
    produced(first)
    first.broker.kill()
    expect(toldBy(second).topics[0]?.partitions[0]).toMatchObject({
      errorCode: ErrorCode.LEADER_NOT_AVAILABLE,
      leaderId: -1,
      leaderEpoch: 1,
      isrNodes: [],
    })
    first.broker.restart()
    expect(toldBy(second).topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, leaderId: 1, leaderEpoch: 2 })
    expect(produced(first).baseOffset).toBe(1n)
  })

  test('that are all gone are followed by the first that is back and had all that was acknowledged (KIP-966)', () => {
    const [first, second, third] = TestClient.ofCluster(3)
    if (first === undefined || second === undefined || third === undefined) throw new Error('three were asked for')
    const config = { 'min.insync.replicas': '2' }
    first.cluster.createTopic({ name: 't', partitions: [[1, 2, 3]], config })
    const partition = first.cluster.partition('t', 0)
    first.broker.kill()
    produced(second)
    second.broker.kill()
    produced(third, { acks: 1 })
    third.broker.kill()
    expect(partition).toMatchObject({ leaderId: -1, inSyncReplicaIds: [] })
    first.broker.restart()
    expect(partition.leaderId).toBe(-1)
    second.broker.restart()
    expect(partition).toMatchObject({ leaderId: 2, inSyncReplicaIds: [2] })
    expect(partition.log.endOffset).toBe(1)
  })

  test('a broker that is back follows and is in sync', () => {
    const [first, second] = threeBrokers(3)
    first.broker.kill()
    produced(second)
    first.broker.restart()
    expect(toldBy(first).topics[0]?.partitions[0]).toMatchObject({ leaderId: 2, isrNodes: [2, 3, 1] })
    first.cluster.partition('t', 0).elect(1)
    expect(produced(first).baseOffset).toBe(1n)
  })

  test('may move to a broker without replica, which then has one', () => {
    const [first, , third] = threeBrokers(1)
    produced(first)
    first.cluster.partition('t', 0).elect(3)
    expect(toldBy(third).topics[0]?.partitions[0]).toMatchObject({ leaderId: 3, replicaNodes: [3], isrNodes: [3] })
    expect(produced(third).baseOffset).toBe(1n)
  })
})

describe('topics that change', () => {
  test('partitions are added, with the records of the others where they are', () => {
    const [first] = threeBrokers(2)
    produced(first)
    first.cluster.addPartitions('t', 5)
    const { partitions = [] } = toldBy(first).topics[0] ?? {}
    expect(partitions.map(({ leaderId }) => leaderId)).toEqual([1, 2, 3, 1, 2])
    expect(produced(first, { partition: 3 }).baseOffset).toBe(0n)
    expect(produced(first).baseOffset).toBe(1n)
    expect(() => first.cluster.addPartitions('t', 5)).toThrow('has 5 partitions already')
  })

  test('a topic made again has another id, no records, and remembers no producer', () => {
    const [first] = threeBrokers(1)
    const { id } = first.cluster.topicNamed('t') ?? {}
    produced(first)
    const again = first.cluster.recreateTopic('t')
    expect(again.id).not.toBe(id)
    expect(again.partitions).toHaveLength(3)
    expect(produced(first, { version: 13 }).baseOffset).toBe(0n)
  })
})

describe('controller and coordinators', () => {
  test('the controller moves, and to another one when it is gone', () => {
    const [first] = threeBrokers(1)
    first.cluster.moveController(3)
    expect(toldBy(first).controllerId).toBe(3)
    first.cluster.fence(3)
    expect(toldBy(first).controllerId).toBe(1)
  })

  test('a key keeps its coordinator until that is moved, and every broker names the same', () => {
    const clients = threeBrokers(1)
    const [first] = clients
    const found = () => clients.map((client) => client.call(findCoordinator, 3, { key: 'tx', keyType: 1 }).nodeId)
    expect(new Set(found()).size).toBe(1)
    first.cluster.moveCoordinator('tx', 2)
    expect(found()).toEqual([2, 2, 2])
    first.cluster.moveCoordinator('tx', 3)
    expect(found()).toEqual([3, 3, 3])
    const keys = Array.from({ length: 30 }, (_, index) => `key-${index}`)
    const { coordinators } = first.call(findCoordinator, 4, { keyType: 1, coordinatorKeys: keys })
    expect(new Set(coordinators.map(({ nodeId }) => nodeId))).toEqual(new Set([1, 2, 3]))
  })

  test('without brokers nobody coordinates', () => {
    const [first] = threeBrokers(1)
    for (const nodeId of [1, 2, 3]) first.cluster.fence(nodeId)
    const response = first.call(findCoordinator, 3, { key: 'tx', keyType: 1 })
    expect(response).toMatchObject({ errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE, nodeId: -1 })
  })
})
