import { metadata } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

const REBOOTSTRAP_REQUIRED = 129

/** The brokers stay what they are, and all of them move to another address. */
function moveAll(world: World): void {
  for (const [i, host] of world.hosts.entries()) {
    const nodeId = i + 1
    world.network.unlisten({ host: `broker-${nodeId}`, port: 9092 })
    world.network.listen({ host: `new-${nodeId}`, port: 9092 }, host.accept)
    world.cluster.register({ nodeId, host: `new-${nodeId}`, port: 9092 })
    host.reset()
  }
}

describe('fault 59: brokers that are not where they were', () => {
  test('a whole cluster that moved is found again through the bootstrap name', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    world.addresses.set('kafka', ['broker-1', 'broker-2', 'broker-3'])
    const producer = world.producer({ bootstrapServers: 'kafka:9092' })
    const sendAll = (value: string): Promise<unknown> =>
      world.until(producer.sendAll([0, 1, 2].map((partition) => ({ topic: 't', partition, value }))))
    await sendAll('0')
    moveAll(world)
    world.addresses.set('kafka', ['new-1', 'new-2', 'new-3'])
    const startMs = world.nowMs
    await sendAll('1')
    expect(world.nowMs - startMs).toBeLessThan(1000)
    expect([0, 1, 2].map((partition) => world.valuesIn('t', partition))).toEqual([
      ['0', '1'],
      ['0', '1'],
      ['0', '1'],
    ])
  })

  test("with metadataRecoveryStrategy 'none' only the brokers that are known are tried", async () => {
    const world = new World({ brokers: 2 })
    world.addresses.set('kafka', ['broker-1', 'broker-2'])
    const producer = world.producer({ bootstrapServers: 'kafka:9092', metadataRecoveryStrategy: 'none' })
    await world.until(producer.send({ topic: 't', value: '0' }))
    await world.pass(1000)
    moveAll(world)
    world.addresses.set('kafka', ['new-1', 'new-2'])
    const before = world.network.sockets.length
    const sent = world.watch(producer.send({ topic: 't', value: '1' }))
    await world.pass(60_000)
    expect(sent().state).toBe('pending')
    const tried = new Set(world.network.sockets.slice(before).map(({ address }) => address.host))
    expect(tried).toEqual(new Set(['broker-1', 'broker-2']))
  })

  test('a broker that is advertised where nobody is holds up only its own partitions', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.cluster.register({ nodeId: 2, host: 'nowhere', port: 9092 })
    const producer = world.producer()
    const stuck = world.watch(producer.send({ topic: 't', partition: 1, value: 'v' }))
    await world.until(producer.send({ topic: 't', partition: 0, value: 'v' }))
    expect(world.nowMs).toBeLessThan(50)
    await world.pass(5000)
    expect(stuck().state).toBe('pending')
    world.cluster.register({ nodeId: 2, host: 'broker-2', port: 9092 })
    await world.untilTrue(() => stuck().state === 'fulfilled')
  })

  test('a broker that is gone from metadata is no longer connected to', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ metadataMaxAgeMs: 5000 })
    await world.until(producer.sendAll([0, 1].map((partition) => ({ topic: 't', partition, value: '0' }))))
    world.elect('t', 1, 1)
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, (response) => {
        response.brokers = response.brokers.filter(({ nodeId }) => nodeId === 1)
      }),
    )
    await world.pass(6000)
    expect(world.network.openSockets.map(({ address }) => address.host)).not.toContain('broker-2')
    await world.until(producer.send({ topic: 't', partition: 1, value: '1' }))
    expect(world.valuesIn('t', 1)).toEqual(['0', '1'])
  })
})

