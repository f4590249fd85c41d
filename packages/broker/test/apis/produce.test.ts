import { fetch, produce, type ProduceResponse } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import { idempotentBatch, recordBatch } from '../record-batch.ts'
import { TestClient } from '../test-client.ts'

const TIMEOUT_MS = 1000

interface ProduceOptions {
  readonly version?: number
  readonly acks?: number
  readonly index?: number
  readonly transactionalId?: string
}

function request(client: TestClient, records: Uint8Array | null, options: ProduceOptions) {
  const { version = 12, acks = -1, index = 0, transactionalId = null } = options
  const reference = version >= 13 ? { topicId: client.cluster.topicNamed('t')?.id ?? '' } : { name: 't' }
  const topicData = [{ ...reference, partitionData: [{ index, records }] }]
  return { acks, timeoutMs: TIMEOUT_MS, topicData, transactionalId }
}

function send(client: TestClient, records: Uint8Array | null, options: ProduceOptions = {}) {
  const response = client.call(produce, options.version ?? 12, request(client, records, options))
  return onlyPartition(response)
}

function onlyPartition(response: ProduceResponse) {
  const partition = response.responses[0]?.partitionResponses[0]
  if (partition === undefined) throw new Error('no partition in the response')
  return partition
}

function clientWithTopic(config: Record<string, string> = {}): TestClient {
  const client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 2, config })
  return client
}

