import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

describe('addresses of a name that were not tried', () => {
  test('are looked up again once nobody has wanted a connection for long', async () => {
    const world = new World()
    world.addresses.set('kafka', ['silent', 'gone'])
    world.network.listen({ host: 'silent', port: 9092 }, 'silent')
    const producer = world.producer({ bootstrapServers: 'kafka:9092', socketConnectionSetupTimeoutMs: 1000 })
    await world.failureOf(producer.connect({ timeoutMs: 500 }))
    await world.pass(3_600_000)
    world.addresses.set('kafka', ['broker-1'])
    const before = world.network.sockets.length
    await world.until(producer.connect({ timeoutMs: 5000 }))
    expect(world.network.sockets.slice(before).map(({ address }) => address.host)).toEqual(['broker-1'])
  })

  test('are tried all the same while somebody wants one, however long those before them take', async () => {
    const world = new World()
    const silent = ['silent-1', 'silent-2', 'silent-3', 'silent-4', 'silent-5']
    for (const host of silent) world.network.listen({ host, port: 9092 }, 'silent')
    world.addresses.set('kafka', [...silent, 'broker-1'])
    const producer = world.producer({ bootstrapServers: 'kafka:9092', maxBlockMs: 100_000 })
    await world.until(producer.connect())
    expect(world.network.sockets.slice(0, 6).map(({ address }) => address.host)).toEqual([...silent, 'broker-1'])
    expect(world.nowMs).toBeGreaterThan(50_000)
  })
})
