import { endTxn, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import {
  committedValues,
  requestsOf,
  transactionalProducer,
  transactionalWorld,
  VERSIONS,
} from './transactional-world.ts'

const NOT_COORDINATOR = 16
const INVALID_TXN_STATE = 48
const TRANSACTION_ABORTABLE = 120

describe.each(VERSIONS)('fault 55: an EndTxn of v%i without an answer', (version) => {
  test.each(['close-before', 'close-after'] as const)('(%s) is asked again in the same direction', async (kind) => {
    const world = transactionalWorld(version)
    world.onRequest(endTxn, (_request, ordinal) => (ordinal === 1 ? { kind } : undefined))
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    expect(committedValues(world, 't')).toEqual(['a', 'b'])
    const directions = world.wire.requests.filter(({ apiName }) => apiName === 'EndTxn')
    expect(directions.every(({ frame }) => frame.at(-2) === 1 || frame.at(-1) === 1)).toBe(true)
  })

  test('makes the next transaction begin in a new epoch: what is late cannot reach it', async () => {
    const world = transactionalWorld(version)
    world.onRequest(endTxn, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    const epochs = world.wire.batches.map(({ batch }) => batch.producerEpoch)
    expect(epochs[1]).toBeGreaterThan(epochs[0] ?? Infinity)
    expect(requestsOf(world, 'InitProducerId')).toBe(version === 1 ? 2 : 1)
  })

  test('is a TRANSACTION_TIMEOUT with outcome unknown after maxBlockMs, and goes on', async () => {
    const world = transactionalWorld(version)
    let isLost = true
    world.onRequest(endTxn, () => (isLost ? { kind: 'close-before' } : undefined))
    const producer = transactionalProducer(world, { maxBlockMs: 3000 })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(producer.commitTransaction())).toMatchObject({
      code: 'TRANSACTION_TIMEOUT',
      outcome: 'unknown',
      fatal: false,
    })
    const conflicting = { code: 'INVALID_TRANSACTION_CALL' }
    expect(await world.failureOf(producer.abortTransaction()), 'the other way').toMatchObject(conflicting)
    expect(() => producer.beginTransaction(), 'T7').toThrow(/commitTransaction/)
    isLost = false
    await world.until(producer.commitTransaction())
    expect(committedValues(world, 't')).toEqual(['a'])
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    expect(committedValues(world, 't')).toEqual(['a', 'b'])
  })

  test('scenario 52: that came to its end meanwhile is told to the next call of the same', async () => {
    const world = transactionalWorld(version)
    let isLost = true
    world.onRequest(endTxn, () => (isLost ? { kind: 'close-before' } : undefined))
    const producer = transactionalProducer(world, { maxBlockMs: 1000 })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    await world.failureOf(producer.commitTransaction())
    isLost = false
    await world.pass(5_000)
    expect(committedValues(world, 't')).toEqual(['a'])
    expect(() => producer.beginTransaction()).toThrow(/commitTransaction/)
    await world.until(producer.commitTransaction())
    producer.beginTransaction()
  })

  test('keeps transaction() from beginning the next one until it is known', async () => {
    const world = transactionalWorld(version)
    let isLost = true
    world.onRequest(endTxn, () => (isLost ? { kind: 'close-before' } : undefined))
    const producer = transactionalProducer(world, { maxBlockMs: 1000 })
    const first = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(first)).toMatchObject({ code: 'TRANSACTION_TIMEOUT', outcome: 'unknown' })
    const second = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' }))
    await world.pass(300)
    expect(world.valuesIn('t')).toEqual(['a'])
    isLost = false
    await world.until(second)
    expect(committedValues(world, 't')).toEqual(['a', 'b'])
  })

  test('is still of unknown outcome for who asks again when the producer has ended meanwhile', async () => {
    const world = transactionalWorld(version)
    world.onRequest(endTxn, () => ({ kind: 'close-after' }))
    const producer = transactionalProducer(world, { maxBlockMs: 1000 })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(producer.commitTransaction())).toMatchObject({ outcome: 'unknown' })
    await world.until(producer.close({ timeoutMs: 100 }))
    expect(await world.failureOf(producer.commitTransaction())).toMatchObject({ code: 'CLOSED', outcome: 'unknown' })
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('leaves the outcome unknown when the producer is closed before one comes', async () => {
    const world = transactionalWorld(version)
    world.onRequest(endTxn, () => ({ kind: 'close-after' }))
    const producer = transactionalProducer(world)
    const committed = world.failureOf(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    await world.pass(1000)
    await world.until(producer.close({ timeoutMs: 100 }))
    expect(await committed).toMatchObject({ code: 'CLOSED', outcome: 'unknown' })
    expect(committedValues(world, 't')).toEqual(['a'])
  })
})

describe.each(VERSIONS)('a commit of v%i that timed out and then fails with a record', (version) => {
  test.each(['at once', 'later'])('is rolled back, and the next transaction begins (%s)', async (when) => {
    const world = transactionalWorld(version)
    const untilMs = world.nowMs + 3500
    world.onRequest(produce, () => (world.nowMs < untilMs ? { kind: 'close-before' } : undefined))
    const producer = transactionalProducer(world, { maxBlockMs: 2000, requestTimeoutMs: 500, deliveryTimeoutMs: 3000 })
    const first = producer.transaction((tx) => void tx.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(first)).toMatchObject({ code: 'TRANSACTION_TIMEOUT', outcome: 'unknown' })
    if (when === 'later') await world.pass(5000)
    const second = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' }))
    await world.until(second)
    expect(committedValues(world, 't')).toEqual(['b'])
  })
})

describe.each(VERSIONS)('a commit of v%i that the coordinator refuses', (version) => {
  test('with INVALID_TXN_STATE is not done, and the next transaction begins anew', async () => {
    const world = transactionalWorld(version)
    world.cluster.faults.push({ api: 'EndTxn' }, { kind: 'error', errorCode: INVALID_TXN_STATE })
    const producer = transactionalProducer(world)
    const failed = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(failed)).toMatchObject({
      code: 'INVALID_TXN_STATE',
      outcome: 'never',
      fatal: false,
      requiresAbort: false,
    })
  })

  test('with TRANSACTION_ABORTABLE is not done, and abort leads on', async () => {
    const world = transactionalWorld(version)
    world.cluster.faults.push({ api: 'EndTxn' }, { kind: 'error', errorCode: TRANSACTION_ABORTABLE })
    const producer = transactionalProducer(world)
    const failed = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(failed)).toMatchObject({ code: 'TRANSACTION_ABORTABLE', requiresAbort: true })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    expect(committedValues(world, 't')).toEqual(['b'])
  })
})