describe('Produce', () => {
  test.each([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])(
    'version %i appends, and Fetch gives the records back',
    (version) => {
      const client = clientWithTopic()
      const batch = recordBatch({ records: [{ value: 'a' }, { value: 'b' }] })
      expect(send(client, batch, { version })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
      expect(send(client, batch, { version, acks: 1 })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 2n })

      const read = client.call(fetch, 4, {
        maxWaitMs: 0,
        minBytes: 0,
        topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 2n, partitionMaxBytes: 1_000_000 }] }],
      })
      const expected = Buffer.from(batch)
      expected.writeBigInt64BE(2n, 0)
      expected.writeInt32BE(0, 12)
      expect(Buffer.from(read.responses[0]?.partitions[0]?.records ?? [])).toEqual(expected)
    },
  )

  test('CreateTime records get no time of the broker, LogAppendTime records do', () => {
    expect(send(clientWithTopic(), recordBatch()).logAppendTimeMs).toBe(-1n)
    const client = clientWithTopic({ 'message.timestamp.type': 'LogAppendTime' })
    expect(send(client, recordBatch()).logAppendTimeMs).toBe(BigInt(client.ports.now()))
  })

  test('a duplicate is answered with its first offset and no error', () => {
    const client = clientWithTopic()
    send(client, idempotentBatch(0, 3))
    send(client, idempotentBatch(3, 3))
    expect(send(client, idempotentBatch(0, 3))).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(send(client, idempotentBatch(6, 1))).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 6n })
  })

  test('sequences are kept per partition', () => {
    const client = clientWithTopic()
    expect(send(client, idempotentBatch(0, 1), { index: 0 }).errorCode).toBe(ErrorCode.NONE)
    expect(send(client, idempotentBatch(5, 1), { index: 1 }).errorCode).toBe(ErrorCode.NONE)
    expect(send(client, idempotentBatch(6, 1), { index: 0 }).errorCode).toBe(ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER)
  })

  test('one refused partition does not touch the others of its request', () => {
    const client = clientWithTopic()
    const partitionData = [
      { index: 0, records: recordBatch({ crc: 1 }) },
      { index: 1, records: recordBatch() },
    ]
    const response = client.call(produce, 12, {
      acks: -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ name: 't', partitionData }],
    })
    expect(response.responses[0]?.partitionResponses.map(({ index, errorCode }) => [index, errorCode])).toEqual([
      [0, ErrorCode.CORRUPT_MESSAGE],
      [1, ErrorCode.NONE],
    ])
  })

  test.each<[string, Uint8Array | null, ProduceOptions, ErrorCode]>([
    ['acks that do not exist', recordBatch(), { acks: 2 }, ErrorCode.INVALID_REQUIRED_ACKS],
    ['an unknown partition', recordBatch(), { index: 2 }, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['a negative partition', recordBatch(), { index: -1 }, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
    ['null records', null, {}, ErrorCode.INVALID_RECORD],
    ['zstd before version 7', recordBatch({ attributes: 4 }), { version: 6 }, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE],
    [
      'a transactional batch without transactional id',
      recordBatch({ attributes: 0x10, producerId: 7n, producerEpoch: 0, baseSequence: 0 }),
      {},
      ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    ],
    [
      'a transactional batch of an unknown transactional id',
      recordBatch({ attributes: 0x10, producerId: 7n, producerEpoch: 0, baseSequence: 0 }),
      { transactionalId: 'tx' },
      ErrorCode.INVALID_PRODUCER_ID_MAPPING,
    ],
  ])('%s is refused', (_, records, options, errorCode) => {
    expect(send(clientWithTopic(), records, options)).toMatchObject({ errorCode, baseOffset: -1n })
  })

  test('an unknown topic is refused by name, and by id with a code of its own', () => {
    const client = new TestClient()
    const partitionData = [{ index: 0, records: recordBatch() }]
    const base = { acks: -1, timeoutMs: TIMEOUT_MS }
    const byName = client.call(produce, 12, { ...base, topicData: [{ name: 'nowhere', partitionData }] })
    const topicId = 'AAAAAAAAAAAAAAAAAAAAAQ'
    const byId = client.call(produce, 13, { ...base, topicData: [{ topicId, partitionData }] })
    expect(onlyPartition(byName).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(onlyPartition(byId).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
    expect(byId.responses[0]?.topicId).toBe(topicId)
  })

  test('a topic that was deleted and made again is another one for who has its old id', () => {
    const client = clientWithTopic()
    const old = client.cluster.topicNamed('t')
    if (old === undefined) throw new Error('no topic')
    client.cluster.deleteTopic(old)
    client.cluster.createTopic({ name: 't', partitions: 1 })
    const topicData = [{ topicId: old.id, partitionData: [{ index: 0, records: recordBatch() }] }]
    const response = client.call(produce, 13, { acks: -1, timeoutMs: TIMEOUT_MS, topicData })
    expect(onlyPartition(response).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })

  test('a broker that does not lead a partition says so', () => {
    const client = clientWithTopic()
    const partition = client.cluster.topicNamed('t')?.partitions[0]
    if (partition === undefined) throw new Error('no partition')
    partition.leaderId = 2
    expect(send(client, recordBatch()).errorCode).toBe(ErrorCode.NOT_LEADER_OR_FOLLOWER)
  })

  test('acks=all needs min.insync.replicas of the replicas there are, acks=1 does not', () => {
    const config = { 'min.insync.replicas': '2' }
    const alone = clientWithTopic(config)
    expect(send(alone, recordBatch(), { acks: -1 }).errorCode).toBe(ErrorCode.NONE)

    const client = new TestClient()
    for (const nodeId of [2, 3]) client.cluster.register({ nodeId, host: `broker-${nodeId}`, port: 9092 })
    client.cluster.createTopic({ name: 't', partitions: 1, replicationFactor: 3, config })
    expect(send(client, recordBatch(), { acks: -1 }).errorCode).toBe(ErrorCode.NONE)
    for (const nodeId of [2, 3]) client.cluster.partition('t', 0).leaveSync(nodeId)
    expect(send(client, recordBatch(), { acks: -1 }).errorCode).toBe(ErrorCode.NOT_ENOUGH_REPLICAS)
    expect(send(client, recordBatch(), { acks: 1 }).errorCode).toBe(ErrorCode.NONE)
  })

  test('records that made a batch fail are named from version 8 on', () => {
    const client = clientWithTopic({ 'cleanup.policy': 'compact' })
    const batch = recordBatch({ records: [{ key: 'k' }, { key: null }] })
    const { recordErrors, errorMessage } = send(client, batch, { version: 8 })
    expect(recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([1])
    expect(errorMessage).toContain('1 of 2 records')
    expect(send(client, batch, { version: 7 })).toMatchObject({ errorCode: ErrorCode.INVALID_RECORD, recordErrors: [] })
  })
})

describe('Produce with acks=0', () => {
  test('is appended and gets no answer', () => {
    const client = clientWithTopic()
    expect(client.answer(produce, 12, request(client, recordBatch(), { acks: 0 }))).toEqual({ kind: 'none' })
    expect(client.cluster.topicNamed('t')?.partitions[0]?.log.endOffset).toBe(1)
  })

  test('loses its connection when it is refused', () => {
    const client = clientWithTopic()
    const answer = client.answer(produce, 12, request(client, recordBatch({ crc: 1 }), { acks: 0 }))
    expect(answer).toEqual({ kind: 'close', reason: 'acks=0 and error 2 for partition 0 of t' })
  })
})

describe('a sink', () => {
  test('answers with right offsets and keeps nothing', () => {
    const client = new TestClient({ sink: true })
    client.cluster.createTopic({ name: 't', partitions: 2 })
    const three = recordBatch({ records: [{}, {}, {}] })
    expect(send(client, three, { version: 13 })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(send(client, recordBatch({ crc: 1 }), { version: 13 })).toMatchObject({ errorCode: 0, baseOffset: 3n })
    expect(send(client, three, { index: 1 })).toMatchObject({ errorCode: ErrorCode.NONE, baseOffset: 0n })
    expect(send(client, three, { index: 2 }).errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION)
    expect(client.answer(produce, 12, request(client, three, { acks: 0 }))).toEqual({ kind: 'none' })
    expect(client.cluster.topicNamed('t')?.partitions[0]?.log).toMatchObject({ endOffset: 7, segments: [] })
  })
})
