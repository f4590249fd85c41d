import { metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const NOT_ENOUGH_REPLICAS = 19
const MESSAGE_TOO_LARGE = 10

/** Each record of 400 bytes is a batch of its own. */
const ONE_RECORD_PER_BATCH = { batchSize: 600, requestTimeoutMs: 1000, deliveryTimeoutMs: 2000 }

describe('scenario 35: batches in the queue', () => {
  test('expire at deliveryTimeoutMs after their calls, in their order', async () => {
    const world = new World()
    const producer = world.producer(ONE_RECORD_PER_BATCH)
    await world.until(producer.partitionsFor('t'))
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    const startMs = world.nowMs
    const expired: string[] = []
    for (const name of ['a', 'b', 'c']) {
      producer.produce({ topic: 't', value: name.repeat(400) }, (error) =>
        expired.push(`${name} ${error?.code} ${error?.outcome} after ${world.nowMs - startMs} ms`),
      )
      await world.pass(100)
    }
    await world.untilTrue(() => expired.length === 3)
    expect(expired).toEqual([
      'a DELIVERY_TIMEOUT never after 2000 ms',
      'b DELIVERY_TIMEOUT never after 2100 ms',
      'c DELIVERY_TIMEOUT never after 2200 ms',
    ])
  })

  test('wait for ever when deliveryTimeoutMs is as long as a number can be', async () => {
    const world = new World()
    const producer = world.producer({ deliveryTimeoutMs: 2 ** 31 - 1 })
    await world.until(producer.partitionsFor('t'))
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    const sent = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.pass(200_000)
    expect(sent()).toEqual({ state: 'pending' })
    world.network.listen({ host: 'broker-1', port: 9092 }, world.host(1).accept)
    await world.untilTrue(() => sent().state === 'fulfilled')
  })
})

describe('scenario 37: a first batch that expires in flight', () => {
  test('leaves nothing unresolved: what waits behind it goes on in a new epoch', async () => {
    const world = new World()
    const producer = world.producer({ ...ONE_RECORD_PER_BATCH, deliveryTimeoutMs: 1500 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (_request, ordinal) => (ordinal <= 2 ? { kind: 'hang' } : undefined))
    const first = world.failureOf(producer.send({ topic: 't', value: '1'.repeat(400) }))
    await world.pass(600)
    const second = producer.send({ topic: 't', value: '2'.repeat(400) })
    expect(await first).toMatchObject({ outcome: 'unknown' })
    expect(await world.until(second)).toMatchObject({ offset: 2 })
    expect(world.wire.batches.at(-1)?.batch).toMatchObject({ producerEpoch: 1, baseSequence: 0 })
    expect(world.wire.violations).toEqual([])
  })
})

describe('scenario 38: a batch whose time is over', () => {
  test.each([NOT_ENOUGH_REPLICAS, MESSAGE_TOO_LARGE])('is neither tried again nor split (%i)', async (errorCode) => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '-' }))
    world.network.timing.latencyMs = 480
    world.onRequest(produce, (request) => refuseProduce(request, errorCode))
    const sent = ['0', '1'].map((value) => world.watch(producer.send({ topic: 't', value })))
    await world.pass(900)
    world.network.timing.latencyMs = 200
    await world.pass(3000)
    const attempts = world.wire.batches.length
    for (const outcome of sent) expect(outcome()).toMatchObject({ state: 'rejected' })
    await world.pass(3000)
    expect(world.wire.batches).toHaveLength(attempts)
    expect(world.valuesIn('t')).toEqual(['-'])
  })
})

describe('scenario 40: the pause before a retry', () => {
  test('grows by half to twice its length, up to its limit, and falls away when the leader moves', async () => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 1)
    const producer = world.producer({ retryBackoffMs: 400, retryBackoffMaxMs: 3000, metadataMaxAgeMs: 200 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, (request) =>
      request.nodeId === 1 ? refuseProduce(request, NOT_ENOUGH_REPLICAS) : undefined,
    )
    const sent = producer.send({ topic: 't', value: '1' })
    await world.untilTrue(() => world.wire.batches.length === 7)
    const times = world.wire.batches.slice(1).map(({ request }) => request.atMs)
    for (const [i, plainMs] of [400, 800, 1600, 3000, 3000].entries()) {
      const pauseMs = (times[i + 1] ?? 0) - (times[i] ?? 0)
      expect(pauseMs).toBeGreaterThanOrEqual(plainMs * 0.8)
      expect(pauseMs).toBeLessThanOrEqual(plainMs * 1.2 + 3)
    }
    world.elect('t', 0, 2)
    const startMs = world.nowMs
    await world.until(sent)
    expect(world.nowMs - startMs, 'metadata comes every 200 ms').toBeLessThan(300)
  })
})

describe('scenario 41, fault 4, 5: a connection that breaks', () => {
  test.each([
    ['with the request half out', 50, 10],
    ['right after the request', 0, 1],
    ['with the answer on its way', 0, 2],
  ])('%s leaves a batch that is written once', async (_when, leaveMs, atMs) => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.network.timing.leaveMs = leaveMs
    const sent = producer.send({ topic: 't', value: '1' })
    await world.pass(atMs - 0.5)
    for (const socket of world.network.openSockets) socket.reset()
    world.network.timing.leaveMs = 0
    expect(await world.until(sent)).toMatchObject({ offset: 1 })
    expect(world.valuesIn('t')).toEqual(['0', '1'])
    const [, first, second] = world.wire.batches
    expect(second?.bytes).toEqual(first?.bytes)
  })
})

describe('scenario 42, platformatic #377: a leader that cannot be reached', () => {
  test.each(['refuses connections', 'is silent'])('and %s is asked after, and its successor used', async (how) => {
    const world = new World({ brokers: 2 })
    world.elect('t', 0, 2)
    const producer = world.producer({ requestTimeoutMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const address = { host: 'broker-2', port: 9092 }
    if (how === 'is silent') world.network.listen(address, 'silent')
    else world.network.unlisten(address)
    world.host(2).reset()
    await world.pass(10)
    world.elect('t', 0, 1)
    const startMs = world.nowMs
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.nowMs - startMs).toBeLessThan(11_000)
    expect(world.wire.of(metadata).length).toBeGreaterThan(1)
  })
})

describe('scenario 43: brokers that were all down', () => {
  test('get the first record soon after they are up again', async () => {
    const world = new World({ brokers: 3 })
    const producer = world.producer({ bootstrapServers: ['broker-1:9092', 'broker-2:9092', 'broker-3:9092'] })
    await world.until(producer.send({ topic: 't', value: '0' }))
    for (const host of world.hosts) {
      world.network.unlisten({ host: `broker-${host.broker.nodeId}`, port: 9092 })
      host.reset()
    }
    await world.pass(60_000)
    const sent = producer.send({ topic: 't', value: '1' })
    await world.pass(5000)
    for (const host of world.hosts)
      world.network.listen({ host: `broker-${host.broker.nodeId}`, port: 9092 }, host.accept)
    const startMs = world.nowMs
    await world.until(sent)
    expect(world.nowMs - startMs, 'reconnectBackoffMaxMs is a second').toBeLessThan(1300)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })
})
