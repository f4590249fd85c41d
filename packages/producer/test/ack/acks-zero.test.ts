import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'

const TIMES = { requestTimeoutMs: 1000, deliveryTimeoutMs: 1000 }

describe('acks 0', () => {
  test('counts as delivered what has left, though the broker then refuses it and says so by hanging up', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 1, config: { 'max.message.bytes': '500' } }] })
    const producer = world.producer({ acks: 0 })
    await world.until(producer.send({ topic: 't', value: 'small' }))
    await world.pass(10)
    expect(await world.until(producer.send({ topic: 't', value: 'large'.repeat(200) }))).toMatchObject({
      offset: undefined,
    })
    await world.pass(10)
    expect(world.network.openSockets, 'the broker ended the connection').toHaveLength(0)
    await world.until(producer.send({ topic: 't', value: 'and on' }))
    await world.pass(10)
    expect(world.valuesIn('t')).toEqual(['small', 'and on'])
  })

  test('is never idempotent, and so tells no producer id', async () => {
    const world = new World()
    await world.until(world.producer({ acks: 0 }).send({ topic: 't', value: 'v' }))
    expect(world.wire.batches.map(({ acks, batch }) => [acks, batch.producerId])).toEqual([[0, -1n]])
  })

  test("expires what was never handed over with 'never'", async () => {
    const world = new World()
    const producer = world.producer({ acks: 0, ...TIMES })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    await world.pass(10)
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({
      code: 'DELIVERY_TIMEOUT',
      outcome: 'never',
    })
    expect(world.valuesIn('t')).toEqual(['0'])
  })

  test("fails with 'unknown' what stays in the socket for too long, and sends it no second time", async () => {
    const world = new World()
    const producer = world.producer({ acks: 0, ...TIMES })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.network.timing.leaveMs = 60_000
    expect(await world.failureOf(producer.send({ topic: 't', value: '1' }))).toMatchObject({ outcome: 'unknown' })
    world.network.timing.leaveMs = 0
    await world.until(producer.send({ topic: 't', value: '2' }))
    await world.pass(10)
    expect(world.wire.batches).toHaveLength(3)
    expect(world.valuesIn('t')).toEqual(['0', '2'])
  })

  test('needs no answer to go on: many requests leave one connection behind each other', async () => {
    const world = new World()
    world.network.timing.latencyMs = 1000
    const producer = world.producer({ acks: 0 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    const startMs = world.nowMs
    for (let i = 1; i < 20; i++) await world.until(producer.send({ topic: 't', value: `${i}` }))
    expect(world.nowMs - startMs).toBeLessThan(1000)
    await world.pass(3000)
    expect(world.valuesIn('t').map(Number)).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  test('gets no answer to decode: an error that a broker sends all the same ends the connection', async () => {
    const world = new World()
    const producer = world.producer({ acks: 0 })
    await world.until(producer.send({ topic: 't', value: '0' }))
    world.onRequest(produce, () => ({ kind: 'answer', frame: Buffer.from([0, 0, 0, 4, 0, 0, 0, 99]) }))
    await world.until(producer.send({ topic: 't', value: '1' }))
    await world.pass(10)
    expect(world.network.openSockets).toHaveLength(0)
  })
})
