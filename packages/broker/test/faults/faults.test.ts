import {
  apiForKey,
  apis,
  apiVersions,
  type Api,
  codecFor,
  fetch,
  findCoordinator,
  initProducerId,
  listOffsets,
  metadata,
  produce,
  type RequestInput,
} from '@linger/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { ErrorCode } from '../../src/error-code.ts'
import type { Fault } from '../../src/index.ts'
import { produced, startProduce } from '../produced.ts'
import { recordBatch } from '../record-batch.ts'
import { responseIn, TestClient } from '../test-client.ts'

let client: TestClient

beforeEach(() => {
  client = new TestClient()
  client.cluster.createTopic({ name: 't', partitions: 2 })
  client.cluster.createTopic({ name: 'u', partitions: 1 })
})

function endOffset(topic = 't', partition = 0): number {
  return client.cluster.partition(topic, partition).log.endOffset
}

/** Both partitions of t, and u. */
function produceToAll(version = 12) {
  const reference = (name: string) =>
    version >= 13 ? { topicId: client.cluster.topicNamed(name)?.id ?? '' } : { name }
  const data = (index: number) => ({ index, records: recordBatch() })
  return {
    acks: -1,
    timeoutMs: 1000,
    topicData: [
      { ...reference('t'), partitionData: [data(0), data(1)] },
      { ...reference('u'), partitionData: [data(0)] },
    ],
  }
}

function codesOf(version = 12): (readonly [topic: string | undefined, partition: number, errorCode: number])[] {
  const { responses } = client.call(produce, version, produceToAll(version))
  return responses
    .flatMap(({ name, topicId, partitionResponses }) => {
      const topic = version >= 13 ? client.cluster.topicWithId(topicId)?.name : name
      return partitionResponses.map(({ index, errorCode }) => [topic, index, errorCode] as const)
    })
    .toSorted((a, b) => String(a).localeCompare(String(b)))
}

const NOT_LEADER: Fault = { kind: 'error', errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }

describe('faults are used once, in order', () => {
  test('each for the next request that its scope names', () => {
    const pushed = client.cluster.faults.push(
      { api: 'Produce' },
      NOT_LEADER,
      { kind: 'pass' },
      { kind: 'error', errorCode: ErrorCode.MESSAGE_TOO_LARGE },
    )
    client.call(metadata, 12, { topics: [] })
    expect(pushed.remaining).toBe(3)
    expect([0, 0, 0, 0].map(() => produced(client).errorCode)).toEqual([6, 0, 10, 0])
    expect(pushed.remaining).toBe(0)
    expect(client.cluster.faults).toMatchObject({ isEmpty: true, firedCount: 2 })
  })

  test('those of several lists hit the same request', () => {
    client.cluster.faults.push({ topic: 't', partition: 0 }, NOT_LEADER)
    client.cluster.faults.push({ topic: 'u' }, { kind: 'error', errorCode: 87 })
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'delay', delayMs: 10 })
    const { answers } = client.start(produce, 12, produceToAll())
    expect(answers).toEqual([])
    client.ports.pass(10)
    const codes = responseIn(produce, 12, answers[0]).responses.flatMap(({ name, partitionResponses }) =>
      partitionResponses.map(({ index, errorCode }) => `${name}-${index}: ${errorCode}`),
    )
    expect(codes.toSorted()).toEqual(['t-0: 6', 't-1: 0', 'u-0: 87'])
  })

  test('what is cancelled or cleared hits nothing', () => {
    client.cluster.faults.push({}, NOT_LEADER).cancel()
    const cleared = client.cluster.faults.push({}, NOT_LEADER)
    client.cluster.faults.intercept(() => NOT_LEADER)
    client.cluster.faults.clear()
    expect(produced(client).errorCode).toBe(0)
    expect(cleared.remaining).toBe(0)
    expect(client.cluster.faults.isEmpty).toBe(true)
  })

  test('a scope may name the broker and the client', () => {
    const other = new TestClient({}, client)
    client.cluster.faults.push({ nodeId: 2, clientId: 'test' }, { kind: 'error', errorCode: 41 })
    client.cluster.faults.push({ clientId: 'another' }, { kind: 'error', errorCode: 42 })
    const ask = { transactionalId: null, transactionTimeoutMs: 1 }
    expect(client.call(initProducerId, 4, ask).errorCode).toBe(0)
    expect(other.call(initProducerId, 4, ask).errorCode).toBe(41)
  })

  test('an interceptor is asked about every request, and knows what it is about', () => {
    const seen: unknown[] = []
    const stop = client.cluster.faults.intercept(({ apiName, ordinal, clientId, topicPartitions }) => {
      seen.push([apiName, ordinal, clientId, topicPartitions])
      return apiName === 'Produce' ? [NOT_LEADER] : undefined
    })
    expect(codesOf(13).map(([, , errorCode]) => errorCode)).toEqual([6, 6, 6])
    client.call(metadata, 12, { topics: [{ name: 't' }] })
    stop()
    expect(produced(client).errorCode).toBe(0)
    expect(seen).toEqual([
      [
        'Produce',
        1,
        'test',
        [
          { topic: 't', partitions: [0, 1] },
          { topic: 'u', partitions: [0] },
        ],
      ],
      ['Metadata', 2, 'test', [{ topic: 't', partitions: undefined }]],
    ])
  })
})

