import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const EXPIRED = { state: 'rejected', error: { code: 'EXPIRED', outcome: 'never', retriable: false } }

describe('a record with ttlMs', () => {
  test('that is not sent in time fails then, frees its memory, and is not in the log', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const sent = ['short', 'long', 'plain'].map((value, i) =>
      world.watch(producer.send({ topic: 't', value, ...[{ ttlMs: 300 }, { ttlMs: 3000 }, {}][i] })),
    )
    const startMs = world.nowMs
    await world.pass(299)
    expect(sent[0]?.().state).toBe('pending')
    await world.pass(2)
    expect(sent[0]?.()).toMatchObject({ ...EXPIRED, atMs: startMs + 300 })
    expect(producer.health().bufferedRecords).toBe(2)
    await world.until(producer.flush())
    expect(sent.slice(1).map((outcome) => outcome().state)).toEqual(['fulfilled', 'fulfilled'])
    expect(world.valuesIn('t')).toEqual(['long', 'plain'])
    expect(producer.health().bufferedBytes).toBe(0)
    await world.pass(5000)
    expect(sent[1]?.()).toMatchObject({ state: 'fulfilled' })
  })

  test('that waits behind a batch without an answer expires; the one that is on the wire does not', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 5000 } : undefined))
    await world.until(producer.partitionsFor('t'))
    const first = world.watch(producer.send({ topic: 't', value: 'first', ttlMs: 100 }))
    await world.pass(10)
    const second = world.watch(producer.send({ topic: 't', value: 'second', ttlMs: 100 }))
    await world.pass(200)
    expect(first().state).toBe('pending')
    expect(second()).toMatchObject(EXPIRED)
    await world.until(producer.flush())
    expect(first().state).toBe('fulfilled')
    expect(world.valuesIn('t')).toEqual(['first'])
  })

  test('between two attempts goes its way: a broker may have it', async () => {
    const world = new World()
    const producer = world.producer({ retryBackoffMs: 500 })
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, 19) : undefined))
    const sent = producer.send({ topic: 't', value: 'v', ttlMs: 100 })
    expect(await world.until(sent)).toMatchObject({ offset: 0 })
  })

  test('whose topic is unknown, or for which there is no memory, expires as well', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 130_000 })
    await world.until(producer.partitionsFor('t'))
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const early = world.watch(producer.send({ topic: 'later', value: 'early', ttlMs: 100 }))
    producer.produce({ topic: 't', value: 'f'.repeat(60_000) })
    await world.pass(10)
    const large = world.watch(producer.send({ topic: 't', value: 'l'.repeat(100_000), ttlMs: 100 }))
    await world.pass(200)
    for (const outcome of [early, large]) expect(outcome()).toMatchObject(EXPIRED)
    expect(producer.produce({ topic: 't', value: 'small' }), 'the way is open again').toBe(true)
  })

  test('tells a callback, streams and forTopic() too', async () => {
    const world = new World()
    const producer = world.producer()
    const told: unknown[] = []
    producer.produce({ topic: 'later', value: 'a', ttlMs: 50 }, (error) => told.push(error?.code))
    const orders = world.watch(producer.forTopic('later').send({ value: 'b', ttlMs: 60 }))
    const third = world.watch(producer.send('later', 'c', { ttlMs: 70 }))
    await world.pass(100)
    expect(told).toEqual(['EXPIRED'])
    for (const outcome of [orders, third]) expect(outcome()).toMatchObject(EXPIRED)
  })

  test('and a signal fails once, with whichever came first', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const abort = new AbortController()
    const options = { signal: abort.signal }
    const aborted = world.watch(producer.send({ topic: 't', value: 'a', ttlMs: 100 }, options))
    const kept = world.watch(producer.send({ topic: 't', value: 'kept' }))
    abort.abort()
    await world.pass(200)
    const expired = world.watch(producer.send({ topic: 't', value: 'b', ttlMs: 100 }))
    await world.until(producer.flush())
    expect(aborted()).toMatchObject({ error: { code: 'ABORTED' } })
    expect([kept().state, expired().state]).toEqual(['fulfilled', 'fulfilled'])
    expect(producer.health()).toMatchObject({ bufferedBytes: 0, bufferedRecords: 0 })
    expect(world.valuesIn('t')).toEqual(['kept', 'b'])
  })

  test('takes its transaction with it', async () => {
    const world = new World({ brokers: 1 })
    const producer = world.producer({ transactionalId: 'x', lingerMs: 1000 })
    const failed = producer.transaction(async (tx) => {
      await producer.partitionsFor('t')
      tx.send({ topic: 't', value: 'v', ttlMs: 10 }).catch(() => {})
      await world.pass(50)
    })
    expect(await world.failureOf(failed)).toMatchObject({ code: 'EXPIRED', requiresAbort: true })
  })

  test.each([0, -1, Number.NaN, '5', Infinity])('of %s is refused', async (ttlMs) => {
    const producer = new World().producer()
    await expect(producer.send({ topic: 't', value: 'v', ttlMs: unchecked(ttlMs) })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('ttlMs must be milliseconds from 1') as unknown,
    })
  })
})
