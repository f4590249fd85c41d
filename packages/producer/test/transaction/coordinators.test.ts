import { describe, expect, test } from 'vitest'
import {
  committedValues,
  requestsOf,
  transactionalProducer,
  transactionalWorld,
  VERSIONS,
} from './transactional-world.ts'

const COORDINATOR_LOAD_IN_PROGRESS = 14
const COORDINATOR_NOT_AVAILABLE = 15
const NOT_COORDINATOR = 16
const CONCURRENT_TRANSACTIONS = 51

const APIS = {
  1: ['FindCoordinator', 'InitProducerId', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'TxnOffsetCommit', 'EndTxn'],
  2: ['FindCoordinator', 'InitProducerId', 'TxnOffsetCommit', 'EndTxn'],
} as const

describe.each(VERSIONS)('fault 53, scenario 58: in v%i', (version) => {
  const faults = [
    ...[COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS].map(
      (errorCode) => ({ kind: 'error' as const, errorCode }),
    ),
    { kind: 'close' as const, when: 'before' as const },
    { kind: 'reset' as const, when: 'after' as const },
    { kind: 'cut' as const, afterBytes: 7 },
    { kind: 'hang' as const, when: 'after' as const },
    { kind: 'delay' as const, delayMs: 3000, when: 'before' as const },
  ]
  const cells = APIS[version].flatMap((api) => faults.map((fault) => ({ api, fault, name: JSON.stringify(fault) })))

  test.each(cells)('$api with $name once, and again: the transaction goes on', async ({ api, fault }) => {
    const world = transactionalWorld(version, { brokers: 3 })
    const producer = transactionalProducer(world, { requestTimeoutMs: 2000 })
    for (let n = 0; n < 2; n++) {
      world.cluster.faults.push({ api }, fault, fault)
      const end = producer.transaction(async (tx) => {
        await Promise.all([0, 1, 2].map((partition) => tx.send({ topic: 't', partition, value: `${n}` })))
        await tx.sendOffsets([{ topic: 't', partition: 0, offset: n + 1 }], { groupId: 'g' })
      })
      await world.until(end)
    }
    for (const partition of [0, 1, 2]) expect(committedValues(world, 't', partition)).toEqual(['0', '1'])
    expect(world.cluster.consumerOffsets.committed('g')).toMatchObject([{ topic: 't', partition: 0, offset: 2n }])
    expect(world.wire.violations).toEqual([])
  })

  test('a coordinator that moves between any two calls is found again', async () => {
    const world = transactionalWorld(version, { brokers: 3 })
    const producer = transactionalProducer(world)
    let moves = 0
    const move = (): void => world.cluster.moveCoordinator('tx', 1 + (moves++ % 3))
    for (let n = 0; n < 6; n++) {
      const end = producer.transaction(async (tx) => {
        move()
        await tx.send({ topic: 't', partition: 0, value: `${n}` })
        move()
      })
      await world.until(end)
      move()
    }
    expect(committedValues(world, 't')).toEqual(['0', '1', '2', '3', '4', '5'])
  })

  test('fault 54: CONCURRENT_TRANSACTIONS for 30 s is waited out in place', async () => {
    const world = transactionalWorld(version)
    const until = world.nowMs + 30_000
    world.cluster.faults.intercept((request) =>
      request.apiName === 'InitProducerId' && world.nowMs < until
        ? { kind: 'error', errorCode: CONCURRENT_TRANSACTIONS }
        : undefined,
    )
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    expect(world.nowMs).toBeGreaterThanOrEqual(until)
    expect(requestsOf(world, 'InitProducerId')).toBeLessThan(100)
  })

  test('one that is gone, while all brokers still name it, is asked for no more often than the back-off says', async () => {
    const world = transactionalWorld(version, { brokers: 3 })
    const { accept } = world.host(2)
    const address = { host: 'broker-2', port: 9092 }
    world.cluster.moveCoordinator('tx', 2)
    world.network.unlisten(address)
    const producer = transactionalProducer(world, { retryBackoffMs: 50, retryBackoffMaxMs: 50 })
    const initialized = producer.initTransactions()
    await world.pass(5000)
    expect(requestsOf(world, 'FindCoordinator')).toBeLessThan(150)
    world.network.listen(address, accept)
    await world.until(initialized)
  })

  test('nobody who coordinates is a TRANSACTION_TIMEOUT that says so, and can be waited for again', async () => {
    const world = transactionalWorld(version)
    let isAway = true
    world.cluster.faults.intercept((request) =>
      request.apiName === 'FindCoordinator' && isAway
        ? { kind: 'error', errorCode: COORDINATOR_NOT_AVAILABLE }
        : undefined,
    )
    const producer = transactionalProducer(world, { maxBlockMs: 2000 })
    const error = await world.failureOf(producer.initTransactions())
    expect(error).toMatchObject({ code: 'TRANSACTION_TIMEOUT', outcome: 'never', retriable: true })
    expect(error.message).toContain('COORDINATOR_NOT_AVAILABLE')
    isAway = false
    await world.until(producer.initTransactions())
  })
})

test.each([
  ['UNKNOWN_TOPIC_OR_PARTITION', 3],
  ['NOT_COORDINATOR', 16],
  ['CONCURRENT_TRANSACTIONS', 51],
])('an abort of v1 does not wait for partitions that cannot be added (%s)', async (_name, errorCode) => {
  const world = transactionalWorld(1, { brokers: 3 })
  world.cluster.faults.intercept((request) =>
    request.apiName === 'AddPartitionsToTxn' ? { kind: 'error', errorCode } : undefined,
  )
  const producer = transactionalProducer(world)
  await world.until(producer.initTransactions())
  const tx = producer.beginTransaction()
  const lost = world.failureOf(tx.send({ topic: 't', partition: 0, value: 'a' }))
  await world.pass(1000)
  await world.until(tx.abort())
  expect(await lost).toMatchObject({ code: 'TRANSACTION_ABORTED', outcome: 'never' })
  world.cluster.faults.clear()
  await world.until(producer.transaction((next) => next.send({ topic: 't', partition: 0, value: 'b' })))
  expect(committedValues(world, 't')).toEqual(['b'])
})

test.each(VERSIONS)(
  'in v%i a partition that is gone is noticed, and not asked for in the next transaction',
  async (version) => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { requestTimeoutMs: 500, deliveryTimeoutMs: 1000 })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 2, value: 'a' })))
    world.cluster.deleteTopic(world.cluster.topicNamed('t') ?? expect.unreachable())
    world.cluster.createTopic({ name: 't', partitions: 1 })
    const toAny = producer.transaction((tx) =>
      tx.sendAll([0, 1, 2, 3, 4, 5].map((n) => ({ topic: 't', key: `${n}`, value: `${n}` }))),
    )
    await world.failureOf(toAny)
    await world.until(
      producer.transaction((tx) => tx.sendAll([0, 1, 2, 3].map((n) => ({ topic: 't', key: `${n}`, value: `${n}` })))),
    )
    expect(committedValues(world, 't')).toEqual(['0', '1', '2', '3'])
  },
)