describe('an error', () => {
  test.each([3, 9, 12, 13])('for one partition leaves the others of the request alone, Produce %i', (version) => {
    client.cluster.faults.push({ topic: 't', partition: 1 }, NOT_LEADER)
    expect(codesOf(version)).toEqual([
      ['t', 0, 0],
      ['t', 1, 6],
      ['u', 0, 0],
    ])
    expect([endOffset('t', 0), endOffset('t', 1), endOffset('u')]).toEqual([1, 0, 1])
  })

  test('may be told after the broker has worked', () => {
    client.cluster.faults.push({ topic: 't', partition: 1 }, { ...NOT_LEADER, when: 'after' })
    expect(codesOf()).toEqual([
      ['t', 0, 0],
      ['t', 1, 6],
      ['u', 0, 0],
    ])
    expect(endOffset('t', 1)).toBe(1)
  })

  test('with acks=0 ends the connection, since there is no answer to put it in', () => {
    client.cluster.faults.push({ api: 'Produce' }, NOT_LEADER)
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: recordBatch() }] }]
    const answer = client.answer(produce, 12, { acks: 0, timeoutMs: 1000, topicData })
    expect(answer).toMatchObject({ kind: 'close' })
    expect(endOffset()).toBe(0)
  })

  test('may be one that no Kafka has', () => {
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'error', errorCode: 4242 })
    expect(produced(client).errorCode).toBe(4242)
  })

  test('in metadata stands at the topic, or at the partition when the scope names one', () => {
    const told = () => client.call(metadata, 12, { topics: [{ name: 't' }, { name: 'u' }] }).topics
    client.cluster.faults.push({ api: 'Metadata', topic: 't' }, { kind: 'error', errorCode: 3 })
    expect(told()).toMatchObject([
      { errorCode: 3, partitions: [] },
      { errorCode: 0, partitions: [{ leaderId: 1 }] },
    ])
    client.cluster.faults.push({ api: 'Metadata', topic: 't', partition: 1 }, { kind: 'error', errorCode: 5 })
    expect(told()).toMatchObject([
      {
        errorCode: 0,
        partitions: [
          { errorCode: 0, leaderId: 1 },
          { errorCode: 5, leaderId: -1 },
        ],
      },
      { errorCode: 0 },
    ])
  })

  test('REBOOTSTRAP_REQUIRED stands over the whole of metadata', () => {
    client.cluster.faults.push({ api: 'Metadata' }, { kind: 'error', errorCode: 129 })
    expect(client.call(metadata, 13, { topics: [{ name: 't' }] })).toMatchObject({ errorCode: 129, topics: [] })
  })

  test('in InitProducerId uses up no producer id', () => {
    const ask = () => client.call(initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 1 })
    client.cluster.faults.push({ api: 'InitProducerId' }, { kind: 'error', errorCode: 14 })
    expect(ask()).toMatchObject({ errorCode: 14, producerId: -1n })
    expect(ask()).toMatchObject({ errorCode: 0, producerId: 0n })
  })

  test('stands where each of the other APIs has it', () => {
    const fail = () => client.cluster.faults.push({}, { kind: 'error', errorCode: 31 })
    fail()
    expect(client.call(findCoordinator, 3, { key: 'k' }).errorCode).toBe(31)
    fail()
    const several = client.call(findCoordinator, 4, { coordinatorKeys: ['k', 'l'] })
    expect(several.coordinators.map(({ errorCode }) => errorCode)).toEqual([31, 31])
    fail()
    expect(client.call(apiVersions, 2, {}).errorCode).toBe(31)
    fail()
    const partitions = [{ partitionIndex: 0, timestamp: -1n }]
    const offsets = client.call(listOffsets, 7, { replicaId: -1, topics: [{ name: 't', partitions }] })
    expect(offsets.topics[0]?.partitions[0]?.errorCode).toBe(31)
    fail()
    const wanted = [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1000 }]
    const fetched = client.call(fetch, 12, {
      maxWaitMs: 500,
      minBytes: 1,
      topics: [{ topic: 't', partitions: wanted }],
    })
    expect(fetched.responses[0]?.partitions[0]?.errorCode).toBe(31)
  })

  test('can be told by every API that this broker speaks', () => {
    const spoken = client.call(apiVersions, 3, { clientSoftwareName: 'n', clientSoftwareVersion: '1' }).apiKeys
    const names = spoken.flatMap(({ apiKey }) => apiForKey(apiKey)?.name ?? [])
    expect(names.length).toBeGreaterThan(10)
    for (const [name, request] of Object.entries(MINIMAL_REQUESTS)) {
      const api: Api | undefined = apis.find((one) => one.name === name)
      if (api === undefined) throw new Error(`no API ${name}`)
      client.cluster.faults.push({ api: name }, { kind: 'error', errorCode: 31 })
      const version = Number(api.versions.split('-')[1])
      const { answers } = client.start(api, version, request)
      expect(codecFor(api, version), name).toBeDefined()
      expect(JSON.stringify(responseIn(api, version, answers[0]), printable), name).toMatch(/rrorCode":31/)
    }
    expect(Object.keys(MINIMAL_REQUESTS).toSorted()).toEqual(names.toSorted())
  })

  test('of a version of ApiVersions is told in version 0, with the versions there are (KIP-511)', () => {
    client.cluster.faults.push({ api: 'ApiVersions' }, { kind: 'error', errorCode: 35 })
    const { answers } = client.start(apiVersions, 4, { clientSoftwareName: 'n', clientSoftwareVersion: '1' })
    expect(responseIn(apiVersions, 0, answers[0])).toMatchObject({
      errorCode: 35,
      apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }],
    })
  })
})

