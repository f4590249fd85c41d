import { metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { produced, startProduce, TIMEOUT_MS } from '../produced.ts'
import { idempotentBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

function twoBrokers() {
  const [first, second] = TestClient.ofCluster(2, { autoCreateTopics: false })
  if (first === undefined || second === undefined) throw new Error('two were asked for')
  first.cluster.createTopic({ name: 't', partitions: 1, replicationFactor: 2 })
  return { first, second, partition: first.cluster.partition('t', 0) }
}

function toldBy(client: TestClient, name = 't') {
  return client.call(metadata, 12, { topics: [{ name }] }).topics[0]
}

describe('a broker that hears of nothing', () => {
  test('tells what it knew, until it has caught up', () => {
    const { first, second, partition } = twoBrokers()
    second.broker.metadata.freeze()
    partition.elect(2)
    first.cluster.createTopic({ name: 'new', partitions: 1 })
    first.cluster.addPartitions('t', 2)
    expect(toldBy(second)?.partitions).toMatchObject([{ leaderId: 1, leaderEpoch: 0 }])
    expect(toldBy(second, 'new')?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    second.broker.catchUp()
    expect(toldBy(second)?.partitions).toMatchObject([{ leaderId: 2, leaderEpoch: 1 }, { leaderEpoch: 0 }])
    expect(toldBy(second, 'new')?.errorCode).toBe(ErrorCode.NONE)
  })

  test('does not know that it leads', () => {
    const { second, partition } = twoBrokers()
    second.broker.metadata.freeze()
    partition.elect(2)
    expect(produced(second)).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      currentLeader: { leaderId: 1, leaderEpoch: 0 },
    })
  })

  test('appends to the log of all as long as it does lead', () => {
    const { first, partition } = twoBrokers()
    first.broker.metadata.freeze()
    expect(produced(first).baseOffset).toBe(0n)
    expect(partition.log.endOffset).toBe(1)
  })

  test('appends for itself when another leads: acks=1 is acknowledged, and lost', () => {
    const { first, second, partition } = twoBrokers()
    produced(first, { records: idempotentBatch(0, 1) })
    first.broker.metadata.freeze()
    partition.elect(2)
    expect(produced(second, { records: idempotentBatch(1, 1) }).baseOffset).toBe(1n)
    expect(produced(first, { acks: 1, records: idempotentBatch(1, 1) })).toMatchObject({ errorCode: 0, baseOffset: 1n })
    expect(produced(first, { acks: 1, records: idempotentBatch(2, 5) })).toMatchObject({ errorCode: 0, baseOffset: 2n })
    expect(partition.log.endOffset).toBe(2)
    first.broker.catchUp()
    expect(produced(first).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(partition.log.endOffset).toBe(2)
  })

  test('keeps what it appended while nobody led: it is the one that comes back', () => {
    const { first, partition } = twoBrokers()
    partition.leaveSync(2)
    produced(first, { records: idempotentBatch(0, 1) })
    first.broker.metadata.freeze()
    partition.stall(1)
    partition.elect(-1)
    expect(produced(first, { records: idempotentBatch(1, 1) })).toMatchObject({ errorCode: 0, baseOffset: 1n })
    partition.elect(1)
    first.broker.catchUp()
    expect(partition.log.endOffset).toBe(2)
    expect(produced(first, { records: idempotentBatch(2, 1) })).toMatchObject({ errorCode: 0, baseOffset: 2n })
  })

  test('acks=all gets no answer from it before it knows, or before the timeout', () => {
    const { first, partition } = twoBrokers()
    first.broker.metadata.freeze()
    partition.elect(2)
    const early = startProduce(first)
    first.ports.pass(TIMEOUT_MS)
    expect(early()?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
    const late = startProduce(first)
    expect(late()).toBeUndefined()
    first.broker.catchUp()
    expect(late()?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(partition.log.endOffset).toBe(0)
  })

  test('acks=all of what only it had is refused when it leads again, whatever the others wrote meanwhile', () => {
    const { first, second, partition } = twoBrokers()
    first.broker.metadata.freeze()
    partition.elect(2)
    const alone = startProduce(first)
    expect(produced(second, { records: idempotentBatch(0, 3) })).toMatchObject({ errorCode: 0, baseOffset: 0n })
    partition.elect(1)
    first.broker.catchUp()
    expect(alone()?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(partition.log.endOffset).toBe(3)
  })

  test('acks=all of what was cut off while another led is refused too, where it was appended before that', () => {
    const { first, partition } = twoBrokers()
    partition.stall(2)
    const cutOff = startProduce(first, { records: idempotentBatch(0, 2) })
    first.broker.metadata.freeze()
    partition.elect(2)
    partition.stall(1)
    partition.leaveSync(1)
    partition.elect(1)
    first.broker.catchUp()
    expect(partition.log.endOffset).toBe(0)
    expect(produced(first, { acks: 1, records: idempotentBatch(0, 3) })).toMatchObject({ errorCode: 0, baseOffset: 0n })
    expect(cutOff()?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  test('knows a topic that was deleted and made again by its old id, and not by its new one', () => {
    const { first } = twoBrokers()
    first.broker.metadata.freeze()
    const oldId = first.cluster.topicNamed('t')?.id
    const again = first.cluster.recreateTopic('t')
    expect(toldBy(first)?.topicId).toBe(oldId)
    expect(produced(first, { version: 13 }).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    first.broker.catchUp()
    expect(toldBy(first)?.topicId).toBe(again.id)
  })
})

test('a broker that has only just started knows none of the topics there are', () => {
  const { first } = twoBrokers()
  first.broker.metadata.forget()
  expect(toldBy(first)?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  expect(produced(first).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  expect(produced(first, { version: 13 }).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  first.broker.catchUp()
  expect(produced(first).errorCode).toBe(ErrorCode.NONE)
})

describe('a broker that stood still', () => {
  test('and is stale for a while believes that it leads', () => {
    const { first, second, partition } = twoBrokers()
    first.broker.pause({ noticedAfterMs: 9000 })
    first.ports.pass(9000)
    expect(partition.leaderId).toBe(2)
    first.broker.resume({ staleForMs: 100 })
    expect(produced(first, { acks: 1 }).errorCode).toBe(ErrorCode.NONE)
    first.ports.pass(100)
    expect(produced(first, { acks: 1 }).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(produced(second).baseOffset).toBe(0n)
    expect(partition.inSyncReplicaIds).toEqual([2, 1])
  })

  test('and was not noticed leads as before', () => {
    const { first, partition } = twoBrokers()
    first.broker.pause({ noticedAfterMs: 9000 })
    first.ports.pass(8999)
    first.broker.resume()
    first.ports.pass(9000)
    expect(partition).toMatchObject({ leaderId: 1, leaderEpoch: 0, inSyncReplicaIds: [1, 2] })
    expect(produced(first).errorCode).toBe(ErrorCode.NONE)
  })

  test('holds up acks=all as a follower until it is noticed', () => {
    const { first, second } = twoBrokers()
    second.broker.pause({ noticedAfterMs: 500 })
    const answer = startProduce(first)
    expect(answer()).toBeUndefined()
    first.ports.pass(500)
    expect(answer()?.errorCode).toBe(ErrorCode.NONE)
  })

  test('and was killed then is not fenced after its restart for what was not noticed before', () => {
    const { first, partition } = twoBrokers()
    first.broker.pause({ noticedAfterMs: 100 })
    first.broker.kill({ noticedAfterMs: 50 })
    first.broker.restart()
    first.ports.pass(100)
    expect(first.cluster.isAlive(1)).toBe(true)
    expect(partition).toMatchObject({ leaderId: 1, leaderEpoch: 0 })
  })

  test('twice is stale for as long as was said the second time', () => {
    const { first, partition } = twoBrokers()
    first.broker.pause({ noticedAfterMs: 0 })
    first.broker.resume({ staleForMs: 100 })
    first.broker.pause({ noticedAfterMs: 0 })
    first.broker.resume({ staleForMs: 500 })
    first.ports.pass(499)
    expect(partition.leaderId).toBe(2)
    expect(first.broker.isStale).toBe(true)
    first.ports.pass(1)
    expect(first.broker.isStale).toBe(false)
  })
})
