import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

/** The request goes nowhere. */
const NO_ANSWER: Fault = { kind: 'answer', frame: Buffer.alloc(0) }

/** The network forgets every connection without a word: what is sent on it goes nowhere. */
function forgetConnections(world: World): void {
  for (const host of world.hosts) {
    const stale = new Set(world.network.sockets.map(({ id }) => id))
    const others = host.faultFor
    host.faultFor = (request) => (stale.has(request.connectionId) ? NO_ANSWER : others(request))
  }
}

describe('connectionsMaxIdleMs', () => {
  test('closes a connection that nothing was sent on for so long, and the next record opens another', async () => {
    const world = new World()
    const producer = world.producer({ connectionsMaxIdleMs: 5000, metadataMaxAgeMs: 100_000, enableIdempotence: false })
    await world.until(producer.send({ topic: 't', value: '0' }))
    await world.pass(4900)
    expect(world.network.openSockets).toHaveLength(1)
    await world.pass(200)
    expect(world.network.openSockets).toEqual([])
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs, 'no back-off: nothing has failed').toBeLessThan(10)
  })

  test('shorter than the way to the broker and back does not close what has just answered', async () => {
    const world = new World()
    world.network.timing.latencyMs = 250
    const producer = world.producer({ connectionsMaxIdleMs: 300 })
    for (const value of ['0', '1', '2']) await world.until(producer.send({ topic: 't', value }))
    expect(world.nowMs).toBeLessThan(10_000)
    expect(world.valuesIn('t')).toEqual(['0', '1', '2'])
  })

  test('does not close one that still comes up', async () => {
    const world = new World()
    world.network.timing.connectMs = 1500
    const producer = world.producer({ connectionsMaxIdleMs: 300 })
    // A timer that rings meanwhile.
    await world.failureOf(producer.connect({ timeoutMs: 400 }))
    await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(world.nowMs).toBeLessThan(4000)
  })

  test('does not close one that waits for an answer', async () => {
    const world = new World()
    const producer = world.producer({ connectionsMaxIdleMs: 1000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'delay', delayMs: 5000 }))
    const sent = producer.send({ topic: 't', value: '1' })
    expect(await world.until(producer.flush({ timeoutMs: 3000 })), 'the clock has rung meanwhile').toBe(1)
    expect(await world.until(sent)).toMatchObject({ offset: 1 })
    expect(world.wire.of(produce)).toHaveLength(2)
  })

  test('-1 keeps it for ever', async () => {
    const world = new World()
    const producer = world.producer({
      connectionsMaxIdleMs: -1,
      metadataMaxAgeMs: 2_000_000_000,
      enableIdempotence: false,
    })
    await world.until(producer.send({ topic: 't', value: '0' }))
    await world.pass(1_000_000_000)
    expect(world.network.openSockets).toHaveLength(1)
  })
})

describe('fault 27: a firewall on the way forgets connections that are idle', () => {
  test('the first send after an idle hour arrives at once, on a new connection', async () => {
    const world = new World()
    const producer = world.producer({ metadataMaxAgeMs: 100_000_000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    forgetConnections(world)
    await world.pass(3_600_000)
    const startMs = world.nowMs
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.nowMs - startMs).toBeLessThan(10)
  })

  test('one that forgets sooner costs requestTimeoutMs, and nothing is lost', async () => {
    const world = new World()
    const producer = world.producer({ requestTimeoutMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    forgetConnections(world)
    await world.pass(60_000)
    const startMs = world.nowMs
    expect(await world.until(producer.send({ topic: 't', value: '1' }))).toMatchObject({ offset: 1 })
    expect(world.nowMs - startMs).toBeLessThan(5500)
  })
})