const printable = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value)

const TOPIC_REQUEST = { name: 'x', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }
const TRANSACTION = { transactionalId: 'tx', producerId: 0n, producerEpoch: 0 }
const TRANSACTION_V3 = {
  v3AndBelowTransactionalId: 'tx',
  v3AndBelowProducerId: 0n,
  v3AndBelowProducerEpoch: 0,
}
const MINIMAL_REQUESTS: Readonly<Record<string, RequestInput<Api>>> = {
  Produce: { acks: -1, timeoutMs: 1, topicData: [{ name: 't', partitionData: [{ index: 0, records: null }] }] },
  Fetch: {
    maxWaitMs: 0,
    minBytes: 0,
    topics: [{ partitions: [{ partition: 0, fetchOffset: 0n, partitionMaxBytes: 1 }] }],
  },
  ListOffsets: { replicaId: -1, topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1n }] }] },
  Metadata: { topics: [{ name: 't' }] },
  FindCoordinator: { coordinatorKeys: ['k'] },
  ApiVersions: { clientSoftwareName: 'n', clientSoftwareVersion: '1' },
  CreateTopics: { topics: [TOPIC_REQUEST], timeoutMs: 1 },
  DeleteTopics: { topics: [{ name: 't', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }], timeoutMs: 1 },
  InitProducerId: { transactionalId: null, transactionTimeoutMs: 1 },
  DescribeConfigs: { resources: [{ resourceType: 2, resourceName: 't', configurationKeys: null }] },
  DescribeCluster: { includeClusterAuthorizedOperations: false },
  AddPartitionsToTxn: { ...TRANSACTION_V3, v3AndBelowTopics: [{ name: 't', partitions: [0] }] },
  AddOffsetsToTxn: { ...TRANSACTION, groupId: 'g' },
  EndTxn: { ...TRANSACTION, committed: true },
  TxnOffsetCommit: {
    ...TRANSACTION,
    groupId: 'g',
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0n, committedMetadata: null }] }],
  },
  OffsetFetch: { groups: [{ groupId: 'g', topics: null }] },
  DescribeTransactions: { transactionalIds: ['tx'] },
  ListTransactions: { stateFilters: [], producerIdFilters: [] },
  DescribeProducers: { topics: [{ name: 't', partitionIndexes: [0] }] },
}

