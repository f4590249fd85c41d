import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

const address = (nodeId: number): { host: string; port: number } => ({ host: `broker-${nodeId}`, port: 9092 })

function stop(world: World, nodeId: number): void {
  world.network.unlisten(address(nodeId))
  world.host(nodeId).reset()
}

function start(world: World, nodeId: number): void {
  world.network.listen(address(nodeId), world.host(nodeId).accept)
}

const BOOTSTRAP = 'broker-1:9092,broker-2:9092,broker-3:9092'

describe('fault 35: brokers that are restarted', () => {
  test('one after the other lose nothing, double nothing, swap nothing', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ bootstrapServers: BOOTSTRAP, batchSize: 400 })
    const sent: Promise<unknown>[] = []
    for (let i = 0; i < 900; i++) {
      sent.push(producer.send({ topic: 't', partition: i % 3, value: `${i}` }))
      await world.pass(20)
      if (i % 200 === 100) {
        const nodeId = (Math.floor(i / 200) % 3) + 1
        stop(world, nodeId)
        for (const partition of [0, 1, 2]) {
          if (world.partition('t', partition).leaderId === nodeId) world.elect('t', partition, (nodeId % 3) + 1)
        }
        world.timeline.after(2000, () => start(world, nodeId))
      }
    }
    await world.until(Promise.all(sent))
    for (const partition of [0, 1, 2]) {
      expect(world.valuesIn('t', partition).map(Number)).toEqual(
        Array.from({ length: 300 }, (_, i) => i * 3 + partition),
      )
    }
    expect(world.wire.violations).toEqual([])
  })

  test('all at once, for ten minutes: what waited too long fails, and what comes then arrives, with no restart', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.producer({ bootstrapServers: BOOTSTRAP })
    await world.until(producer.send({ topic: 't', value: '0' }))
    for (const nodeId of [1, 2, 3]) stop(world, nodeId)
    await world.pass(1000)
    const startMs = world.nowMs
    expect(await world.failureOf(producer.send({ topic: 't', partition: 1, value: '1' }))).toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      outcome: 'never',
    })
    expect(world.nowMs - startMs).toBe(120_000)
    await world.pass(600_000)
    const tries = world.network.sockets.length
    await world.pass(60_000)
    expect(world.network.sockets.length - tries, 'nobody waits: no more than metadata wants').toBeLessThan(4 * 60)
    for (const nodeId of [1, 2, 3]) start(world, nodeId)
    const upMs = world.nowMs
    await world.until(producer.send({ topic: 't', partition: 1, value: '2' }))
    expect(world.nowMs - upMs).toBeLessThan(1300)
    expect(world.valuesIn('t', 1)).toEqual(['2'])
  })

  test('and are not there when the producer starts: records wait, and go when one is up', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    for (const nodeId of [1, 2, 3]) stop(world, nodeId)
    const producer = world.producer({ bootstrapServers: BOOTSTRAP })
    const sent = world.watch(producer.send({ topic: 't', partition: 0, value: 'v' }))
    await world.pass(30_000)
    expect(sent().state).toBe('pending')
    for (const nodeId of [1, 2, 3]) start(world, nodeId)
    const upMs = world.nowMs
    await world.untilTrue(() => sent().state === 'fulfilled')
    expect(world.nowMs - upMs).toBeLessThan(1300)
  })

  test('while records are within their time: all arrive, in order', async () => {
    const world = new World({ brokers: 3, topics: [{ name: 't', partitions: 1 }] })
    const producer = world.producer({ bootstrapServers: BOOTSTRAP })
    await world.until(producer.send({ topic: 't', value: '0' }))
    for (const nodeId of [1, 2, 3]) stop(world, nodeId)
    const sent = Array.from({ length: 50 }, (_, i) => producer.send({ topic: 't', value: `${i + 1}` }))
    await world.pass(60_000)
    for (const nodeId of [1, 2, 3]) start(world, nodeId)
    await world.until(Promise.all(sent))
    expect(world.valuesIn('t')).toEqual(Array.from({ length: 51 }, (_, i) => `${i}`))
  })
})
