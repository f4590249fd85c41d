import { describe, expect, test } from 'vitest'
import { committedValues, invalidConfigOf, transactionalProducer, transactionalWorld } from './transactional-world.ts'

const INVALID_CALL = { code: 'INVALID_TRANSACTION_CALL', outcome: 'never', fatal: false }

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('it was expected to throw')
}

describe('scenario 53: a call that has no place', () => {
  test('without a transactionalId is refused, and says what is missing', async () => {
    const world = transactionalWorld(2)
    const producer = world.producer()
    for (const call of [
      () => producer.initTransactions(),
      () => producer.commitTransaction(),
      () => producer.abortTransaction(),
      () => producer.transaction(() => {}),
      () => producer.sendOffsetsToTransaction([], { groupId: 'g' }),
    ]) {
      expect(await world.failureOf(call())).toMatchObject(INVALID_CALL)
    }
    expect(thrownBy(() => producer.beginTransaction())).toMatchObject(INVALID_CALL)
    expect(String(thrownBy(() => producer.beginTransaction()))).toContain('transactionalId')
  })

  test('outside a transaction is refused: send, produce, offsets, commit, abort', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    expect(await world.failureOf(producer.send({ topic: 't', value: 'x' }))).toMatchObject(INVALID_CALL)
    expect(await world.failureOf(producer.commitTransaction())).toMatchObject(INVALID_CALL)
    expect(await world.failureOf(producer.abortTransaction())).toMatchObject(INVALID_CALL)
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    expect(await world.failureOf(producer.sendOffsetsToTransaction(offsets, { groupId: 'g' }))).toMatchObject(
      INVALID_CALL,
    )
    const told: unknown[] = []
    expect(producer.produce({ topic: 't', value: 'x' }, (error) => told.push(error))).toBe(true)
    await world.pass(1)
    expect(told).toMatchObject([INVALID_CALL])
    expect(world.valuesIn('t')).toEqual([])
  })

  test('before initTransactions() is refused; transaction() does that by itself', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    expect(thrownBy(() => producer.beginTransaction())).toMatchObject(INVALID_CALL)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'a' })))
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('while another transaction is open is refused, and that one goes on', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    const first = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await expect(producer.transaction(() => {})).rejects.toMatchObject(INVALID_CALL)
      expect(thrownBy(() => producer.beginTransaction())).toMatchObject(INVALID_CALL)
      await expect(producer.send({ topic: 't', value: 'x' })).rejects.toMatchObject(INVALID_CALL)
      await expect(producer.commitTransaction()).rejects.toMatchObject(INVALID_CALL)
    })
    const second = world.failureOf(producer.transaction(() => {}))
    await world.until(first)
    expect(await second).toMatchObject(INVALID_CALL)
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('on a transaction that has ended is refused, while the next one is open', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const first = producer.beginTransaction()
    await world.until(first.commit())
    const second = producer.beginTransaction()
    expect(await world.failureOf(first.send({ topic: 't', value: 'x' }))).toMatchObject(INVALID_CALL)
    expect(await world.failureOf(first.abort())).toMatchObject(INVALID_CALL)
    await world.until(second.send({ topic: 't', partition: 0, value: 'b' }))
    await world.until(second.commit())
    expect(committedValues(world, 't')).toEqual(['b'])
  })

  test('of close() while a callback runs makes no commit of it', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    const failed = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'a' })
      await producer.close()
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'CLOSED', outcome: 'never' })
    expect(committedValues(world, 't')).toEqual([])
  })

  test('after close() is CLOSED', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(producer.close())
    expect(await world.failureOf(producer.initTransactions())).toMatchObject({ code: 'CLOSED' })
    expect(await world.failureOf(producer.transaction(() => {}))).toMatchObject({ code: 'CLOSED' })
  })

  test('initTransactions() a second time changes nothing', async () => {
    const world = transactionalWorld(2)
    const producer = transactionalProducer(world)
    await world.until(Promise.all([producer.initTransactions(), producer.initTransactions()]))
    await world.until(producer.initTransactions())
    expect(world.wire.requests.filter(({ apiName }) => apiName === 'InitProducerId')).toHaveLength(1)
  })
})

describe('a configuration', () => {
  test.each([
    [{ transactionalId: '' }, 'transactionalId'],
    [{ transactionalId: 'tx', enableIdempotence: false }, 'transactionalId'],
    [{ transactionalId: 'tx', acks: 1 as const }, 'transactionalId'],
    [{ transactionalId: 'tx', retries: 0 }, 'transactionalId'],
    [{ transactionalId: 'tx', transactionTimeoutMs: 0 }, 'transactionTimeoutMs'],
  ])('%j is refused, and the error names the key', (config, key) => {
    expect(invalidConfigOf(config)).toContain(key)
  })
})