describe('an answer', () => {
  test('is late, and the broker has worked before', () => {
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'delay', delayMs: 500 })
    const answer = startProduce(client)
    expect([answer(), endOffset()]).toEqual([undefined, 1])
    client.ports.pass(499)
    expect(answer()).toBeUndefined()
    client.ports.pass(1)
    expect(answer()?.errorCode).toBe(0)
  })

  test('is late since the broker works late, on the request as it came', () => {
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'delay', delayMs: 500, when: 'before' })
    const answer = startProduce(client)
    expect([answer(), endOffset()]).toEqual([undefined, 0])
    client.ports.pass(500)
    expect([answer()?.errorCode, endOffset()]).toEqual([0, 1])
  })

  test('that is late does not come when nobody waits for it any more', () => {
    client.cluster.faults.push({}, { kind: 'delay', delayMs: 5 }, { kind: 'delay', delayMs: 5, when: 'before' })
    const requests = [0, 1].map(() => client.start(metadata, 12, { topics: [] }))
    for (const { cancel } of requests) cancel()
    client.ports.pass(5)
    expect(requests.flatMap(({ answers }) => answers)).toEqual([])
  })

  test.each([
    ['before', 0],
    ['after', 1],
  ] as const)('does not come, %s the broker has worked', (when, appended) => {
    const kinds = ['drop', 'hang', 'close', 'reset'] as const
    client.cluster.faults.push({ api: 'Produce' }, ...kinds.map((kind) => ({ kind, when })))
    const topicData = [{ name: 't', partitionData: [{ index: 0, records: recordBatch() }] }]
    const got = kinds.map(() => client.start(produce, 12, { acks: -1, timeoutMs: 1, topicData }).answers)
    expect(got).toMatchObject([[{ kind: 'none' }], [], [{ kind: 'close' }], [{ kind: 'reset' }]])
    expect(endOffset()).toBe(appended * kinds.length)
  })

  test('is cut after any number of bytes', () => {
    client.cluster.faults.push({ api: 'Metadata' }, { kind: 'cut', afterBytes: 7 })
    const cut = client.answer(metadata, 12, { topics: [] })
    const whole = client.answer(metadata, 12, { topics: [] })
    if (whole.kind !== 'response') throw new Error('no response')
    expect(cut).toEqual({ kind: 'cut', bytes: whole.frame.subarray(0, 7) })
  })

  test('is another one, or a changed one', () => {
    const frame = Uint8Array.of(0, 0, 0, 1, 42)
    const alter = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0xff)
    client.cluster.faults.push({}, { kind: 'answer', frame }, { kind: 'alter', alter })
    expect(client.answer(metadata, 12, { topics: [] })).toEqual({ kind: 'response', frame })
    const altered = client.answer(metadata, 12, { topics: [] })
    const whole = client.answer(metadata, 12, { topics: [] })
    if (altered.kind !== 'response' || whole.kind !== 'response') throw new Error('no response')
    expect(alter(altered.frame)).toEqual(whole.frame)
  })

  test.each([
    ['an error after the work', { kind: 'error', errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, when: 'after' }],
    ['a pause', { kind: 'throttle', throttleTimeMs: 5 }],
  ] as const)('that has no sense any more is left as it is by %s', (_name, fault) => {
    const alter = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, 12)
    client.cluster.faults.push({ api: 'Metadata' }, fault)
    client.cluster.faults.push({ api: 'Metadata' }, { kind: 'alter', alter })
    const answer = client.answer(metadata, 12, { topics: [{ name: 't' }] })
    expect(answer.kind === 'response' && answer.frame).toHaveLength(12)
  })

  test('to Produce that has no sense any more is left as it is by the refusal of a partition', () => {
    const alter = (bytes: Uint8Array): Uint8Array => bytes.subarray(0, 12)
    client.cluster.faults.push({ api: 'Produce', topic: 't', partition: 1 }, { kind: 'error', errorCode: 6 })
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'alter', alter })
    const answer = client.answer(produce, 12, produceToAll())
    expect(answer.kind === 'response' && answer.frame).toHaveLength(12)
  })

  test.each([3, 9, 13])('asks for a pause in Produce %i, and the connection is told', (version) => {
    client.cluster.faults.push({ api: 'Produce' }, { kind: 'throttle', throttleTimeMs: 250 })
    const answer = client.answer(produce, version, produceToAll(version))
    expect(answer).toMatchObject({ kind: 'response', throttleTimeMs: 250 })
    expect(responseIn(produce, version, answer).throttleTimeMs).toBe(250)
  })
})

test('a request that the broker does not speak is refused as ever', () => {
  client.cluster.faults.push({}, NOT_LEADER)
  const frame = Buffer.from('006f00000000000700047465737400', 'hex')
  expect(client.startFrame(frame).answers).toMatchObject([{ kind: 'close' }])
})
