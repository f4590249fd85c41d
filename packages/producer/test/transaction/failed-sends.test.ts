import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { committedValues, transactionalProducer, transactionalWorld, VERSIONS } from './transactional-world.ts'

const OUT_OF_ORDER_SEQUENCE_NUMBER = 45
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53
const INVALID_RECORD = 87

describe.each(VERSIONS)('T8: after a record has failed, in v%i,', (version) => {
  test('the commit is refused and abort leads on, though nobody awaited the record', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, ordinal) => (ordinal === 2 ? refuseProduce(request, INVALID_RECORD) : undefined))
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const tx = producer.beginTransaction()
    await world.until(tx.send({ topic: 't', partition: 0, value: 'a' }))
    void tx.send({ topic: 't', partition: 0, value: 'b' })
    expect(await world.failureOf(tx.commit())).toMatchObject({
      code: 'INVALID_RECORD',
      outcome: 'never',
      requiresAbort: true,
    })
    expect(await world.failureOf(tx.commit()), 'again').toMatchObject({ requiresAbort: true })
    expect(await world.failureOf(tx.send({ topic: 't', value: 'c' }))).toMatchObject({ requiresAbort: true })
    await world.until(tx.abort())
    await world.until(producer.transaction((next) => next.send({ topic: 't', partition: 0, value: 'd' })))
    expect(committedValues(world, 't')).toEqual(['d'])
  })

  test('transaction() aborts by itself and says why', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    const failed = producer.transaction((tx) => {
      void tx.send({ topic: 't', partition: 0, value: 'a' })
      void tx.send({ topic: 't', partition: 99, value: 'b' })
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'INVALID_ARGUMENT', requiresAbort: true })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'c' })))
    expect(committedValues(world, 't')).toEqual(['c'])
  })

  test('or offsets have ended the producer, transaction() does not take it for committed', async () => {
    const world = transactionalWorld(version)
    const fault = { kind: 'error', errorCode: TRANSACTIONAL_ID_AUTHORIZATION_FAILED } as const
    world.cluster.faults.push({ api: 'TxnOffsetCommit' }, fault)
    const producer = transactionalProducer(world)
    const failed = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await tx.sendOffsets([{ topic: 't', partition: 0, offset: 1 }], { groupId: 'g' }).catch(() => 'told')
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED', fatal: true })
    expect(committedValues(world, 't')).toEqual([])
  })

  test('that could never be sent, the commit is refused as well', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    const told: unknown[] = []
    const failed = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      tx.produce({ topic: '', value: 'b' }, (error) => told.push(error))
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'INVALID_ARGUMENT', requiresAbort: true })
    expect(told).toMatchObject([{ code: 'INVALID_ARGUMENT', requiresAbort: true }])
    expect(committedValues(world, 't')).toEqual([])
  })

  test('that was taken back by its signal, the commit goes on: that was the caller’s wish', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { lingerMs: 1000 })
    const committed = producer.transaction(async (tx) => {
      const controller = new AbortController()
      const taken = tx.send({ topic: 't', partition: 0, value: 'a' }, { signal: controller.signal })
      void tx.send({ topic: 't', partition: 0, value: 'b' })
      controller.abort()
      await expect(taken).rejects.toMatchObject({ code: 'ABORTED', requiresAbort: false })
    })
    await world.until(committed)
    expect(committedValues(world, 't')).toEqual(['b'])
  })

  test('with a lost sequence, it is not stamped anew: scenario 55', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 2 ? refuseProduce(request, OUT_OF_ORDER_SEQUENCE_NUMBER) : undefined,
    )
    const producer = transactionalProducer(world)
    const failed = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await tx.send({ topic: 't', partition: 0, value: 'b' })
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'OUT_OF_ORDER_SEQUENCE_NUMBER', requiresAbort: true })
    expect(new Set(world.wire.batches.map(({ batch }) => batch.producerEpoch)).size).toBe(1)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'c' })))
    expect(committedValues(world, 't')).toEqual(['c'])
    const last = world.wire.batches.at(-1)?.batch
    expect(last?.baseSequence).toBe(0)
    expect(last?.producerEpoch).toBeGreaterThan(0)
  })

  test('T11: a transaction in which every record failed is ended all the same', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, INVALID_RECORD) : undefined))
    const producer = transactionalProducer(world)
    await world.failureOf(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    expect(world.wire.requests.filter(({ apiName }) => apiName === 'EndTxn')).not.toEqual([])
    expect(world.cluster.transactions.get('tx')?.metadata.state).not.toBe('Ongoing')
  })

  test('that expired in flight, nothing of it can reach the next transaction', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'hang' } : undefined))
    const producer = transactionalProducer(world, { deliveryTimeoutMs: 2000, requestTimeoutMs: 1500 })
    const failed = producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' }))
    await world.until(failed.catch(() => {}))
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'b' })))
    expect(committedValues(world, 't').filter((value) => value === 'b')).toEqual(['b'])
    expect(world.wire.violations).toEqual([])
  })
})
