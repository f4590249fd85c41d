import { expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { produced } from '../produced.ts'
import { BASE_TIMESTAMP, idempotentBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

const HOUR_MS = 60 * 60 * 1000
const old = idempotentBatch(0, 1, { baseTimestamp: BASE_TIMESTAMP - 25 * HOUR_MS })

function twoBrokers() {
  const [leader, follower] = TestClient.ofCluster(2)
  if (leader === undefined || follower === undefined) throw new Error('two were asked for')
  leader.cluster.createTopic({ name: 't', partitions: 1, replicationFactor: 2 })
  return { leader, follower, partition: leader.cluster.partition('t', 0) }
}

function restartInOrder({ broker }: TestClient): void {
  broker.shutDown()
  broker.restart()
}

test('a broker that is shut down hands over what it leads, and follows when it is back', () => {
  const { leader, partition } = twoBrokers()
  leader.broker.shutDown()
  expect(partition).toMatchObject({ leaderId: 2, inSyncReplicaIds: [2] })
  expect(leader.broker.process).toBe('shut down')
  leader.broker.restart()
  expect(partition).toMatchObject({ leaderId: 2, inSyncReplicaIds: [2, 1] })
})

test.each([
  ['more than a day old is not known again', old, 1n],
  ['of today is known again', idempotentBatch(0, 1, { baseTimestamp: BASE_TIMESTAMP - 23 * HOUR_MS }), 0n],
])('after it, a batch with records %s', (_name, records, baseOffset) => {
  const { leader, follower, partition } = twoBrokers()
  produced(leader, { records })
  restartInOrder(follower)
  expect(produced(leader, { records })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
  partition.elect(2)
  expect(produced(follower, { records })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset })
})

test('after it, a batch is known again that the broker fetched since', () => {
  const { leader, follower, partition } = twoBrokers()
  restartInOrder(follower)
  produced(leader, { records: old })
  partition.elect(2)
  expect(produced(follower, { records: old })).toMatchObject({ baseOffset: 0n })
})

test('after a kill, which leaves the log to be read again, it is known', () => {
  const { leader, follower, partition } = twoBrokers()
  produced(leader, { records: old })
  follower.broker.kill()
  follower.broker.restart()
  partition.elect(2)
  expect(produced(follower, { records: old })).toMatchObject({ baseOffset: 0n })
})

test('a producer in a transaction is not forgotten', () => {
  const { leader, partition } = twoBrokers()
  const transactional = idempotentBatch(0, 1, { baseTimestamp: BASE_TIMESTAMP - 25 * HOUR_MS, attributes: 0x10 })
  partition.log.append(transactional, 0, partition.config, leader.ports.now())
  partition.log.forgetOldProducers(Infinity, leader.ports.now())
  expect(partition.log.producers.size).toBe(1)
})
