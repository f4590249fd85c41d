import { endTxn, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { requestsOf, transactionalProducer, transactionalWorld, VERSIONS } from './transactional-world.ts'

describe.each(VERSIONS)('close() within a transaction of v%i', (version) => {
  test('aborts it, also if close() is called twice', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    await world.until(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    void producer.close()
    await world.until(producer.close())
    expect(requestsOf(world, 'EndTxn')).toBe(1)
  })

  test('ends with the abort, also if close() is called once more', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    world.onRequest(endTxn, () => ({ kind: 'delay', delayMs: 200 }))
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    await world.until(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    const start = world.nowMs
    const first = producer.close()
    await world.pass(50)
    void producer.close()
    await world.until(first)
    expect(world.nowMs - start).toBeGreaterThan(199)
  })

  test('while a commit waits for sendAll() fails the commit', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const unhandled = await world.unhandledWhile(async () => {
      const transaction = producer.beginTransaction()
      let go = (): void => {}
      async function* slow() {
        yield { topic: 't', partition: 0, value: 'a' }
        await new Promise<void>((resolve) => {
          go = resolve
        })
        yield { topic: 't', partition: 0, value: 'b' }
      }
      const all = world.watch(transaction.sendAll(slow()))
      const committed = world.watch(transaction.commit())
      await world.pass(100)
      const closed = world.watch(producer.close())
      go()
      await world.pass(200_000)
      expect(all()).toMatchObject({ state: 'rejected' })
      expect(closed()).toMatchObject({ state: 'fulfilled' })
      expect(committed()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED' } })
      await new Promise((resolve) => setImmediate(resolve))
    })
    expect(unhandled).toEqual([])
  })

  test('at once, while a commit waits for a sendAll() without end, fails the commit', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    world.watch(transaction.sendAll(oneWithoutEnd()))
    const committed = world.watch(transaction.commit())
    await world.pass(100)
    await world.until(producer.close({ timeoutMs: 0 }))
    await world.pass(300_000)
    expect(committed()).toMatchObject({ state: 'rejected' })
  })

  test('is not needed: a producer that fails for good fails a commit that waits for a sendAll() without end', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request) => refuseProduce(request, 90))
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    world.watch(transaction.sendAll(oneWithoutEnd()))
    const committed = world.watch(transaction.commit())
    await world.pass(300_000)
    expect(committed()).toMatchObject({ state: 'rejected' })
  })

  test('while a commit is under way that fails aborts', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, ordinal) => (ordinal === 2 ? refuseProduce(request, 87) : undefined))
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    await world.until(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    world.watch(transaction.send({ topic: 't', partition: 0, value: 'b' }))
    const committed = world.watch(transaction.commit())
    await world.until(producer.close())
    expect(committed()).toMatchObject({ state: 'rejected' })
    expect(requestsOf(world, 'EndTxn')).toBe(1)
  })

  test('while transaction() commits and fails aborts', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, ordinal) => (ordinal === 2 ? refuseProduce(request, 87) : undefined))
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const committed = world.watch(
      producer.transaction(async (transaction) => {
        await transaction.send({ topic: 't', partition: 0, value: 'a' })
        world.watch(transaction.send({ topic: 't', partition: 0, value: 'b' }))
      }),
    )
    await world.untilTrue(() => requestsOf(world, 'Produce') === 2)
    await world.until(producer.close())
    expect(committed()).toMatchObject({ state: 'rejected' })
    expect(requestsOf(world, 'EndTxn')).toBe(1)
  })

  test('keeps a transaction() that waits for its turn from running its callback', async () => {
    const world = transactionalWorld(version)
    world.onRequest(endTxn, () => ({ kind: 'delay', delayMs: 200 }))
    const producer = transactionalProducer(world)
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    world.watch(transaction.send({ topic: 't', partition: 0, value: 'a' }))
    const c = world.watch(transaction.commit())
    await world.pass(50)
    let ran = false
    const second = world.watch(
      producer.transaction(() => {
        ran = true
      }),
    )
    await world.until(producer.close())
    await world.pass(1000)
    expect(c()).toMatchObject({ state: 'fulfilled' })
    expect(second()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED' } })
    expect(ran).toBe(false)
  })
})

async function* oneWithoutEnd() {
  yield { topic: 't', partition: 0, value: 'a' }
  await new Promise<void>(() => {})
}
