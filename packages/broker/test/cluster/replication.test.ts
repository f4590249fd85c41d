import { fetch, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { produced, startProduce, TIMEOUT_MS } from '../produced.ts'
import { idempotentBatch, recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

function replicated(config: Readonly<Record<string, string>> = {}) {
  const [leader, second, third] = TestClient.ofCluster(3)
  if (leader === undefined || second === undefined || third === undefined) throw new Error('three were asked for')
  leader.cluster.createTopic({ name: 't', partitions: 1, replicationFactor: 3, config })
  return { leader, second, third, partition: leader.cluster.partition('t', 0) }
}

describe('acks=all', () => {
  test('waits for a follower in sync that does not fetch, and acks=1 does not', () => {
    const { leader, partition } = replicated()
    partition.stall(2)
    const answer = startProduce(leader)
    expect(answer()).toBeUndefined()
    expect(produced(leader, { acks: 1 }).errorCode).toBe(ErrorCode.NONE)
    partition.catchUp(2)
    expect(answer()).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(leader.ports.timerCount).toBe(0)
  })

  test('waits no longer for a follower that is out of sync', () => {
    const { leader, partition } = replicated()
    partition.stall(3)
    const answer = startProduce(leader)
    partition.leaveSync(3)
    expect(answer()).toMatchObject({ errorCode: ErrorCode.NONE })
    expect(partition.inSyncReplicaIds).toEqual([1, 2])
  })

  test('is over after its timeout, with the offset of what was appended', () => {
    const { leader, partition } = replicated()
    partition.stall(2)
    const answer = startProduce(leader)
    leader.ports.pass(TIMEOUT_MS - 1)
    expect(answer()).toBeUndefined()
    leader.ports.pass(1)
    expect(answer()).toMatchObject({ errorCode: ErrorCode.REQUEST_TIMED_OUT, baseOffset: 0n })
    expect(partition.log.endOffset).toBe(1)
  })

  test('a duplicate waits as long as the batch it repeats', () => {
    const { leader, partition } = replicated()
    partition.stall(2)
    const answers = [0, 0].map(() => startProduce(leader, { records: idempotentBatch(0, 2) }))
    expect(answers.map((answer) => answer())).toEqual([undefined, undefined])
    partition.catchUp(2)
    expect(answers.map((answer) => answer()?.baseOffset)).toEqual([0n, 0n])
    expect(partition.log.endOffset).toBe(2)
  })

  test('a client that leaves ends the wait, and the records stay', () => {
    const { leader, partition } = replicated()
    partition.stall(2)
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: recordBatch() }] }]
    const { answers, cancel } = leader.start(produce, 12, { acks: -1, timeoutMs: TIMEOUT_MS, topicData })
    expect(leader.ports.timerCount).toBe(1)
    cancel()
    expect(leader.ports.timerCount).toBe(0)
    partition.catchUp(2)
    expect(answers).toEqual([])
    expect(partition.log.endOffset).toBe(1)
  })

  test('a leader that loses its place meanwhile says so, and the records may live on', () => {
    const { leader, second, partition } = replicated()
    partition.stall(3)
    const answer = startProduce(leader)
    partition.elect(2)
    expect(answer()).toMatchObject({
      errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER,
      baseOffset: 0n,
      currentLeader: { leaderId: 2, leaderEpoch: 1 },
    })
    expect(partition.log.endOffset).toBe(1)
    partition.catchUp(3)
    expect(produced(second).baseOffset).toBe(1n)
  })

  test('a leader that loses its place to a slow follower says the same, and the records are lost', () => {
    const { leader, partition } = replicated()
    partition.stall(3)
    const answer = startProduce(leader)
    partition.elect(3)
    expect(answer()?.errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
    expect(partition.log.endOffset).toBe(0)
  })

  test('a topic that is deleted meanwhile is unknown', () => {
    const { leader, partition } = replicated()
    partition.stall(2)
    const answer = startProduce(leader)
    const topic = leader.cluster.topicNamed('t')
    if (topic === undefined) throw new Error('no topic')
    leader.cluster.deleteTopic(topic)
    expect(answer()?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
  })
})

