import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type Clock, Producer, type ProducerConfig } from '../../src/index.ts'
import { World } from '../world/world.ts'

/** A clock that moves on with every look, as a real one does: what happens in one tick does not happen at one time. */
function producerOn(world: World, config: Partial<ProducerConfig> = {}): Producer {
  const ports = world.ports()
  const { clock } = ports
  let looks = 0
  const moving: Clock = {
    now: () => clock.now() + ++looks / 1e6,
    wallTime: () => clock.wallTime(),
    soon: (run) => clock.soon(run),
    wakeAt: (timeMs, wake) => clock.wakeAt(timeMs, wake),
  }
  return new Producer({ bootstrapServers: 'broker-1:9092', ...config }, { ...ports, clock: moving })
}

describe('on a clock that moves on within a tick', () => {
  test('a record that waited for memory is sent as soon as there is some', async () => {
    const world = new World({ topics: [{ name: 't', partitions: 2 }] })
    const producer = producerOn(world, { bufferMemory: 131_072, maxRequestSize: 130_000 })
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 50 } : undefined))
    const first = producer.send({ topic: 't', partition: 0, value: 'f'.repeat(60_000) })
    await world.pass(10)
    const waited = world.watch(producer.send({ topic: 't', partition: 1, value: 'w'.repeat(100_000) }))
    await world.until(first)
    await world.pass(100)
    expect(waited()).toMatchObject({ state: 'fulfilled' })
  })

  test('a record that was held back is sent when it is time', async () => {
    const world = new World()
    const producer = producerOn(world)
    await world.until(producer.partitionsFor('t'))
    const held = world.watch(producer.send({ topic: 't', value: 'v', delayMs: 500 }))
    await world.pass(600)
    expect(held()).toMatchObject({ state: 'fulfilled' })
  })
})
