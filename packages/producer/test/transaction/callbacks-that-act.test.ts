import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { requestsOf, transactionalProducer, transactionalWorld, VERSIONS } from './transactional-world.ts'

describe.each(VERSIONS)('the callback of a record that an abort of v%i drops', (version) => {
  test('may close the producer, and the abort goes on', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { lingerMs: 1000 })
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    const a = transaction.send({ topic: 't', partition: 0, value: 'a' })
    void producer.flush()
    await world.until(a)
    const closed: Promise<void>[] = []
    transaction.produce({ topic: 't', partition: 0, value: 'b' }, () => {
      closed.push(producer.close())
    })
    const aborted = world.watch(transaction.abort())
    await world.untilTrue(() => closed.length > 0)
    await world.until(Promise.all(closed))
    expect(requestsOf(world, 'EndTxn')).toBe(1)
    expect(aborted()).toMatchObject({ state: 'fulfilled' })
  })

  test('may abort, as others do', async () => {
    const world = transactionalWorld(version)
    const producer = transactionalProducer(world, { lingerMs: 1000 })
    await world.until(producer.initTransactions())
    const transaction = producer.beginTransaction()
    let inner: (() => unknown) | undefined
    transaction.produce({ topic: 't', partition: 0, value: 'b' }, (error) => {
      if (error) inner = world.watch(transaction.abort())
    })
    await world.until(producer.partitionsFor('t'))
    await world.until(transaction.abort())
    await world.pass(100)
    expect(inner?.()).toMatchObject({ state: 'fulfilled' })
  })

  test('may abort without awaiting it', async () => {
    const world = transactionalWorld(version)
    world.onRequest(produce, (request, n) => (n === 1 ? refuseProduce(request, 87) : undefined))
    const producer = transactionalProducer(world, { batchSize: 200 })
    await world.until(producer.initTransactions())
    const unhandled = await world.unhandledWhile(async () => {
      const transaction = producer.beginTransaction()
      for (const v of ['a', 'b', 'c'])
        transaction.produce({ topic: 't', partition: 0, value: v.repeat(150) }, (e) => {
          if (e) void transaction.abort()
        })
      await world.pass(3000)
      await new Promise((resolve) => setImmediate(resolve))
    })
    expect(unhandled).toEqual([])
  })
})
