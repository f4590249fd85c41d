import { ConsumerGroup } from '@linger/broker'
import { describe, expect, test } from 'vitest'
import {
  committedValues,
  requestsOf,
  transactionalProducer,
  transactionalWorld,
  VERSIONS,
} from './transactional-world.ts'

const GROUP = { groupId: 'g', generationId: 3, memberId: 'm-1' }

describe.each(VERSIONS)('offsets of a consumer in a transaction of v%i', (version) => {
  test('are committed with it, and not before', async () => {
    const world = transactionalWorld(version)
    world.cluster.consumerOffsets.putGroup('g', new ConsumerGroup(3, [{ memberId: 'm-1' }]))
    const producer = transactionalProducer(world)
    const end = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await tx.sendOffsets(
        [
          { topic: 't', partition: 1, offset: 7, leaderEpoch: 2, metadata: 'here' },
          { topic: 't', partition: 2, offset: '9007199254740993' },
          { topic: 't', partition: 0, offset: 5n },
          { topic: 't', partition: 0, offset: 6n },
        ],
        GROUP,
      )
      expect(world.cluster.consumerOffsets.committed('g')).toEqual([])
    })
    await world.until(end)
    const committed = world.cluster.consumerOffsets.committed('g').toSorted((a, b) => a.partition - b.partition)
    expect(committed).toMatchObject([
      { partition: 0, offset: 6n },
      { partition: 1, offset: 7n, leaderEpoch: 2, metadata: 'here' },
      { partition: 2, offset: 9_007_199_254_740_993n },
    ])
    expect(requestsOf(world, 'AddOffsetsToTxn')).toBe(version === 1 ? 1 : 0)
  })

  test('are not committed when it is aborted', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    const end = producer.transaction(async (tx) => {
      await tx.sendOffsets([{ topic: 't', partition: 1, offset: 7 }], { groupId: 'g' })
      await tx.abort()
    })
    await world.until(end)
    expect(world.cluster.consumerOffsets.committed('g')).toEqual([])
  })

  test('that nobody awaits are waited for by the commit', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    const end = producer.transaction((tx) => {
      void tx.sendOffsets([{ topic: 't', partition: 1, offset: 7 }], { groupId: 'g' })
      void tx.sendOffsets([{ topic: 't', partition: 2, offset: 8 }], { groupId: 'h' })
    })
    await world.until(end)
    expect(world.cluster.consumerOffsets.committed('g')).toMatchObject([{ partition: 1, offset: 7n }])
    expect(world.cluster.consumerOffsets.committed('h')).toMatchObject([{ partition: 2, offset: 8n }])
  })

  test.each([
    ['another generation', { ...GROUP, generationId: 2 }, 'ILLEGAL_GENERATION'],
    ['an unknown member', { ...GROUP, memberId: 'm-2' }, 'UNKNOWN_MEMBER_ID'],
    ['an instance that another member has', { ...GROUP, memberId: 'm-2', groupInstanceId: 'i' }, 'FENCED_INSTANCE_ID'],
  ])('scenario 64: of %s are refused, and the transaction with them', async (_, group, code) => {
    const world = transactionalWorld(version)
    const members = [{ memberId: 'm-1', groupInstanceId: 'i' }]
    world.cluster.consumerOffsets.putGroup('g', new ConsumerGroup(3, members))
    const producer = transactionalProducer(world)
    const end = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await tx.sendOffsets([{ topic: 't', partition: 1, offset: 7 }], group)
    })
    expect(await world.failureOf(end)).toMatchObject({ code, requiresAbort: true, fatal: false, outcome: 'never' })
    expect(committedValues(world, 't')).toEqual([])
    expect(world.cluster.consumerOffsets.committed('g')).toEqual([])
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    expect(committedValues(world, 't')).toEqual(['b'])
  })

  test('of a member are not committed unchecked where the brokers cannot check it', async () => {
    const world = transactionalWorld(1)
    for (const host of world.hosts) host.versions = { TxnOffsetCommit: [0, 2] }
    const producer = transactionalProducer(world)
    const offsets = [{ topic: 't', partition: 1, offset: 7 }]
    const checked = producer.transaction((tx) => tx.sendOffsets(offsets, GROUP))
    expect(await world.failureOf(checked)).toMatchObject({ code: 'UNSUPPORTED_VERSION', fatal: false })
    await world.until(producer.transaction((tx) => tx.sendOffsets(offsets, { groupId: 'g' })))
    expect(world.cluster.consumerOffsets.committed('g')).toMatchObject([{ partition: 1, offset: 7n }])
  })
})

test.each([
  ['a negative offset', [{ topic: 't', partition: 0, offset: -1 }], { groupId: 'g' }],
  ['a broken offset', [{ topic: 't', partition: 0, offset: 1.5 }], { groupId: 'g' }],
  ['an offset in words', [{ topic: 't', partition: 0, offset: 'seven' }], { groupId: 'g' }],
  ['an offset beyond int64', [{ topic: 't', partition: 0, offset: '9223372036854775808' }], { groupId: 'g' }],
  ['no topic', [{ topic: '', partition: 0, offset: 1 }], { groupId: 'g' }],
  ['no partition', [{ topic: 't', partition: -1, offset: 1 }], { groupId: 'g' }],
  ['no group', [{ topic: 't', partition: 0, offset: 1 }], { groupId: '' }],
  ['a broken generation', [{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g', generationId: 1.5 }],
])('%s is INVALID_ARGUMENT, and fails the transaction', async (_, offsets, group) => {
  const world = transactionalWorld(2)
  const producer = transactionalProducer(world)
  const end = producer.transaction(async (tx) => {
    await tx.send({ topic: 't', partition: 0, value: 'a' })
    tx.sendOffsets(offsets, group).catch(() => {})
  })
  expect(await world.failureOf(end)).toMatchObject({ code: 'INVALID_ARGUMENT', requiresAbort: true })
  expect(committedValues(world, 't')).toEqual([])
})

test('no offsets are nothing to commit', async () => {
  const world = transactionalWorld(2)
  const producer = transactionalProducer(world)
  await world.until(producer.transaction((tx) => tx.sendOffsets([], { groupId: 'g' })))
  expect(requestsOf(world, 'TxnOffsetCommit')).toBe(0)
})
