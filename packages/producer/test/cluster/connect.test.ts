import { apiVersions, metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { PeerEvents } from '../world/virtual-network.ts'
import { World } from '../world/world.ts'

const BROKER = { host: 'broker-1', port: 9092 }

/** Somebody else's server: answers whatever it is sent with the same bytes. */
function answers(world: World, hex: string): void {
  world.network.listen(BROKER, (peer): PeerEvents => ({
    onData: () => peer.send(Buffer.from(hex, 'hex')),
    onClosed: () => {},
  }))
}

describe('connect()', () => {
  test.each([true, false])('resolves when a broker has answered, idempotent: %s', async (enableIdempotence) => {
    const world = new World()
    const producer = world.producer({ enableIdempotence })
    await world.until(producer.connect())
    expect(world.wire.of(metadata)).toHaveLength(1)
    await world.until(producer.close())
  })

  test('a second call on a connected producer resolves without a word to the brokers', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.connect())
    const before = world.wire.of(metadata).length
    await world.until(producer.connect())
    expect(world.wire.of(metadata)).toHaveLength(before)
  })

  test('to nothing fails as soon as every bootstrap server has refused', async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody-1:9092,nobody-2:9092' })
    const error = await world.failureOf(producer.connect())
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never', retriable: true })
    expect(error.message).toContain('nobody-1:9092 cannot be reached: connect ECONNREFUSED')
    expect(error.message).toContain('nobody-2:9092 cannot be reached')
    expect(world.nowMs).toBeLessThan(100)
  })

  test('uses the bootstrap server that is there', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const world = new World({ seed })
      const producer = world.producer({ bootstrapServers: ['nobody:9092', 'broker-1:9092', 'nobody:9093'] })
      await world.until(producer.connect())
    }
  })

  test('to an address that drops packets fails at its timeout', async () => {
    const world = new World()
    world.network.listen(BROKER, 'silent')
    const producer = world.producer()
    const error = await world.failureOf(producer.connect({ timeoutMs: 3000 }))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED', outcome: 'never' })
    expect(error.message).toContain('no broker answered within 3000 ms')
    expect(world.nowMs).toBe(3000)
  })

  test('to a server that accepts and says nothing fails when the setup takes too long', async () => {
    const world = new World()
    world.onRequest(apiVersions, () => ({ kind: 'hang' }))
    const producer = world.producer({ socketConnectionSetupTimeoutMs: 2000 })
    const error = await world.failureOf(producer.connect())
    expect(error.message).toContain('not ready within socketConnectionSetupTimeoutMs (2000 ms)')
    expect(world.nowMs).toBe(2000)
  })

  test('to a name that does not resolve says so', async () => {
    const world = new World()
    world.addresses.set('broker-1', new Error('getaddrinfo ENOTFOUND broker-1'))
    const error = await world.failureOf(world.producer().connect())
    expect(error.message).toContain('the name cannot be resolved: getaddrinfo ENOTFOUND broker-1')
  })

  test('tries every address of a name', async () => {
    const world = new World()
    world.addresses.set('bootstrap', ['nobody-1', 'nobody-2', 'broker-1'])
    await world.until(world.producer({ bootstrapServers: 'bootstrap:9092' }).connect())
    expect(world.network.sockets.slice(0, 3).map(({ address }) => address.host)).toEqual([
      'nobody-1',
      'nobody-2',
      'broker-1',
    ])
    expect(world.nowMs, 'no back-off between the addresses of one name').toBeLessThan(20)
  })

  test('fault 20: to a web server says that it speaks HTTP', async () => {
    const world = new World()
    answers(world, Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n').toString('hex'))
    const error = await world.failureOf(world.producer().connect())
    expect(error).toMatchObject({ code: 'NOT_KAFKA', outcome: 'never' })
    expect(error.message).toContain('broker-1:9092 answered with HTTP: this is not a Kafka port')
  })

  test.each([
    ['alert', '15030300020228'],
    ['handshake', '160303007a'],
  ])('fault 20: to a TLS port says that it wants encryption (%s)', async (_kind, hex) => {
    const world = new World()
    answers(world, hex)
    const error = await world.failureOf(world.producer().connect())
    expect(error).toMatchObject({ code: 'NOT_KAFKA' })
    expect(error.message).toContain('answered with TLS: this listener wants an encrypted connection')
  })

  test('fault 20: to a server of another protocol says that this is not Kafka', async () => {
    const world = new World()
    answers(world, Buffer.from('-ERR unknown command\r\n').toString('hex'))
    const error = await world.failureOf(world.producer().connect())
    expect(error).toMatchObject({ code: 'NOT_KAFKA' })
    expect(error.message).toContain('does not answer as Kafka does')
  })

  test('rejects when the producer is closed meanwhile', async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody:9092' })
    world.network.listen({ host: 'nobody', port: 9092 }, 'silent')
    const connected = world.watch(producer.connect())
    await world.pass(10)
    await world.until(producer.close())
    await world.pass(0)
    expect(connected()).toMatchObject({ state: 'rejected' })
  })

  test('rejects when the producer is closed while it waits to connect again', async () => {
    const world = new World()
    world.addresses.set('slow', new Error('getaddrinfo EAI_AGAIN'))
    world.network.listen({ host: 'silent', port: 9092 }, 'silent')
    const producer = world.producer({
      bootstrapServers: ['slow:9092', 'silent:9092'],
      socketConnectionSetupTimeoutMs: 100_000,
    })
    const connected = world.watch(producer.connect())
    await world.pass(200)
    await world.until(producer.close())
    await world.pass(0)
    expect(connected()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
  })

  test('after close() rejects', async () => {
    const world = new World()
    const producer = world.producer()
    await world.until(producer.close())
    expect(await world.failureOf(producer.connect())).toMatchObject({ code: 'CLOSED' })
  })
})

