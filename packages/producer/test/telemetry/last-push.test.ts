import { initProducerId, produce, pushTelemetry } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import type { Producer } from '../../src/index.ts'
import { answerTo } from '../world/broker-host.ts'
import { INTERVAL_MS, TelemetryWorld } from './telemetry-world.ts'

describe('the last push', () => {
  test('is made by close(), before the interval is over, with all that was counted', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    for (let count = 0; count < 3; count++) producer.produce({ topic: 't', value: 'v' })
    const closedMs = world.nowMs
    await world.until(producer.close())
    expect(world.taken.map(({ terminating }) => terminating)).toEqual([false, true])
    expect(world.lastTaken('record.send.total')?.value).toBe(3)
    expect(world.nowMs - closedMs).toBeLessThan(100)
  })

  test('is the first one too, where close() comes before', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(10)
    await world.until(producer.close())
    expect(world.taken).toMatchObject([{ terminating: true }])
  })

  test('holds close() back no longer than a second, and its connection ends all the same', async () => {
    const { world, producer } = await withHangingPushes()
    const closedMs = world.nowMs
    await world.until(producer.close())
    expect(world.nowMs - closedMs).toBe(1_000)
    expect(world.network.openSockets).toEqual([])
  })

  test.each([300, 0])('is over when close({ timeoutMs: %i }) is', async (timeoutMs) => {
    const { world, producer } = await withHangingPushes()
    const closedMs = world.nowMs
    await world.until(producer.close({ timeoutMs }))
    expect(world.nowMs - closedMs).toBe(timeoutMs)
  })

  test('is not made where sending took all the time of close()', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(10)
    world.onRequest(produce, () => ({ kind: 'hang' }))
    const lost = world.watch(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer.close({ timeoutMs: 500 }))
    await world.pass(1)
    expect(lost()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED' } })
    expect(world.pushedAtMs).toEqual([])
  })

  test('waits for the answer to the one before, and tells only what came since', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.onRequest(pushTelemetry, (_request, ordinal) => {
      world.pushedAtMs.push(world.nowMs)
      return ordinal === 1 ? { kind: 'delay', delayMs: 200 } : undefined
    })
    await world.untilTrue(() => world.pushedAtMs.length === 1)
    await world.until(producer.close())
    expect(world.taken.map(({ terminating }) => terminating)).toEqual([false, true])
    expect(world.lastTaken('record.send.total')?.value).toBe(0)
  })

  test('ends nothing but itself when it is refused', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.onRequest(pushTelemetry, (request) =>
      answerTo(request, pushTelemetry, () => ({ throttleTimeMs: 0, errorCode: 89 })),
    )
    await world.pass(10)
    await world.until(producer.close())
    expect(world.nowMs).toBeLessThan(INTERVAL_MS)
  })

  test('is not made where brokers want nothing, or nothing was ever sent', async () => {
    const world = new TelemetryWorld()
    await world.until(world.reporting().close())
    world.cluster.clientMetrics.unsubscribe('all')
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(10)
    await world.until(producer.close())
    expect(world.pushedAtMs).toEqual([])
    expect(world.nowMs).toBeLessThan(100)
  })

  test('is not made, nor waited for, where no broker is connected any more', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(10)
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    world.host(1).reset()
    await world.pass(10)
    const closedMs = world.nowMs
    await world.until(producer.close())
    expect([world.pushedAtMs, world.nowMs - closedMs]).toEqual([[], 0])
  })

  test('is not awaited by a producer that has failed', async () => {
    const world = new TelemetryWorld()
    world.onRequest(initProducerId, (request) =>
      answerTo(request, initProducerId, () => ({
        throttleTimeMs: 0,
        errorCode: 31,
        producerId: -1n,
        producerEpoch: -1,
      })),
    )
    const producer = world.reporting()
    await world.failureOf(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer.close())
    expect(world.nowMs).toBeLessThan(100)
  })
})

/** A producer that has sent something, and a broker that answers no push. */
async function withHangingPushes(): Promise<{ world: TelemetryWorld; producer: Producer }> {
  const world = new TelemetryWorld()
  const producer = world.reporting()
  await world.until(producer.send({ topic: 't', value: 'v' }))
  world.onRequest(pushTelemetry, () => ({ kind: 'hang' }))
  await world.pass(10)
  return { world, producer }
}
