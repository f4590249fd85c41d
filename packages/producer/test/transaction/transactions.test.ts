import { describe, expect, test } from 'vitest'
import {
  committedValues,
  requestsOf,
  transactionalProducer,
  transactionalWorld,
  VERSIONS,
} from './transactional-world.ts'

describe.each(VERSIONS)('scenario 51: a transaction of v%i', (version) => {
  test('becomes visible in all its partitions when its function has returned, and answers what that did', async () => {
    const world = transactionalWorld(version, {
      topics: [
        { name: 't', partitions: 3 },
        { name: 'u', partitions: 1 },
      ],
    })
    const producer = transactionalProducer(world)
    const answer = await world.until(
      producer.transaction(async (tx) => {
        await tx.send({ topic: 't', partition: 1, value: 'a' })
        expect(committedValues(world, 't', 1)).toEqual([])
        void tx.send({ topic: 't', partition: 2, value: 'b' })
        tx.produce({ topic: 'u', value: 'c' })
        await tx.sendAll([{ topic: 'u', value: 'd' }])
        return 'done'
      }),
    )
    expect(answer).toBe('done')
    expect(committedValues(world, 't', 1)).toEqual(['a'])
    expect(committedValues(world, 't', 2)).toEqual(['b'])
    expect(committedValues(world, 'u')).toEqual(['c', 'd'])
  })

  test('waits for a sendAll that nobody awaited', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const tx = producer.beginTransaction()
    const all = tx.sendAll(['a', 'b', 'c'].map((value) => ({ topic: 't', partition: 0, value })))
    await world.until(tx.commit())
    expect(await all).toHaveLength(3)
    const byCallback = producer.transaction((next) => {
      void next.sendAll([{ topic: 't', partition: 0, value: 'd' }])
    })
    await world.until(byCallback)
    producer.beginTransaction()
    void producer.sendAll([{ topic: 't', partition: 0, value: 'e' }])
    await world.until(producer.commitTransaction())
    expect(committedValues(world, 't')).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  test('is never visible when its function throws, and the error is the caller’s own', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    const mine = new Error('out of stock')
    const failed = producer.transaction(async (tx) => {
      await tx.send({ topic: 't', partition: 0, value: 'gone' })
      throw mine
    })
    await expect(world.until(failed)).rejects.toBe(mine)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'next' })))
    expect(committedValues(world, 't')).toEqual(['next'])
    expect(world.valuesIn('t')).toContain('gone')
  })

  test('goes on after many others, in order', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    for (let n = 0; n < 20; n++) {
      const end = producer.transaction(async (tx) => {
        await tx.send({ topic: 't', partition: 0, value: `${n}` })
        if (n % 3 === 0) await tx.abort()
      })
      await world.until(end)
    }
    expect(committedValues(world, 't')).toEqual(
      Array.from({ length: 20 }, (_, n) => `${n}`).filter((_, n) => n % 3 !== 0),
    )
    expect(world.wire.violations).toEqual([])
  })

  test('of nothing asks the coordinator nothing', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    await world.until(producer.transaction(() => {}))
    producer.beginTransaction()
    await world.until(producer.abortTransaction())
    expect(requestsOf(world, 'EndTxn')).toBe(0)
  })

  test('scenario 54: does not let its records linger', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { lingerMs: 60_000 })
    const startMs = world.nowMs
    await world.until(producer.transaction((tx) => void tx.send({ topic: 't', partition: 0, value: 'a' })))
    expect(world.nowMs - startMs).toBeLessThan(1_000)
    expect(committedValues(world, 't')).toEqual(['a'])
  })

  test('by hand: begin, send, commit, and once more with what begin answers', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    await world.until(producer.commitTransaction())
    const tx = producer.beginTransaction()
    await world.until(tx.send({ topic: 't', partition: 0, value: 'b' }))
    await world.until(tx.commit())
    expect(committedValues(world, 't')).toEqual(['a', 'b'])
  })

  test('is aborted at the end of its block, unless it was committed', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const run = async (value: string, isCommitted: boolean): Promise<void> => {
      await using tx = producer.beginTransaction()
      await tx.send({ topic: 't', partition: 0, value })
      if (isCommitted) await tx.commit()
    }
    await world.until(run('a', false))
    await world.until(run('b', true))
    expect(committedValues(world, 't')).toEqual(['b'])
  })

  test('scenario 63: drops what was not sent when it is aborted, with TRANSACTION_ABORTED and never', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { lingerMs: 10_000 })
    await world.until(producer.initTransactions())
    const tx = producer.beginTransaction()
    const unsent = world.failureOf(tx.send({ topic: 't', partition: 0, value: 'a' }))
    await world.pass(100)
    await world.until(tx.abort())
    expect(await unsent).toMatchObject({ code: 'TRANSACTION_ABORTED', outcome: 'never', requiresAbort: false })
    expect(world.valuesIn('t')).toEqual([])
  })

  test('is aborted by close(), which waits for that', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'gone' }))
    await world.until(producer.close())
    expect(world.cluster.transactions.get('tx')?.metadata.state).toMatch(/^Complete|^Empty/)
    expect(committedValues(world, 't')).toEqual([])
  })

  test('is left to the coordinator by close() when that cannot be reached for long', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { deliveryTimeoutMs: 30_000, maxBlockMs: 5000 })
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'a' }))
    world.cluster.faults.intercept((request) =>
      request.apiName === 'EndTxn' ? { kind: 'close', when: 'before' } : undefined,
    )
    const startMs = world.nowMs
    await world.until(producer.close())
    expect(world.nowMs - startMs).toBeLessThan(36_000)
  })

  test('is left to the coordinator by close() without time', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    producer.beginTransaction()
    await world.until(producer.send({ topic: 't', partition: 0, value: 'gone' }))
    await world.until(producer.close({ timeoutMs: 0 }))
    expect(requestsOf(world, 'EndTxn')).toBe(0)
    await world.pass(70_000)
    expect(committedValues(world, 't')).toEqual([])
  })
})

test('v2 begins every transaction in a new epoch, v1 stays in one', async () => {
  const epochs = async (version: 1 | 2): Promise<number[]> => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    for (let n = 0; n < 3; n++) {
      await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'x' })))
    }
    return world.wire.batches.map(({ batch }) => batch.producerEpoch)
  }
  expect(await epochs(1)).toEqual([0, 0, 0])
  expect(await epochs(2)).toEqual([0, 1, 2])
})

test('records of a transaction say that they are of one, and under which transactional id', async () => {
  for (const version of VERSIONS) {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', partition: 0, value: 'x' })))
    expect(world.wire.batches.map(({ batch }) => batch.isTransactional)).toEqual([true])
    expect(world.wire.batches[0]?.request.apiVersion).toBe(version === 1 ? 11 : 13)
    expect(requestsOf(world, 'AddPartitionsToTxn')).toBe(version === 1 ? 1 : 0)
  }
})
