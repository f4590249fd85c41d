import { offsetFetch } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { ConsumerGroup, ErrorCode } from '../../src/index.ts'
import { TestClient } from '../test-client.ts'
import { begun, TransactionalClient } from './transactional-client.ts'

const { NONE, ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, UNSTABLE_OFFSET_COMMIT } = ErrorCode

function fetched(client: TestClient, version = 9, requireStable = true) {
  const partitions = { partitionIndexes: [0, 1] }
  const topics = [
    version >= 10 ? { topicId: client.cluster.topicNamed('t')?.id ?? '', ...partitions } : { name: 't', ...partitions },
  ]
  if (version >= 8) {
    const { groups } = client.call(offsetFetch, version, {
      groups: [{ groupId: 'g', topics }],
      ...(version >= 7 ? { requireStable } : {}),
    })
    return groups[0]?.topics[0]?.partitions.map((one) => [one.errorCode, one.committedOffset])
  }
  const request = { groupId: 'g', topics: [{ name: 't', ...partitions }] }
  const stable = version === 7 ? { requireStable } : {}
  const { topics: of } = client.call(offsetFetch, version, { ...request, ...stable })
  return of[0]?.partitions.map((one) => [one.errorCode, one.committedOffset])
}

describe('offsets in a transaction', () => {
  test.each([true, false])('of the old protocol are there when it is committed (%s)', (committed) => {
    const { client, tx } = begun()
    expect([tx.addOffsets(), tx.commitOffsets(5n, {}, 3), tx.commitOffsets(7n, {}, 3)]).toEqual([NONE, NONE, NONE])
    expect(client.cluster.consumerOffsets.committed('g')).toEqual([])
    expect(tx.end(committed, 4)).toBe(NONE)
    const offsets = client.cluster.consumerOffsets.committed('g').map(({ offset }) => offset)
    expect(offsets).toEqual(committed ? [7n] : [])
  })

  test.each([true, false])('of the new protocol need no other request (commit: %s)', (committed) => {
    const { client, tx } = begun()
    expect([tx.commitOffsets(5n), tx.state, tx.end(committed)]).toEqual([NONE, 'Ongoing', NONE])
    expect(client.cluster.consumerOffsets.committed('g')).toHaveLength(committed ? 1 : 0)
  })

  test.each([
    [3, ErrorCode.INVALID_TXN_STATE],
    [4, ErrorCode.TRANSACTION_ABORTABLE],
    [5, NONE],
  ])('that were not added get, in TxnOffsetCommit %i, error %i', (version, errorCode) => {
    expect(begun().tx.commitOffsets(5n, {}, version)).toBe(errorCode)
  })

  test('of an old epoch are refused, also once the new one has committed', () => {
    const { tx } = begun()
    tx.init()
    tx.producerEpoch = 0
    expect(tx.commitOffsets(5n)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
    tx.producerEpoch = 1
    expect([tx.commitOffsets(5n), tx.end(true)]).toEqual([NONE, NONE])
    tx.producerEpoch = 1
    expect(tx.commitOffsets(6n)).toBe(ErrorCode.INVALID_PRODUCER_EPOCH)
  })

  test('go to the coordinator of the group and to nobody else', () => {
    const [first, second] = TestClient.ofCluster(2)
    if (first === undefined || second === undefined) throw new Error('two were asked for')
    first.cluster.createTopic({ name: 't', partitions: 1 })
    first.cluster.moveCoordinator('tx', 1)
    first.cluster.moveCoordinator('g', 2)
    const tx = new TransactionalClient(first)
    expect([tx.init(), tx.addOffsets(), tx.commitOffsets(5n)]).toEqual([NONE, NONE, ErrorCode.NOT_COORDINATOR])
    tx.use(second)
    const loaded = first.cluster.loadCoordinator('g')
    expect(tx.commitOffsets(5n)).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
    loaded()
    expect(tx.commitOffsets(5n)).toBe(NONE)
    first.cluster.loadCoordinator('tx')
    tx.producerEpoch = 1
    expect(tx.commitOffsets(5n)).toBe(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS)
  })

  test('have a place for a note, of 4,096 letters at most', () => {
    const { client, tx } = begun()
    const commit = (letters: number) =>
      tx.commitOffsets(5n, {
        topics: [
          {
            name: 't',
            partitions: [{ partitionIndex: 0, committedOffset: 5n, committedMetadata: 'x'.repeat(letters) }],
          },
        ],
      })
    expect([commit(4096), commit(4097)]).toEqual([NONE, ErrorCode.OFFSET_METADATA_TOO_LARGE])
    tx.end(true)
    expect(client.cluster.consumerOffsets.committed('g')[0]?.metadata).toHaveLength(4096)
  })
})

describe('offsets of a group with members', () => {
  const MEMBER = { generationId: 3, memberId: 'm1' }
  const STATIC = { generationId: 3, memberId: 'm2', groupInstanceId: 'i2' }

  test.each([
    ['a member', MEMBER, NONE],
    ['nobody in particular', {}, NONE],
    ['a member of another generation', { ...MEMBER, generationId: 2 }, ILLEGAL_GENERATION],
    ['a member that says no generation', { memberId: 'm1' }, ILLEGAL_GENERATION],
    ['somebody else', { ...MEMBER, memberId: 'm9' }, UNKNOWN_MEMBER_ID],
    ['a generation without member', { generationId: 3 }, UNKNOWN_MEMBER_ID],
    ['a static member', STATIC, NONE],
    ['a static member that was replaced', { ...STATIC, memberId: 'm1' }, FENCED_INSTANCE_ID],
    ['an instance that nobody has', { ...STATIC, groupInstanceId: 'i9' }, UNKNOWN_MEMBER_ID],
  ])('by %s', (_, fields, errorCode) => {
    const { client, tx } = begun()
    const members = [{ memberId: 'm1' }, { memberId: 'm2', groupInstanceId: 'i2' }]
    client.cluster.consumerOffsets.putGroup('g', new ConsumerGroup(3, members))
    expect(tx.commitOffsets(5n, fields)).toBe(errorCode)
  })

  test('that nobody has heard of have no generation', () => {
    const { tx } = begun()
    expect([tx.commitOffsets(5n, MEMBER), tx.commitOffsets(5n), tx.commitOffsets(5n, MEMBER)]).toEqual([
      ILLEGAL_GENERATION,
      NONE,
      UNKNOWN_MEMBER_ID,
    ])
  })
})

describe('OffsetFetch', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])('version %i tells what is committed, and -1 of the rest', (version) => {
    const { client, tx } = begun()
    tx.commitOffsets(5n)
    tx.end(true)
    expect(fetched(client, version)).toEqual([
      [NONE, 5n],
      [NONE, -1n],
    ])
  })

  test.each([7, 8, 9, 10])('version %i tells that an offset may change soon, if that is asked', (version) => {
    const { client, tx } = begun()
    tx.commitOffsets(5n)
    tx.end(true)
    tx.commitOffsets(6n)
    expect(fetched(client, version)?.[0]).toEqual([UNSTABLE_OFFSET_COMMIT, -1n])
    expect(fetched(client, version, false)?.[0]).toEqual([NONE, 5n])
    tx.end(false)
    expect(fetched(client, version)?.[0]).toEqual([NONE, 5n])
  })

  test('tells all topics when none is named, and a group that nobody knows has none', () => {
    const { client, tx } = begun()
    tx.commitOffsets(5n)
    tx.end(true)
    const groups = ['g', 'nobody'].map((groupId) => ({ groupId, topics: null }))
    const told = client.call(offsetFetch, 9, { groups }).groups
    expect(told.map(({ errorCode, topics }) => [errorCode, topics.map(({ name }) => name)])).toEqual([
      [NONE, ['t']],
      [NONE, []],
    ])
  })

  test('without a group id, or with an unknown topic id, is refused', () => {
    const { client } = begun()
    const topics = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitionIndexes: [0] }]
    const told = client.call(offsetFetch, 10, {
      groups: [
        { groupId: '', topics },
        { groupId: 'g', topics },
      ],
    }).groups
    expect(told[0]?.errorCode).toBe(ErrorCode.INVALID_GROUP_ID)
    expect(told[1]?.topics[0]?.partitions[0]?.errorCode).toBe(ErrorCode.UNKNOWN_TOPIC_ID)
  })
})
