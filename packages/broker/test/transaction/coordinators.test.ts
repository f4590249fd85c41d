import { findCoordinator } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type BrokerConfig, ErrorCode } from '../../src/index.ts'
import { BASE_TIMESTAMP, recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'
import { TransactionalClient } from './transactional-client.ts'

const { NONE, NOT_COORDINATOR, COORDINATOR_LOAD_IN_PROGRESS, NOT_ENOUGH_REPLICAS } = ErrorCode

/** Three brokers, a producer that has begun, and where its coordinator is. */
function threeBrokers(config: Partial<BrokerConfig> = {}) {
  const clients = TestClient.ofCluster(3, config)
  const [first] = clients
  if (first === undefined) throw new Error('three were asked for')
  const { cluster } = first
  cluster.createTopic({ name: 't', partitions: [[1], [2], [3]] })
  cluster.moveCoordinator('tx', 1)
  const at = (nodeId: number): TestClient => clients[nodeId - 1] ?? first
  const tx = new TransactionalClient(first)
  expect(tx.init()).toBe(NONE)
  return { cluster, tx, at, ports: first.ports }
}

const epochsOf = (client: TestClient, partition = 0) => client.cluster.partition('t', partition).log.producers.get(0n)

describe('a transaction coordinator', () => {
  test('answers for its own transactional ids only', () => {
    const { tx, at } = threeBrokers()
    tx.use(at(2))
    expect([tx.init(), tx.add(), tx.end(true), tx.end(true, 4), tx.addOffsets()]).toEqual([
      NOT_COORDINATOR,
      [NOT_COORDINATOR],
      NOT_COORDINATOR,
      NOT_COORDINATOR,
      NOT_COORDINATOR,
    ])
  })

  test('that moved left everything to its successor', () => {
    const { cluster, tx, at } = threeBrokers()
    tx.add()
    cluster.moveCoordinator('tx', 2)
    expect(tx.end(true)).toBe(NOT_COORDINATOR)
    tx.use(at(2))
    expect([tx.state, tx.end(true), tx.producerEpoch]).toEqual(['Ongoing', NONE, 1])
    expect(at(2).call(findCoordinator, 4, { keyType: 1, coordinatorKeys: ['tx'] }).coordinators[0]?.nodeId).toBe(2)
  })

  test('answers nothing until it is loaded, and brokers that ask it have the producer try again', () => {
    const { cluster, tx, at } = threeBrokers()
    const loaded = cluster.loadCoordinator('tx')
    const loading = [COORDINATOR_LOAD_IN_PROGRESS, [COORDINATOR_LOAD_IN_PROGRESS], COORDINATOR_LOAD_IN_PROGRESS]
    expect([tx.init(), tx.add(), tx.end(true)]).toEqual(loading)
    expect([11, 12].map((version) => tx.write({ version }))).toEqual([NOT_ENOUGH_REPLICAS, NOT_ENOUGH_REPLICAS])
    loaded()
    expect([tx.write(), tx.end(true)]).toEqual([NONE, NONE])
    expect(at(1).cluster.transactions.get('tx')?.coordinatorEpoch).toBe(0)
  })

  test.each(['kill', 'pause'] as const)('after a %s that is noticed another one goes on', (outage) => {
    const { tx, at } = threeBrokers()
    tx.add([1])
    at(1).broker[outage]({ noticedAfterMs: 0 })
    const other = at(1).cluster.coordinatorFor('tx')?.nodeId ?? -1
    expect(other).not.toBe(1)
    tx.use(at(other))
    expect(tx.end(false)).toBe(NONE)
    expect(tx.state).toBe('CompleteAbort')
  })

  test('that nobody can ask has the producer try again', () => {
    const { tx, at } = threeBrokers()
    at(1).broker.pause()
    tx.use(at(2))
    expect([11, 12].map((version) => tx.write({ version, partition: 1 }))).toEqual([
      NOT_ENOUGH_REPLICAS,
      NOT_ENOUGH_REPLICAS,
    ])
  })

  test('aborts what ran out of time before it took over', () => {
    const { cluster, tx, at, ports } = threeBrokers()
    tx.add()
    at(1).broker.kill({ noticedAfterMs: Infinity })
    ports.pass(70_000)
    expect(cluster.transactions.get('tx')?.metadata.state).toBe('Ongoing')
    cluster.moveCoordinator('tx', 2)
    ports.pass(0)
    tx.use(at(2))
    expect(tx.state).toBe('PrepareAbort')
    at(1).broker.restart()
    expect(tx.state).toBe('CompleteAbort')
  })

  test('that stood still goes on with what it had to do', () => {
    const { cluster, tx, at, ports } = threeBrokers({ transactionMarkerDelayMs: 10 })
    tx.add()
    tx.end(true)
    at(1).broker.pause()
    ports.pass(10)
    expect(cluster.transactions.get('tx')?.metadata.state).toBe('PrepareCommit')
    at(1).broker.resume()
    expect(tx.state).toBe('CompleteCommit')
  })
})

describe('a marker', () => {
  test('waits for the leader of its partition, and the others do not wait for it', () => {
    const { cluster, tx, at } = threeBrokers()
    tx.add([0, 1])
    at(2).broker.kill()
    expect(tx.end(true)).toBe(NONE)
    expect([tx.state, epochsOf(at(1), 0)?.epoch, epochsOf(at(1), 1)]).toEqual(['PrepareCommit', 1, undefined])
    expect(cluster.transactions.get('tx')?.metadata.partitions).toEqual([{ topic: 't', partition: 1 }])
    expect(tx.add()).toEqual([ErrorCode.CONCURRENT_TRANSACTIONS])
    at(2).broker.restart()
    expect([tx.state, epochsOf(at(1), 1)?.epoch]).toEqual(['CompleteCommit', 1])
  })

  test('is not waited for where the topic is no more', () => {
    const { cluster, tx } = threeBrokers()
    tx.add([0, 1])
    const topic = cluster.topicNamed('t')
    if (topic !== undefined) cluster.deleteTopic(topic)
    expect([tx.end(true), tx.state]).toEqual([NONE, 'CompleteCommit'])
  })

  test('counts when all replicas in sync have it', () => {
    const { cluster, tx } = threeBrokers()
    cluster.createTopic({ name: 'r', partitions: [[1, 2]] })
    expect(tx.add([0], 3, 'r')).toEqual([NONE])
    const partition = cluster.partition('r', 0)
    partition.stall(2)
    expect([tx.end(true), tx.state, partition.log.endOffset]).toEqual([NONE, 'PrepareCommit', 1])
    partition.catchUp(2)
    expect([tx.state, partition.log.endOffset]).toEqual(['CompleteCommit', 1])
  })

  test('that was the last one lets waiting records go on at once, wherever they wait', () => {
    const { cluster, tx, at } = threeBrokers()
    cluster.moveCoordinator('tx', 3)
    tx.use(at(3))
    cluster.createTopic({ name: 'r', partitions: [[1, 2]] })
    tx.add([0], 3, 'r')
    const partition = cluster.partition('r', 0)
    partition.stall(2)
    expect([tx.end(true), tx.state]).toEqual([NONE, 'PrepareCommit'])
    tx.use(at(1))
    const written = tx.startWrite()
    expect(written()).toBeUndefined()
    partition.catchUp(2)
    expect(written()).toBe(NONE)
  })

  test('of an earlier transaction is not taken for that of a later one by a coordinator that comes back', () => {
    const { cluster, tx, at, ports } = threeBrokers({ transactionMarkerDelayMs: 10 })
    cluster.createTopic({ name: 'r', partitions: [[1, 2]] })
    const partition = cluster.partition('r', 0)
    tx.add([0], 3, 'r')
    partition.stall(2)
    tx.end(true, 4)
    ports.pass(10)
    cluster.moveCoordinator('tx', 3)
    partition.catchUp(2)
    expect([tx.use(at(3)), tx.state, partition.log.endOffset]).toEqual([undefined, 'CompleteCommit', 2])
    tx.add([0], 3, 'r')
    tx.end(true, 4)
    cluster.moveCoordinator('tx', 1)
    tx.use(at(1))
    expect([tx.state, partition.log.endOffset]).toEqual(['CompleteCommit', 3])
  })

  test('that a leader took with it is written again by the next one', () => {
    const { cluster, tx } = threeBrokers()
    cluster.createTopic({ name: 'r', partitions: [[1, 2]] })
    tx.add([0], 3, 'r')
    const partition = cluster.partition('r', 0)
    partition.stall(2)
    tx.end(true)
    partition.elect(2)
    partition.catchUp(1)
    expect([tx.state, partition.log.endOffset]).toEqual(['CompleteCommit', 1])
  })

  test('that went with its topic is written to the topic that takes its name', () => {
    const { cluster, tx } = threeBrokers()
    cluster.createTopic({ name: 'r', partitions: [[1, 2]] })
    tx.add([0], 3, 'r')
    const partition = cluster.partition('r', 0)
    partition.log.append(recordBatch(), 0, partition.config, BASE_TIMESTAMP)
    partition.stall(2)
    tx.end(true)
    cluster.atOnce(() => cluster.recreateTopic('r'))
    expect([tx.state, cluster.partition('r', 0).log.endOffset]).toEqual(['CompleteCommit', 1])
  })

  test('is not written where too few replicas are in sync', () => {
    const { cluster, tx } = threeBrokers()
    cluster.createTopic({ name: 'r', partitions: [[1, 2]], config: { 'min.insync.replicas': '2' } })
    tx.add([0], 3, 'r')
    const partition = cluster.partition('r', 0)
    partition.leaveSync(2)
    expect([tx.end(true), tx.state, partition.log.endOffset]).toEqual([NONE, 'PrepareCommit', 0])
    partition.catchUp(2)
    expect([tx.state, partition.log.endOffset]).toEqual(['CompleteCommit', 1])
  })

  test('carries the epoch of the coordinator, which grows when that changes', () => {
    const { cluster, tx, at } = threeBrokers()
    tx.add()
    tx.end(true)
    expect(epochsOf(at(1))?.coordinatorEpoch).toBe(0)
    cluster.moveCoordinator('tx', 3)
    tx.use(at(3))
    tx.add()
    tx.end(true)
    expect(epochsOf(at(1))?.coordinatorEpoch).toBe(1)
  })
})
