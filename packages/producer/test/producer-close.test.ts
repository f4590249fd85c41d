import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { World } from './world/world.ts'

describe('close()', () => {
  test('of an idle producer is done at once, and a second call too', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(Promise.all([producer.close(), producer.close()]))
    await world.until(producer.close())
    expect(world.nowMs).toBe(0)
  })

  test('sends what lingers, then ends every connection and timer', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ lingerMs: 60_000, metadataMaxAgeMs: 1000 })
    const sent = [0, 1, 2].map((partition) => world.watch(producer.send({ topic: 't', partition, value: 'v' })))
    await world.until(producer.close())
    expect(sent.map((outcome) => outcome().state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    await world.pass(10)
    expect(world.network.openSockets).toEqual([])
    expect(world.timeline.nextEventMs, 'nothing is planned any more').toBe(Infinity)
  })

  test('with timeout 0 is done after the callback of a record that could never be sent', async () => {
    const world = new World()
    const producer = world.producer()
    const told: unknown[] = []
    producer.produce({ topic: 'no topic name', value: 'v' }, (error) => told.push(error?.code))
    await world.until(producer.close({ timeoutMs: 0 }).then(() => told.push('closed')))
    expect(told).toEqual(['INVALID_ARGUMENT', 'closed'])
  })

  test('waits for records in flight', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 4000 }))
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(100)
    await world.until(producer.close())
    expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 0 } })
  })

  test("with timeout 0 discards what was never sent ('never') and lets go of what is in flight ('unknown')", async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1 }] })
    const producer = world.producer({ lingerMs: 0 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const inFlight = world.watch(producer.send({ topic: 't', value: '1' }))
    await world.pass(10)
    const queued = world.watch(producer.send({ topic: 't', value: '2' }))
    const waiting = world.watch(producer.send({ topic: 'unknown', value: '3' }))
    const callbacks: unknown[] = []
    producer.produce({ topic: 't', value: '4' }, (error) => callbacks.push(error?.outcome))
    await world.until(producer.close({ timeoutMs: 0 }))
    await world.pass(0)
    expect(inFlight()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'unknown' } })
    expect(queued()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'never' } })
    expect(waiting()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'never' } })
    expect(callbacks).toEqual(['never'])
    expect(world.network.openSockets).toEqual([])
    await world.pass(10)
    expect(world.timeline.nextEventMs).toBe(Infinity)
  })

  test('with a timeout gives up then', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer.close({ timeoutMs: 700 }))
    await world.pass(0)
    expect(world.nowMs).toBe(700)
    expect(sent()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED', outcome: 'unknown' } })
  })

  test('ends also when no broker is there', async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody:9092', maxBlockMs: 3000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer.close())
    expect(sent()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
    expect(world.nowMs).toBe(3000)
  })

  test('settles flush(), drained() and sendAll() that are under way', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const records = Array.from({ length: 20 }, () => ({ topic: 't', value: 'x'.repeat(20_000) }))
    const all = world.watch(producer.sendAll(records))
    await world.pass(10)
    const others = [world.watch(producer.flush()), world.watch(producer.drained())]
    await world.until(producer.close({ timeoutMs: 0 }))
    await world.pass(0)
    expect(others.map((outcome) => outcome().state)).toEqual(['fulfilled', 'fulfilled'])
    expect(all().state).toBe('rejected')
  })

  test('lets drained() resolve afterwards too: nobody waits for ever', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 140_000, maxRequestSize: 100_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    while (producer.produce({ topic: 't', value: 'x'.repeat(20_000) }));
    await world.until(producer.close({ timeoutMs: 0 }))
    const drained = world.watch(producer.drained())
    await world.pass(10)
    expect(drained().state).not.toBe('pending')
  })

  test('afterwards send() rejects and produce() throws', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.close())
    expect(await world.failureOf(producer.send({ topic: 't', value: 'v' }))).toMatchObject({
      code: 'CLOSED',
      outcome: 'never',
    })
    expect(() => producer.produce({ topic: 't', value: 'v' })).toThrow('produce() after close()')
    expect(await world.failureOf(producer.partitionsFor('t'))).toMatchObject({ code: 'CLOSED' })
    expect(await world.failureOf(producer.sendAll([{ topic: 't', value: 'v' }]))).toMatchObject({ code: 'CLOSED' })
    expect(world.wire.of(metadata)).toEqual([])
  })

  test('is what `await using` does', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer[Symbol.asyncDispose]())
    expect(sent().state).toBe('fulfilled')
  })
})
