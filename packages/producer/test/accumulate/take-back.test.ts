import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { resolveConfig } from '../../src/config/resolve-config.ts'
import { Engine } from '../../src/engine.ts'
import { KafkaError, type Producer, type ProducerConfig } from '../../src/index.ts'
import { refuseProduce } from '../world/broker-host.ts'
import { unchecked } from '../world/unchecked.ts'
import { World } from '../world/world.ts'

const ABORTED = { state: 'rejected', error: { code: 'ABORTED', outcome: 'never', retriable: false } }

/** A producer whose records linger for a second. */
async function lingering(world: World, config: Partial<ProducerConfig> = {}): Promise<Producer> {
  const producer = world.producer({ lingerMs: 1000, ...config })
  await world.until(producer.partitionsFor('t'))
  return producer
}

describe('fault 68: a record whose signal is aborted', () => {
  test('in a batch that was not sent fails at once, and is not in the log', async () => {
    const world = new World()
    const producer = await lingering(world)
    const abort = new AbortController()
    const sent = ['0', '1', '2', '3'].map((value, i) =>
      world.watch(producer.send({ topic: 't', value }, i === 1 || i === 2 ? { signal: abort.signal } : undefined)),
    )
    await world.pass(10)
    abort.abort()
    await world.pass(0)
    expect(sent[1]?.()).toMatchObject(ABORTED)
    expect(sent[2]?.()).toMatchObject(ABORTED)
    await world.until(producer.flush())
    expect(sent[0]?.()).toMatchObject({ value: { offset: 0 } })
    expect(sent[3]?.()).toMatchObject({ value: { offset: 1 } })
    expect(world.valuesIn('t')).toEqual(['0', '3'])
    expect(world.wire.batches.map(({ batch }) => batch.records.length)).toEqual([2])
  })

  test('leaves no gap in the sequences', async () => {
    const world = new World()
    const producer = await lingering(world)
    const abort = new AbortController()
    for (const round of ['a', 'b']) {
      const kept = producer.send({ topic: 't', value: round })
      const gone = world.watch(producer.send({ topic: 't', value: 'gone' }, { signal: abort.signal }))
      await world.pass(1)
      abort.abort()
      await world.until(kept)
      expect(gone()).toMatchObject(ABORTED)
    }
    expect(world.wire.batches.map(({ batch }) => batch.baseSequence)).toEqual([0, 1])
  })

  test('makes no batch longer than batchSize, although the timestamps were counted from its own', async () => {
    const batchSize = 300
    const world = new World()
    const producer = await lingering(world, { batchSize })
    const abort = new AbortController()
    const far = producer.send({ topic: 't', value: 'x', timestamp: 1_577_836_800_000 }, { signal: abort.signal })
    const gone = world.watch(far)
    const timestamps = Array.from({ length: 40 }, (_, i) => (i === 0 ? 1_767_225_695_320 : 1_577_836_800_000))
    const kept = timestamps.map((timestamp) => producer.send({ topic: 't', value: 'x', timestamp }))
    abort.abort()
    await world.until(Promise.all(kept))
    expect(gone()).toMatchObject(ABORTED)
    expect(world.recordsIn('t').map(({ timestamp }) => Number(timestamp))).toEqual(timestamps)
    for (const { bytes } of world.wire.batches) expect(bytes.length).toBeLessThanOrEqual(batchSize)
  })

  test('leaves the others their own timestamps', async () => {
    const world = new World()
    const producer = await lingering(world)
    const abort = new AbortController()
    const timestamps = [5000, 1000, 9000, 3000]
    const sent = timestamps.map((timestamp, i) =>
      world.watch(producer.send({ topic: 't', value: 'v', timestamp }, i % 2 === 0 ? { signal: abort.signal } : {})),
    )
    abort.abort()
    await world.until(producer.flush())
    expect([sent[1]?.(), sent[3]?.()]).toMatchObject([{ value: { timestamp: 1000 } }, { value: { timestamp: 3000 } }])
    expect(world.recordsIn('t').map(({ timestamp }) => Number(timestamp))).toEqual([1000, 3000])
  })

  test('in a batch that is full and waits its turn is counted out: flush() and close() do not wait for it', async () => {
    const world = new World()
    const producer = await lingering(world, { lingerMs: 0, batchSize: 1000 })
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 1000 } : undefined))
    const first = world.watch(producer.send({ topic: 't', value: 'first' }))
    await world.pass(10)
    const aborts = Array.from({ length: 6 }, () => new AbortController())
    const sent = aborts.map(({ signal }, i) =>
      world.watch(producer.send({ topic: 't', value: `${i}`.repeat(300) }, { signal })),
    )
    // Batches of three: one of the first goes, and all of the second.
    for (const i of [1, 3, 4, 5]) aborts[i]?.abort()
    expect(await world.until(producer.flush())).toBe(0)
    expect(first().state).toBe('fulfilled')
    expect(sent.map((outcome) => outcome().state === 'fulfilled')).toEqual([true, false, true, false, false, false])
    expect(world.valuesIn('t').map((value) => value[0])).toEqual(['f', '0', '2'])
    expect(world.wire.batches).toHaveLength(2)
    await world.until(producer.close())
  })

  test('alone in its batch leaves nothing to send', async () => {
    const world = new World()
    const producer = await lingering(world)
    const abort = new AbortController()
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }, { signal: abort.signal }))
    abort.abort(new Error('the caller has gone'))
    await world.pass(2000)
    expect(sent()).toMatchObject({ ...ABORTED, error: { cause: { message: 'the caller has gone' } } })
    expect(world.wire.batches).toEqual([])
    expect(await world.until(producer.flush())).toBe(0)
  })

  test('while its topic is unknown fails at once, and those around it go on', async () => {
    const world = new World()
    const producer = world.producer()
    const aborts = Array.from({ length: 5 }, () => new AbortController())
    const sent = aborts.map(({ signal }, i) =>
      world.watch(producer.send({ topic: 'later', value: `${i}` }, { signal })),
    )
    await world.pass(10)
    for (const i of [0, 2, 4]) aborts[i]?.abort()
    await world.pass(0)
    expect(sent.map((outcome) => outcome().state === 'pending')).toEqual([false, true, false, true, false])
    world.cluster.createTopic({ name: 'later', partitions: 1 })
    await world.until(producer.flush())
    expect(world.valuesIn('later')).toEqual(['1', '3'])
    for (const i of [0, 2, 4]) expect(sent[i]?.()).toMatchObject(ABORTED)
  })

  test('while it waits for memory fails at once, and those behind it pass', async () => {
    const world = new World()
    const producer = await lingering(world, { bufferMemory: 131_072, maxRequestSize: 130_000, lingerMs: 0 })
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 5000 } : undefined))
    const first = producer.send({ topic: 't', value: 'f'.repeat(60_000) })
    await world.pass(10)
    const abort = new AbortController()
    const large = world.watch(producer.send({ topic: 't', value: 'l'.repeat(100_000) }, { signal: abort.signal }))
    const small = world.watch(producer.send({ topic: 't', value: 'small' }))
    await world.pass(10)
    expect(world.wire.batches).toHaveLength(1)
    abort.abort()
    await world.pass(0)
    expect(large()).toMatchObject(ABORTED)
    await world.until(first)
    await world.until(producer.flush())
    expect(small()).toMatchObject({ state: 'fulfilled' })
    expect(world.valuesIn('t').map((value) => value[0])).toEqual(['f', 's'])
  })

  test('while it alone waits for memory, or for its topic, leaves the way open at once', async () => {
    const world = new World()
    const producer = await lingering(world, { bufferMemory: 131_072, maxRequestSize: 130_000 })
    world.onRequest(produce, () => ({ kind: 'hang' }))
    producer.produce({ topic: 't', value: 'f'.repeat(60_000) })
    await world.pass(1100)
    const abort = new AbortController()
    const { signal } = abort
    const large = world.watch(producer.send({ topic: 't', value: 'l'.repeat(100_000) }, { signal }))
    const early = world.watch(producer.send({ topic: 'later', value: 'early' }, { signal }))
    expect(producer.produce({ topic: 't', value: 'small' }), 'nobody passes').toBe(false)
    abort.abort()
    expect(producer.produce({ topic: 't', value: 'small' })).toBe(true)
    await world.pass(0)
    for (const outcome of [large, early]) expect(outcome()).toMatchObject(ABORTED)
  })

  test('on the wire goes its way: it is written, and told so', async () => {
    const world = new World()
    const producer = await lingering(world, { lingerMs: 0 })
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'close-after' } : undefined))
    const abort = new AbortController()
    const sent = producer.send({ topic: 't', value: 'v' }, { signal: abort.signal })
    await world.untilTrue(() => world.wire.batches.length === 1)
    abort.abort()
    expect(await world.until(sent)).toMatchObject({ offset: 0 })
    expect(world.valuesIn('t')).toEqual(['v'])
  })

  test('between two attempts goes its way too: its sequence is taken', async () => {
    const world = new World()
    const producer = await lingering(world, { lingerMs: 0, retryBackoffMs: 500 })
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? refuseProduce(request, 19) : undefined))
    const abort = new AbortController()
    const sent = producer.send({ topic: 't', value: 'v' }, { signal: abort.signal })
    await world.pass(100)
    expect(world.wire.batches).toHaveLength(1)
    abort.abort()
    expect(await world.until(sent)).toMatchObject({ offset: 0 })
    const [first, second] = world.wire.batches
    expect(second?.bytes).toEqual(first?.bytes)
  })

  test('before the call is not taken at all', async () => {
    const world = new World()
    const producer = world.producer()
    const sent = producer.send({ topic: 't', value: 'v' }, { signal: AbortSignal.abort() })
    expect(await world.failureOf(sent)).toMatchObject({ code: 'ABORTED', outcome: 'never' })
    expect(world.wire.requests).toEqual([])
  })

  test('after it was settled changes nothing, and the signal forgets the record', async () => {
    const world = new World()
    const producer = await lingering(world, { lingerMs: 0 })
    const abort = new AbortController()
    let listeners = 0
    const { signal } = abort
    const { addEventListener, removeEventListener } = signal
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++
      addEventListener.apply(signal, args)
    }
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--
      removeEventListener.apply(signal, args)
    }
    for (let i = 0; i < 3; i++) await world.until(producer.send({ topic: 't', value: `${i}` }, { signal }))
    expect(listeners).toBe(0)
    abort.abort()
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })

  test('that is no signal is refused', async () => {
    const world = new World()
    const sent = world.producer().send({ topic: 't', value: 'v' }, { signal: unchecked('stop') })
    expect(await world.failureOf(sent)).toMatchObject({ code: 'INVALID_ARGUMENT', outcome: 'never' })
  })

  test('by a callback of another record is taken back as well', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 500 })
    const abort = new AbortController()
    producer.produce({ topic: 'unknown', value: '0' }, () => abort.abort())
    const sent = world.watch(producer.send({ topic: 'unknown', value: '1' }, { signal: abort.signal }))
    await world.pass(600)
    expect(sent()).toMatchObject({ state: 'rejected' })
    expect(await world.until(producer.flush())).toBe(0)
  })
})

