import { apiVersions, metadata, produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { BrokerRequest, Fault } from '../world/broker-host.ts'
import type { Peer } from '../world/virtual-network.ts'
import { World } from '../world/world.ts'
import { alterAnswer } from './altered-answer.ts'

const BROKER = { host: 'broker-1', port: 9092 }

/** The request goes nowhere. */
const NO_ANSWER: Fault = { kind: 'answer', frame: Buffer.alloc(0) }

/** What the broker sends arrives as `send` makes of it. */
function between(world: World, send: (peer: Peer, bytes: Uint8Array) => void): void {
  const { accept } = world.host(1)
  world.network.listen(BROKER, (peer) => accept({ ...peer, send: (bytes) => send(peer, bytes) }))
}

/** Sends one record, and then spoils what comes. */
async function warmUp(
  world: World,
  config: Parameters<World['producer']>[0] = {},
): Promise<ReturnType<World['producer']>> {
  const producer = world.producer({ requestTimeoutMs: 2000, ...config })
  await world.until(producer.send({ topic: 't', value: '0' }))
  return producer
}

describe('fault 10: an answer that drips', () => {
  test('does not reset requestTimeoutMs with each byte: it counts from the send', async () => {
    const world = new World()
    let isDripping = false
    between(world, (peer, bytes) => {
      if (!isDripping) {
        peer.send(bytes)
        return
      }
      for (const [i, byte] of bytes.entries()) world.timeline.after(100 * i, () => peer.send(Buffer.of(byte)))
    })
    const producer = await warmUp(world)
    isDripping = true
    const startMs = world.nowMs
    const sent = producer.send({ topic: 't', value: '1' })
    await world.pass(2001)
    const connections = world.network.sockets.length
    isDripping = false
    await world.until(sent)
    expect(world.nowMs - startMs).toBeLessThan(2300)
    expect(world.network.sockets.length).toBeGreaterThan(connections)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test('is whole when its last byte comes in time', async () => {
    const world = new World()
    let freeAtMs = 0 // one answer after the other
    between(world, (peer, bytes) => {
      const startMs = Math.max(freeAtMs, world.nowMs)
      freeAtMs = startMs + bytes.length
      for (const [i, byte] of bytes.entries()) {
        world.timeline.after(startMs + i - world.nowMs, () => peer.send(Buffer.of(byte)))
      }
    })
    await warmUp(world)
    expect(world.valuesIn('t')).toEqual(['0'])
    expect(new Set(world.wire.batches.map(({ request }) => request.connectionId)).size).toBe(1)
  })
})

describe('fault 13: answers in one piece', () => {
  test('are each taken, in order', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 5 }] })
    const held: Uint8Array[] = []
    let isHolding = false
    between(world, (peer, bytes) => {
      if (!isHolding) {
        peer.send(bytes)
        return
      }
      held.push(Uint8Array.from(bytes))
      if (held.length === 5) peer.send(Buffer.concat(held))
    })
    const producer = world.producer({ maxProduceRequestBytes: 1 })
    await world.until(producer.send({ topic: 't', partition: 0, value: 'warm' }))
    isHolding = true
    const sent = [0, 1, 2, 3, 4].map((partition) => producer.send({ topic: 't', partition, value: 'v' }))
    await world.until(Promise.all(sent))
    expect(held).toHaveLength(5)
    expect(world.wire.batches).toHaveLength(6)
  })
})

