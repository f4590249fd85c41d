import { saslAuthenticate } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { ProducerConfig, Statistics } from '../../src/index.ts'
import { World } from '../world/world.ts'
import { listenWithSasl, plainServer, type SaslListener } from './sasl-listener.ts'

const SESSION_MS = 2000

const PLAIN = {
  securityProtocol: 'SASL_SSL',
  sasl: { mechanism: 'PLAIN', username: 'orders', password: 'canary-of-plain' },
} as const satisfies Partial<ProducerConfig>

/** A world whose sessions end soon, and its judge. */
function worldWithSessions(seed: number = 1): { readonly world: World; readonly listener: SaslListener } {
  const world = new World({ seed, topics: [{ name: 't', partitions: 4 }] })
  const listener = listenWithSasl(world, {
    mechanism: 'PLAIN',
    server: () => plainServer('orders', PLAIN.sasl.password),
    sessionLifetimeMs: SESSION_MS,
  })
  return { world, listener }
}

describe('fault 82: a session that ends', () => {
  test.each([1, -1] as const)('under pipelined load with acks %s is renewed between requests', async (acks) => {
    for (let seed = 1; seed <= 5; seed++) {
      const { world, listener } = worldWithSessions(seed)
      world.network.timing.latencyMs = 7
      const producer = world.producer({ ...PLAIN, acks, maxProduceRequestBytes: 1 })
      const sent: Promise<unknown>[] = []
      for (let i = 0; i < 2000; i++) {
        sent.push(producer.send({ topic: 't', partition: i % 4, value: `${i}` }))
        await world.pass(5)
      }
      await world.until(Promise.all(sent))
      for (const partition of [0, 1, 2, 3]) {
        const expected = Array.from({ length: 500 }, (_, i) => i * 4 + partition)
        expect(world.valuesIn('t', partition).map(Number), `partition ${partition}, seed ${seed}`).toEqual(expected)
      }
      expect(listener.violations).toEqual([])
      expect(world.wire.violations).toEqual([])
      expect(world.wire.inFlightPeak, 'it is pipelined').toBeGreaterThan(1)
      expect(listener.authenticated.length).toBeGreaterThan(4)
      expect(world.network.sockets, 'none was made anew: the first is for the bootstrap').toHaveLength(2)
    }
  })

  test('is renewed without acks too, and every record arrives once and in order', async () => {
    const { world, listener } = worldWithSessions()
    world.network.timing.latencyMs = 7
    world.network.timing.leaveMs = 3
    world.network.timing.writtenMs = 3
    const producer = world.producer({ ...PLAIN, acks: 0 })
    const sent: Promise<unknown>[] = []
    for (let i = 0; i < 2000; i++) {
      sent.push(producer.send({ topic: 't', partition: 0, value: `${i}` }))
      await world.pass(5)
    }
    await world.until(Promise.all(sent))
    await world.pass(100)
    expect(world.valuesIn('t', 0).map(Number)).toEqual(Array.from({ length: 2000 }, (_, i) => i))
    expect(listener.violations).toEqual([])
    expect(listener.authenticated.length).toBeGreaterThan(4)
  })

  test('is renewed when 85 to 95 % of it have passed', async () => {
    const { world, listener } = worldWithSessions()
    await world.until(world.producer(PLAIN).connect())
    await world.pass(60_000)
    const times = listener.authenticated.map(({ atMs }) => atMs)
    const lives = times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0))
    expect(lives.length).toBeGreaterThan(25)
    for (const life of lives) {
      expect(life).toBeGreaterThanOrEqual(SESSION_MS * 0.85)
      expect(life).toBeLessThan(SESSION_MS * 0.96)
    }
    expect(Math.max(...lives) - Math.min(...lives), 'not all at once').toBeGreaterThan(50)
  })

  test('waits for answers that are late, and then goes on', async () => {
    const { world, listener } = worldWithSessions()
    const producer = world.producer(PLAIN)
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    world.network.timing.latencyMs = 1000
    const sent = Array.from({ length: 20 }, (_, i) => producer.send({ topic: 't', partition: i % 4, value: `${i}` }))
    await world.until(Promise.all(sent))
    expect(listener.violations).toEqual([])
  })

  test('leaves the producer connected while it is renewed', async () => {
    const { world, listener } = worldWithSessions()
    world.network.timing.latencyMs = 20
    const statistics: Statistics[] = []
    const producer = world.producer({ ...PLAIN, enableIdempotence: false, statisticsIntervalMs: 5 })
    await world.until(producer.send({ topic: 't', partition: 0, value: 'v' }))
    producer.on('statistics', (taken) => statistics.push(taken))
    const isConnected = new Set<boolean>()
    const counts = new Set<number>()
    while (listener.authenticated.length < 5) {
      await world.pass(5)
      isConnected.add(producer.health().isConnected)
      counts.add(producer.metrics().producer['connection-count'])
    }
    expect([...isConnected]).toEqual([true])
    expect([...counts]).toEqual([1])
    const states = statistics.map(({ brokers }) => brokers['broker-1:9092/1']?.state)
    expect([...new Set(states)]).toEqual(['UP'])
  })

  test('is no use of the connection: an idle one is closed all the same', async () => {
    const { world } = worldWithSessions()
    const producer = world.producer({ ...PLAIN, connectionsMaxIdleMs: 10_000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    await world.pass(20_000)
    expect(world.network.openSockets).toEqual([])
  })

  test('is never renewed where the broker sets no end', async () => {
    const { world, listener } = worldWithSessions()
    listener.options = { ...listener.options, sessionLifetimeMs: 0 }
    await world.until(world.producer(PLAIN).connect())
    await world.pass(400_000)
    expect(world.wire.of(saslAuthenticate)).toHaveLength(listener.authenticated.length)
    expect(new Set(listener.authenticated.map(({ connectionId }) => connectionId)).size).toBe(
      listener.authenticated.length,
    )
  })
})

describe('fault 83: a renewal', () => {
  test('that is refused ends the connection, and nothing is lost', async () => {
    const { world, listener } = worldWithSessions()
    const producer = world.producer(PLAIN)
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    listener.options = { ...listener.options, server: () => plainServer('orders', 'another') }
    await world.pass(SESSION_MS)
    expect(world.network.openSockets).toEqual([])
    const sent = producer.send({ topic: 't', partition: 0, value: '1' })
    await world.pass(5000)
    listener.options = { ...listener.options, server: () => plainServer('orders', PLAIN.sasl.password) }
    await world.until(sent)
    expect(world.valuesIn('t', 0)).toEqual(['0', '1'])
    expect(listener.violations).toEqual([])
  })

  test('that never ends is given up after requestTimeoutMs', async () => {
    const { world } = worldWithSessions()
    let isSlow = false
    const password = (): string | Promise<string> => (isSlow ? new Promise(() => {}) : PLAIN.sasl.password)
    const producer = world.producer({ ...PLAIN, sasl: { ...PLAIN.sasl, password }, requestTimeoutMs: 3000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    isSlow = true
    await world.pass(SESSION_MS)
    const sent = producer.send({ topic: 't', partition: 0, value: '1' })
    await world.pass(1000)
    isSlow = false
    await world.until(sent)
    expect(world.nowMs).toBeLessThan(7000)
    expect(world.valuesIn('t', 0)).toEqual(['0', '1'])
  })
})