describe('memory of records that were taken back', () => {
  test('is given back to the last byte, whatever they were waiting for', async () => {
    const world = new World()
    const engine = new Engine(resolveConfig({ bootstrapServers: 'broker-1:9092' }), world.ports(), () => {})
    const known = engine.metadata.topicFor('t')
    const unknown = engine.metadata.topicFor('unknown')
    let failed = 0
    const error = new KafkaError('ABORTED', 'taken back', { outcome: 'never' })
    for (const topic of [known, unknown, known]) {
      for (let i = 0; i < 20; i++) {
        const taken = engine.offer(topic, 0, null, 'v'.repeat(300), [], 1, () => failed++, undefined, true)
        if (taken === undefined || !('group' in taken)) throw new Error('it does not wait')
        engine.takeBack(taken, error)
      }
    }
    expect(failed).toBe(60)
    expect(engine.memory.takenBytes).toBe(0)
    expect(engine.flushes.unsettledCount).toBe(0)
    await world.pass(5000)
    expect(world.wire.batches).toEqual([])
  })

  test('comes back as soon as the rest of the batch is sealed', async () => {
    const world = new World()
    const producer = await lingering(world, { bufferMemory: 131_072, maxRequestSize: 100_000 })
    const abort = new AbortController()
    const gone = Array.from({ length: 30 }, () =>
      world.watch(producer.send({ topic: 't', value: 'v'.repeat(3000) }, { signal: abort.signal })),
    )
    const kept = world.watch(producer.send({ topic: 't', value: 'kept' }))
    abort.abort()
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 5000 }))
    await world.pass(1500)
    for (const outcome of gone) expect(outcome()).toMatchObject(ABORTED)
    const startMs = world.nowMs
    const next = Array.from({ length: 30 }, () => producer.produce({ topic: 't', value: 'v'.repeat(3000) }))
    expect(next, 'there is room, though the kept record is still in flight').toEqual(next.map(() => true))
    expect(kept().state).toBe('pending')
    await world.until(producer.flush())
    expect(world.nowMs).toBeGreaterThan(startMs)
    expect(world.recordsIn('t')).toHaveLength(31)
  })
})
