import { describe, expect, test } from 'vitest'
import type { TlsOptions } from '../../src/index.ts'
import { World } from '../world/world.ts'

describe('fault 86, S16: whatever host metadata names', () => {
  test('must have a certificate for that name, not for its address or the bootstrap name', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    world.addresses.set('bootstrap', ['broker-1'])
    const producer = world.producer({ bootstrapServers: 'bootstrap:9092', securityProtocol: 'SSL' })
    const sent = [0, 1].map((partition) => producer.send({ topic: 't', partition, value: 'v' }))
    await world.until(Promise.all(sent))
    const dialled = world.network.sockets.map(({ address, tls }) => `${tls?.host} at ${address.host}`)
    expect(dialled[0]).toBe('bootstrap at broker-1')
    expect(new Set(dialled.slice(1))).toEqual(new Set(['broker-1 at broker-1', 'broker-2 at broker-2']))
  })

  test('is never dialled without TLS', async () => {
    const world = new World({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.producer({ securityProtocol: 'SSL' })
    await world.until(producer.send({ topic: 't', partition: 1, value: 'v' }))
    for (let i = 0; i < 5; i++) {
      world.host(1).reset()
      world.host(2).reset()
      await world.until(producer.send({ topic: 't', partition: i % 2, value: 'v' }))
    }
    expect(world.network.sockets.length).toBeGreaterThan(5)
    for (const { tls } of world.network.sockets) expect(tls).toBeDefined()
  })
})

test('fault 80: the options are asked for once per connection', async () => {
  const world = new World()
  const options: TlsOptions[] = []
  const ssl = (): TlsOptions => {
    const fresh = { ca: `certificate ${options.length}` }
    options.push(fresh)
    return fresh
  }
  const producer = world.producer({ securityProtocol: 'SSL', ssl })
  await world.until(producer.connect())
  const given = await Promise.all(world.network.sockets.map(async ({ tls }) => tls?.options()))
  expect(given).toEqual(options)
})