describe('fault 7, fault 8, fault 9: a connection that stays up and says nothing', () => {
  test.each<[string, Fault]>([
    ['since the broker no longer reads', NO_ANSWER],
    ['since its answers get lost', { kind: 'hang' }],
  ])('%s, ends after requestTimeoutMs and is never used again', async (_why, fault) => {
    const world = new World()
    const producer = await warmUp(world)
    const [before] = world.wire.batches
    world.onRequest(produce, ({ connectionId }) => (connectionId === before?.request.connectionId ? fault : undefined))
    const startMs = world.nowMs
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(2000)
    expect(world.nowMs - startMs).toBeLessThan(2300)
    await world.until(producer.send({ topic: 't', value: '2' }))
    const [, , ...later] = world.wire.batches
    for (const { request } of later) expect(request.connectionId).not.toBe(before?.request.connectionId)
    expect(world.valuesIn('t'), 'what was written under it is known again').toEqual(['0', '1', '2'])
  })

  test('fault 19: a late answer to a request that timed out is not taken for that of the next', async () => {
    const world = new World()
    const producer = await warmUp(world)
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 2500 } : undefined))
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(await world.until(producer.send({ topic: 't', value: '2' }))).toMatchObject({ offset: 2 })
    await world.pass(5000)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })
})

describe('fault 14: a socket that never takes the bytes', () => {
  test('is given up after requestTimeoutMs', async () => {
    const world = new World()
    const producer = await warmUp(world)
    world.network.timing.leaveMs = Infinity
    const startMs = world.nowMs
    const sent = producer.send({ topic: 't', value: '1' })
    await world.pass(1999)
    world.network.timing.leaveMs = 0
    await world.until(sent)
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(2000)
    expect(world.nowMs - startMs).toBeLessThan(2300)
    expect(world.network.violations).toEqual([])
  })

  test('without acks too', async () => {
    const world = new World()
    const producer = await warmUp(world, { acks: 0 })
    world.network.timing.leaveMs = Infinity
    const startMs = world.nowMs
    const error = await world.failureOf(producer.send({ topic: 't', value: '1' }))
    expect(error).toMatchObject({ outcome: 'unknown' })
    expect(world.nowMs - startMs).toBe(2000)
  })

  test('gets no second request before the first has left', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 4 }] })
    const producer = await warmUp(world, { requestTimeoutMs: 60_000, deliveryTimeoutMs: 120_000 })
    world.network.timing.leaveMs = 20_000
    const before = world.wire.of(produce).length
    const sent = [0, 1, 2, 3].map(async (partition) => {
      await world.pass(0)
      return producer.send({ topic: 't', partition, value: 'v' })
    })
    await world.pass(10_000)
    expect(world.wire.of(produce).length - before).toBe(1)
    world.network.timing.leaveMs = 0
    await world.until(Promise.all(sent))
  })
})

describe('fault 12: answers that take long', () => {
  test.each([0, 50, 500])('%i ms each way lose nothing and keep the order', async (latencyMs) => {
    const world = new World({ topics: [{ name: 't', partitions: 3 }] })
    world.network.timing.latencyMs = latencyMs
    const producer = world.producer({ batchSize: 200 })
    const records = Array.from({ length: 60 }, (_, i) => ({ topic: 't', partition: i % 3, value: `${i}`.padEnd(40) }))
    await world.until(producer.sendAll(records))
    for (const partition of [0, 1, 2]) {
      expect(world.valuesIn('t', partition).map(Number)).toEqual(
        Array.from({ length: 20 }, (_, i) => i * 3 + partition),
      )
    }
    expect(world.wire.violations).toEqual([])
  })
})