describe('rebootstrap', () => {
  test('REBOOTSTRAP_REQUIRED drops every connection and begins with the bootstrap servers (KIP-1102)', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ metadataMaxAgeMs: 5000 })
    const sendAll = (value: string): Promise<unknown> =>
      world.until(producer.sendAll([0, 1, 2].map((partition) => ({ topic: 't', partition, value }))))
    await sendAll('0')
    const before = world.network.sockets.length
    world.onRequest(metadata, (request, ordinal) =>
      ordinal === 1
        ? alterAnswer(request, metadata, (response) => (response.errorCode = REBOOTSTRAP_REQUIRED))
        : undefined,
    )
    await world.untilTrue(() => world.network.sockets.length > before)
    expect(world.network.sockets.slice(0, before).every(({ isClosed }) => isClosed)).toBe(true)
    await sendAll('1')
    expect(world.wire.violations).toEqual([])
    expect(world.valuesIn('t', 2)).toEqual(['0', '1'])
  })

  test('loses nothing that was in flight', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ metadataMaxAgeMs: 1000 })
    await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
    world.onRequest(metadata, (request, ordinal) =>
      ordinal <= 5
        ? alterAnswer(request, metadata, (response) => (response.errorCode = REBOOTSTRAP_REQUIRED))
        : undefined,
    )
    const values = Array.from({ length: 200 }, (_, i) => `${i + 1}`)
    const sent: Promise<unknown>[] = []
    for (const value of values) {
      sent.push(producer.send({ topic: 't', partition: 0, value }))
      await world.pass(20)
    }
    await world.until(Promise.all(sent))
    expect(world.valuesIn('t')).toEqual(['0', ...values])
  })

  test('that is required by every answer goes on with a back-off, not in a loop', async () => {
    const world = new World()
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, (response) => (response.errorCode = REBOOTSTRAP_REQUIRED)),
    )
    const producer = world.producer({ maxBlockMs: 20_000 })
    const error = await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    expect(error).toMatchObject({ outcome: 'never' })
    expect(world.wire.of(metadata).length).toBeLessThan(28)
  })

  test("is not done for 'none', whatever a broker requires", async () => {
    const world = new World()
    const producer = world.producer({ metadataRecoveryStrategy: 'none', metadataMaxAgeMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const before = world.network.sockets.length
    world.onRequest(metadata, (request) =>
      alterAnswer(request, metadata, (response) => (response.errorCode = REBOOTSTRAP_REQUIRED)),
    )
    await world.pass(20_000)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.network.sockets).toHaveLength(before)
  })

  test('comes when brokers that are there give no metadata for metadataRecoveryRebootstrapTriggerMs', async () => {
    const world = new World({ brokers: 2 })
    const producer = world.producer({ metadataMaxAgeMs: 1000, metadataRecoveryRebootstrapTriggerMs: 10_000 })
    world.onRequest(metadata, (request) =>
      world.nowMs > 500 && world.nowMs < 12_000
        ? alterAnswer(request, metadata, (response) => (response.brokers = []))
        : undefined,
    )
    await world.until(producer.send({ topic: 't', value: '0' }))
    const [before] = world.wire.batches
    const isStillConnected = (): boolean =>
      world.network.openSockets.some(({ id }) => id === before?.request.connectionId)
    await world.pass(10_900)
    expect(isStillConnected()).toBe(true)
    await world.pass(300)
    expect(isStillConnected()).toBe(false)
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs).toBeLessThan(13_500)
    expect(world.valuesIn('t')).toEqual(['0', '1'])
  })

  test.each([50, 300, 1000])(
    'does not begin again and again while a bootstrap server is %i ms away, longer than the trigger',
    async (latencyMs) => {
      const world = new World()
      world.network.timing.latencyMs = latencyMs
      world.network.timing.connectMs = 2 * latencyMs
      const producer = world.producer({ metadataRecoveryRebootstrapTriggerMs: 100, metadataMaxAgeMs: 20_000 })
      await world.until(producer.send({ topic: 't', value: '0' }))
      expect(world.nowMs).toBeLessThan(16 * latencyMs)
      world.host(1).reset()
      await world.pass(30_000)
      const startMs = world.nowMs
      await world.until(producer.send({ topic: 't', value: '1' }))
      expect(world.nowMs - startMs).toBeLessThan(16 * latencyMs)
    },
  )

  test('forgets leader epochs: what comes may be another cluster', async () => {
    const world = new World({ brokers: 2 })
    for (let i = 0; i < 5; i++) world.elect('t', 0, 1)
    const producer = world.producer({ metadataMaxAgeMs: 5000 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(metadata, (request, ordinal) =>
      ordinal === 1
        ? alterAnswer(request, metadata, (response) => (response.errorCode = REBOOTSTRAP_REQUIRED))
        : undefined,
    )
    const partition = world.partition('t', 0)
    partition.leaderEpoch = 1
    partition.leaderId = 2
    await world.pass(6000)
    const startMs = world.nowMs
    await world.until(producer.send({ topic: 't', value: '1' }))
    expect(world.nowMs - startMs).toBeLessThan(50)
    expect(world.wire.batches.at(-1)?.request.address.host).toBe('broker-2')
  })
})