describe('fault 25: versions', () => {
  test.each([3, 2, 1, 0])('a broker whose newest ApiVersions is %i is asked twice', async (newest) => {
    const world = new World()
    world.host(1).versions = { ApiVersions: [0, newest] }
    await world.until(world.producer().connect())
    const [first] = world.network.sockets
    const asked = world.wire.of(apiVersions).filter(({ wire }) => wire.connectionId === first?.id)
    expect(asked.map(({ wire }) => wire.apiVersion)).toEqual([4, newest])
  })

  test('a broker that refuses every version of ApiVersions is asked at most five times', async () => {
    const world = new World()
    // What it claims to know is what it refuses: a client that believes it asks for ever (franz-go did).
    world.host(1).versions = { ApiVersions: [0, -1] }
    const error = await world.failureOf(world.producer().connect({ timeoutMs: 1000 }))
    expect(error).toMatchObject({ outcome: 'never' })
    const perConnection = world.network.sockets.map(
      ({ id }) => world.wire.requests.filter(({ connectionId }) => connectionId === id).length,
    )
    expect(Math.max(...perConnection)).toBeLessThanOrEqual(5)
  })

  test.each([3, 7, 8, 9, 11, 12, 13])(
    'Produce goes out in version %i when the broker speaks no newer one',
    async (newest) => {
      const world = new World()
      world.host(1).versions = { Produce: [0, newest] }
      const producer = world.producer()
      expect(await world.until(producer.send({ topic: 't', value: 'v' }))).toMatchObject({ offset: 0 })
      expect(world.wire.batches.map(({ request }) => request.apiVersion)).toEqual([newest])
      expect(world.valuesIn('t')).toEqual(['v'])
    },
  )

  test('topics without an id keep Produce at version 12', async () => {
    const world = new World()
    world.host(1).versions = { Metadata: [0, 9] }
    const producer = world.producer()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    expect(world.wire.batches.map(({ request }) => request.apiVersion)).toEqual([12])
  })

  test("a broker without a Produce version of ours fails the records with 'never'", async () => {
    const world = new World()
    world.host(1).versions = { Produce: [0, 2] }
    const error = await world.failureOf(world.producer().send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VERSION', outcome: 'never' })
    expect(error.message).toContain('needs Kafka 2.1 or newer')
  })

  test('a broker without InitProducerId ends an idempotent producer with a clear error', async () => {
    const world = new World()
    world.host(1).versions = { InitProducerId: [0, -1] }
    const error = await world.failureOf(world.producer().send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'UNSUPPORTED_VERSION', outcome: 'never', fatal: true })
  })
})

describe('a broker that cannot be reached', () => {
  test('is tried again after growing pauses, up to reconnectBackoffMaxMs', async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody:9092', maxBlockMs: 20_000 })
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    const pauses = world.network.sockets
      .slice(1)
      .map(({ openedMs }, i) => openedMs - (world.network.sockets[i]?.openedMs ?? 0) - 1)
    expect(pauses.length).toBeGreaterThan(15)
    const plain = [50, 100, 200, 400, 800]
    for (const [i, pauseMs] of pauses.entries()) {
      const expectedMs = plain[i] ?? 1000
      expect(pauseMs).toBeGreaterThanOrEqual(expectedMs * 0.8)
      expect(pauseMs).toBeLessThanOrEqual(expectedMs * 1.2 + 1)
    }
  })

  test('is forgiven once it was reached', async () => {
    const world = new World()
    const producer = world.producer()
    world.network.unlisten(BROKER)
    const sent = producer.send({ topic: 't', value: 'v' })
    await world.pass(5000)
    world.network.listen(BROKER, world.host(1).accept)
    await world.until(sent)
    // Now the broker that metadata told of: its back-off is another's than the bootstrap server's.
    world.network.unlisten(BROKER)
    world.host(1).reset()
    await world.pass(5000)
    const again = producer.send({ topic: 't', value: 'v' })
    await world.pass(5000)
    world.network.listen(BROKER, world.host(1).accept)
    await world.until(again)
    const triesBefore = world.network.sockets.length
    const lostMs = world.nowMs
    world.host(1).reset()
    await world.until(producer.send({ topic: 't', value: 'w' }))
    expect(
      world.network.sockets.length - triesBefore,
      'the broker, and a bootstrap server meanwhile',
    ).toBeLessThanOrEqual(2)
    expect(world.nowMs - lostMs).toBeLessThan(400)
  })

  test("lets a send wait for maxBlockMs and then fail with 'never'", async () => {
    const world = new World()
    const producer = world.producer({ bootstrapServers: 'nobody:9092', maxBlockMs: 5000 })
    const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ code: 'METADATA_TIMEOUT', outcome: 'never', retriable: true })
    expect(error.message).toContain('maxBlockMs (5000 ms): no broker could be asked')
    expect(world.nowMs).toBe(5000)
  })
})
