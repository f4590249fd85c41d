import { describe, expect, test } from 'vitest'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

describe('a record with delayMs or deliverAt', () => {
  test('is sent when it is time, in the order of the times', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.partitionsFor('t'))
    const startMs = world.nowMs
    const at = world.timeline.wallTimeMs
    const records = [{ delayMs: 300 }, { deliverAt: at + 100 }, { delayMs: 200 }, { deliverAt: at + 200 }, {}]
    const sent = records.map((timing, i) => world.watch(producer.send({ topic: 't', value: `${i}`, ...timing })))
    await world.pass(50)
    expect(world.valuesIn('t')).toEqual(['4'])
    await world.pass(1000)
    expect(world.valuesIn('t')).toEqual(['4', '1', '2', '3', '0'])
    const tookMs = sent.map((one) => {
      const outcome = one()
      return outcome.state === 'fulfilled' ? Math.floor((outcome.atMs - startMs) / 100) * 100 : outcome.state
    })
    expect(tookMs).toEqual([300, 100, 200, 200, 0])
  })

  test('whose time has passed is sent at once', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: 'v', deliverAt: 1000 }))
    await world.until(producer.send({ topic: 't', value: 'w', delayMs: 0 }))
    expect(world.valuesIn('t')).toEqual(['v', 'w'])
  })

  test('has the bytes of the call, and the timestamp of its time', async () => {
    const world = new World()
    const producer = world.producer()
    const value = Buffer.from('first')
    const key = Buffer.from('key')
    const sent = producer.send({ topic: 't', key, value, headers: { h: value }, delayMs: 1000 })
    const atMs = world.timeline.wallTimeMs
    value.write('other')
    key.write('yek')
    await world.until(sent)
    const [record] = world.recordsIn('t')
    expect(Buffer.from(record?.value ?? []).toString()).toBe('first')
    expect(Buffer.from(record?.key ?? []).toString()).toBe('key')
    expect(Number(record?.timestamp)).toBeGreaterThanOrEqual(atMs + 1000)
  })

  test('counts in bufferMemory while it is held back', async () => {
    const world = new World()
    const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 100_000 })
    await world.until(producer.partitionsFor('t'))
    const large = { topic: 't', value: 'x'.repeat(65_000), delayMs: 1000 }
    expect(producer.produce(large)).toBe(true)
    expect(producer.health()).toMatchObject({ delayedRecords: 1, bufferedRecords: 0, bufferedBytes: 65_536 + 200 })
    expect(producer.produce(large), 'no room').toBe(false)
    expect(await world.failureOf(producer.send(large))).toMatchObject({ code: 'BUFFER_EXHAUSTED', outcome: 'never' })
    while (!producer.produce({ ...large, delayMs: 10 })) await world.until(producer.drained())
    expect(world.valuesIn('t'), 'the first one had to leave').toHaveLength(1)
    await world.pass(2000)
    expect(world.valuesIn('t')).toHaveLength(2)
    expect(producer.health()).toMatchObject({ delayedRecords: 0, bufferedBytes: 0 })
  })

  test('is neither sent nor waited for by flush(), unless that is asked for', async () => {
    const world = new World()
    const producer = world.producer()
    const sent = world.watch(producer.send({ topic: 't', value: 'v', delayMs: 60_000 }))
    expect(await world.until(producer.flush())).toBe(0)
    expect(sent().state).toBe('pending')
    expect(await world.until(producer.flush({ delayed: 'send' }))).toBe(0)
    expect(sent()).toMatchObject({ state: 'fulfilled' })
    expect(world.nowMs).toBeLessThan(1000)
  })

  test('fails when the producer is closed, unless it is to be sent then', async () => {
    for (const delayed of ['discard', 'send'] as const) {
      const world = new World()
      const producer = world.producer()
      const sent = world.watch(producer.send({ topic: 't', value: 'v', delayMs: 60_000 }))
      await world.until(producer.close({ delayed }))
      if (delayed === 'send') expect(sent()).toMatchObject({ state: 'fulfilled', value: { offset: 0 } })
      else expect(sent()).toMatchObject({ error: { code: 'CLOSED', outcome: 'never' } })
      expect(world.valuesIn('t')).toHaveLength(delayed === 'send' ? 1 : 0)
    }
  })

  test('can be taken back by its signal, before its time and after', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const aborts = [new AbortController(), new AbortController()]
    const sent = aborts.map(({ signal }) =>
      world.watch(producer.send({ topic: 't', value: 'v', delayMs: 100 }, { signal })),
    )
    aborts[0]?.abort()
    await world.pass(200)
    expect(producer.health()).toMatchObject({ delayedRecords: 0, bufferedRecords: 1 })
    aborts[1]?.abort()
    await world.pass(2000)
    for (const outcome of sent) expect(outcome()).toMatchObject({ error: { code: 'ABORTED' } })
    expect(world.valuesIn('t')).toEqual([])
    expect(producer.health().bufferedBytes).toBe(0)
  })

  test('expires when it is not sent within ttlMs of its time', async () => {
    const world = new World()
    const producer = world.producer({ lingerMs: 1000 })
    await world.until(producer.partitionsFor('t'))
    const startMs = world.nowMs
    const sent = world.watch(producer.send({ topic: 't', value: 'v', delayMs: 500, ttlMs: 100 }))
    await world.pass(2000)
    expect(sent()).toMatchObject({ error: { code: 'EXPIRED' }, atMs: startMs + 600 })
  })

  test('is not known to transactions, and its time is one', async () => {
    const world = new World()
    const transactional = world.producer({ transactionalId: 'x' })
    await world.until(transactional.initTransactions())
    const tx = transactional.beginTransaction()
    expect(await world.failureOf(tx.send({ topic: 't', value: 'v', delayMs: 5 }))).toMatchObject({
      message: expect.stringContaining('cannot hold back') as unknown,
    })
    const producer = world.producer()
    for (const timing of [{ delayMs: -1 }, { deliverAt: 'soon' }, { delayMs: 1, deliverAt: 5 }, { delayMs: 2 ** 31 }]) {
      expect(await world.failureOf(producer.send(unchecked({ topic: 't', value: 'v', ...timing })))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        outcome: 'never',
      })
    }
  })
})