describe.each(VERSIONS)('fault 56: a transaction of v%i that its coordinator ended', (version) => {
  test('is never a success; in v2 the producer lives on, in v1 it is finished', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { transactionTimeoutMs: 5000 })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    await world.pass(30_000)
    const error = await world.failureOf(producer.commitTransaction())
    expect(error.outcome).toBe('never')
    expect(error.fatal).toBe(version === 1)
    expect(committedValues(world, 't')).toEqual([])
    const next = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' }))
    if (version === 1) expect(await world.failureOf(next)).toMatchObject({ code: 'PRODUCER_FENCED', fatal: true })
    else {
      await world.until(next)
      expect(committedValues(world, 't')).toEqual(['b'])
    }
  })
})

describe('a commit that is done, before an epoch that cannot be had,', () => {
  test.each([
    ['for now', 'CLUSTER_AUTHORIZATION_FAILED', 31],
    ['any more', 'PRODUCER_FENCED', 90],
  ])('is told as done, and what comes after it fails (%s)', async (_name, code, errorCode) => {
    const world = transactionalWorld(1)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    world.onRequest(endTxn, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    world.cluster.faults.push({ api: 'InitProducerId' }, { kind: 'error', errorCode })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    expect(committedValues(world, 't')).toEqual(['a'])
    if (code === 'PRODUCER_FENCED')
      expect(await world.failureOf(producer.transaction(() => {}))).toMatchObject({ code })
    else await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
  })
})

describe.each(VERSIONS)(
  'T7: in v%i a commit without an answer, and then a refusal that only an abort follows,',
  (version) => {
    test.each(['FindCoordinator', 'EndTxn'])(
      'is no abort: the producer ends, and the outcome is unknown (%s)',
      async (api) => {
        const world = transactionalWorld(version)
        const producer = transactionalProducer(world)
        await world.until(producer.initTransactions())
        const refusal = { kind: 'error', errorCode: TRANSACTION_ABORTABLE } as const
        const lost = { kind: 'close', when: 'after' } as const
        world.cluster.faults.push({ api: 'EndTxn' }, lost, ...(api === 'EndTxn' ? [refusal] : []))
        if (api === 'FindCoordinator') world.cluster.faults.push({ api }, refusal)
        const committed = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
        expect(await world.failureOf(committed)).toMatchObject({ outcome: 'unknown', fatal: true })
        expect(committedValues(world, 't')).toEqual(['a'])
      },
    )
  },
)

describe.each(VERSIONS)('a commit of v%i that was answered with an error, and is done,', (version) => {
  test.each([
    ['COORDINATOR_NOT_AVAILABLE', 15],
    ['CONCURRENT_TRANSACTIONS', 51],
    ['NOT_COORDINATOR', 16],
    ['COORDINATOR_LOAD_IN_PROGRESS', 14],
  ])('has an unknown outcome when the producer is closed before another answer (%s)', async (_name, errorCode) => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { retryBackoffMs: 5000, retryBackoffMaxMs: 5000 })
    await world.until(producer.initTransactions())
    const fault = { kind: 'error', errorCode, when: 'after' } as const
    world.cluster.faults.push({ api: 'EndTxn' }, ...Array.from({ length: 20 }, () => fault))
    const committed = world.failureOf(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    await world.pass(1000)
    await world.until(producer.close({ timeoutMs: 10 }))
    expect(await committed).toMatchObject({ code: 'CLOSED', outcome: 'unknown' })
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('by a coordinator that was deposed meanwhile, has an unknown outcome for who is fenced then', async () => {
    const world = transactionalWorld(version)
    const old = transactionalProducer(world, { retryBackoffMs: 5000, retryBackoffMaxMs: 5000 })
    await world.until(old.initTransactions())
    world.cluster.faults.push({ api: 'EndTxn' }, { kind: 'error', errorCode: NOT_COORDINATOR, when: 'after' })
    const committed = world.failureOf(old.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    await world.pass(1000)
    await world.until(transactionalProducer(world).initTransactions())
    expect(await committed).toMatchObject({ code: 'PRODUCER_FENCED', outcome: 'unknown' })
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test.each([-1, 31_000])('and which nobody can tell from others, has an unknown outcome (%i)', async (errorCode) => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    world.cluster.faults.push({ api: 'EndTxn' }, { kind: 'error', errorCode, when: 'after' })
    const committed = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    expect(await world.failureOf(committed)).toMatchObject({ outcome: 'unknown', fatal: true })
    expect(committedValues(world, 't')).toEqual(['a'])
  })
})