describe('min.insync.replicas', () => {
  test('with fewer in sync acks=all is refused, and acks=1 appended for nobody to read', () => {
    const { leader, partition } = replicated({ 'min.insync.replicas': '2' })
    partition.leaveSync(2)
    expect(produced(leader).errorCode).toBe(ErrorCode.NONE)
    partition.leaveSync(3)
    expect(produced(leader).errorCode).toBe(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect(produced(leader, { acks: 1 }).errorCode).toBe(ErrorCode.NONE)
    expect(partition.highWatermark).toBe(1)
    partition.catchUp(3)
    expect(partition.highWatermark).toBe(2)
  })

  test('what was appended waits while there are fewer, as Kafka 4 has it (KIP-966)', () => {
    const { leader, partition } = replicated({ 'min.insync.replicas': '2' })
    partition.stall(2)
    partition.stall(3)
    const answer = startProduce(leader)
    partition.leaveSync(2)
    partition.leaveSync(3)
    expect(answer()).toBeUndefined()
    leader.ports.pass(TIMEOUT_MS)
    expect(answer()?.errorCode).toBe(ErrorCode.REQUEST_TIMED_OUT)
  })

  test('replicas that leave between the last fetch and the answer make it not enough after the append', () => {
    const { leader, partition } = replicated({ 'min.insync.replicas': '2' })
    partition.leaveSync(3)
    partition.stall(2)
    const answer = startProduce(leader)
    leader.cluster.atOnce(() => {
      partition.catchUp(2)
      partition.leaveSync(2)
    })
    expect(answer()).toMatchObject({ errorCode: ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND, baseOffset: 0n })
  })

  test('the last replica in sync stays', () => {
    const { partition } = replicated()
    for (const nodeId of [1, 2, 3]) partition.leaveSync(nodeId)
    expect(partition.inSyncReplicaIds).toEqual([3])
  })
})

describe('what acks=1 risks', () => {
  test('records that only the leader had are lost with it, and their producer is known as it was before', () => {
    const { leader, second, partition } = replicated()
    produced(leader, { acks: 1, records: idempotentBatch(0, 2) })
    partition.stall(2)
    expect(produced(leader, { acks: 1, records: idempotentBatch(2, 1) }).errorCode).toBe(ErrorCode.NONE)
    leader.broker.kill()
    expect(partition.leaderId).toBe(2)
    expect(partition.log.endOffset).toBe(2)
    expect(produced(second, { records: idempotentBatch(3, 1) }).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
    expect(produced(second, { records: idempotentBatch(2, 1) })).toMatchObject({ errorCode: 0, baseOffset: 2n })
  })

  test('an unclean leader has what it had, and is in sync alone', () => {
    const { leader, third, partition } = replicated()
    produced(leader)
    partition.stall(3)
    partition.leaveSync(3)
    produced(leader)
    partition.elect(3)
    expect(partition).toMatchObject({ leaderId: 3, inSyncReplicaIds: [3] })
    expect(produced(third, { acks: 1 }).baseOffset).toBe(1n)
  })

  test('a leader that stood still has what it wrote afterwards, when it leads again', () => {
    const { leader, partition } = replicated()
    partition.stall(1)
    expect(produced(leader).errorCode).toBe(ErrorCode.NONE)
    partition.elect(2)
    partition.elect(1)
    expect(partition.log.endOffset).toBe(1)
  })

  test('a consumer does not see what not all in sync have', () => {
    const { leader, partition } = replicated()
    produced(leader)
    partition.stall(2)
    produced(leader, { acks: 1 })
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1_000_000 }] }]
    const read = () => leader.call(fetch, 12, { maxWaitMs: 0, minBytes: 0, topics }).responses[0]?.partitions[0]
    const first = read()
    expect(first?.highWatermark).toBe(1n)
    partition.catchUp(2)
    expect(read()?.highWatermark).toBe(2n)
    expect(read()?.records).toHaveLength((first?.records?.length ?? 0) * 2)
  })
})