describe('fault 47: a broker that asks for a pause (KIP-219)', () => {
  const throttle = (request: BrokerRequest, throttleTimeMs: number): Fault =>
    alterAnswer(request, produce, (response) => (response.throttleTimeMs = throttleTimeMs))

  test('still lets records expire in time, those too that come after others have expired', async () => {
    const world = new World()
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? throttle(request, 50_000) : undefined))
    const producer = world.producer({ deliveryTimeoutMs: 1500, requestTimeoutMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    for (const value of ['1', '2']) {
      const sentMs = world.nowMs
      const error = await world.failureOf(producer.send({ topic: 't', value }))
      expect(error).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'never' })
      expect(world.nowMs - sentMs, `record ${value}`).toBe(1500)
    }
  })

  test.each([1, 250, 5000, 59_000])('of %i ms gets it', async (pauseMs) => {
    const world = new World()
    const producer = await warmUp(world)
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? throttle(request, pauseMs) : undefined))
    await world.until(producer.send({ topic: 't', value: '1' }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(pauseMs)
    expect(world.nowMs - startMs).toBeLessThan(pauseMs + 20)
  })

  test.each([70_000, 2 ** 31 - 1])('of %i ms gets a minute: a broker is not lost for weeks', async (pauseMs) => {
    const world = new World()
    const producer = await warmUp(world)
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? throttle(request, pauseMs) : undefined))
    await world.until(producer.send({ topic: 't', value: '1' }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '2' }))
    expect(world.nowMs - startMs).toBeGreaterThanOrEqual(60_000)
    expect(world.nowMs - startMs).toBeLessThan(60_020)
  })

  test('is not asked through its bootstrap address instead', async () => {
    const world = new World()
    const producer = await warmUp(world)
    world.onRequest(produce, (request, ordinal) => (ordinal === 1 ? throttle(request, 30_000) : undefined))
    await world.until(producer.send({ topic: 't', value: '1' }))
    const [askedBefore, socketsBefore] = [world.wire.requests.length, world.network.sockets.length]
    const unknown = world.watch(producer.send({ topic: 'new', value: '2' }))
    await world.pass(29_000)
    expect(unknown()).toMatchObject({ state: 'pending' })
    expect(world.wire.requests.length).toBe(askedBefore)
    expect(world.network.sockets.length).toBe(socketsBefore)
    await world.pass(2_000)
    expect(world.wire.requests.length).toBeGreaterThan(askedBefore)
  })

  test("records do not outlive their time in it, and fail with 'never'", async () => {
    const world = new World()
    const producer = await warmUp(world, { deliveryTimeoutMs: 3000 })
    world.onRequest(produce, (request) => throttle(request, 30_000))
    await world.until(producer.send({ topic: 't', value: '1' }))
    const startMs = world.nowMs
    const error = await world.failureOf(producer.send({ topic: 't', value: '2' }))
    expect(error).toMatchObject({ code: 'DELIVERY_TIMEOUT', outcome: 'never' })
    expect(world.nowMs - startMs).toBe(3000)
  })

  test('holds up nobody else', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = await warmUp(world)
    const faultFor = world.host(1).faultFor
    world.host(1).faultFor = (request) => (request.api === produce ? throttle(request, 10_000) : faultFor(request))
    await world.until(producer.send({ topic: 't', partition: 0, value: '1' }))
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', partition: 1, value: '1' }))
    await world.until(producer.partitionsFor('t'))
    expect(world.nowMs - startMs).toBeLessThan(20)
  })

  test('gives what is in flight the time of the pause on top', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ requestTimeoutMs: 2000, maxProduceRequestBytes: 1 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    world.onRequest(produce, (request, ordinal) =>
      ordinal === 1 ? throttle(request, 5000) : { kind: 'delay', delayMs: 5500 },
    )
    await world.until(Promise.all([0, 1].map((partition) => producer.send({ topic: 't', partition, value: '1' }))))
    expect(world.wire.batches, 'none went a second time').toHaveLength(3)
  })

  test('in its answer to ApiVersions gets it too', async () => {
    const world = new World()
    world.onRequest(apiVersions, (request) =>
      alterAnswer(request, apiVersions, (response) => (response.throttleTimeMs = 1500)),
    )
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    expect(world.nowMs, 'the bootstrap server, and the leader').toBeGreaterThanOrEqual(3000)
    expect(world.nowMs).toBeLessThan(3100)
  })

  test('in its answer to Metadata gets it too', async () => {
    const world = new World()
    const producer = await warmUp(world, { metadataMaxAgeMs: 5000 })
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, (response) => (response.throttleTimeMs = 1500)),
    )
    await world.untilTrue(() => world.wire.of(metadata).length === 2)
    await world.pass(5)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeGreaterThan(1400)
    expect(world.nowMs - startMs).toBeLessThan(1510)
  })
})
