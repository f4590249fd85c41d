import { getTelemetrySubscriptions } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { World } from '../world/world.ts'
import { answerTo } from '../world/broker-host.ts'
import { NOTHING_WANTED, TelemetryWorld } from './telemetry-world.ts'

describe('clientInstanceId()', () => {
  test('is what brokers call the producer, also before anything was sent', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    const id = await world.until(producer.clientInstanceId())
    expect(id).toMatch(/^[\w-]{22}$/u)
    expect(await world.until(producer.clientInstanceId({ timeoutMs: 0 })), 'known is known').toBe(id)
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.cluster.clientMetrics.pushed[0]?.clientInstanceId).toBe(id)
  })

  test('goes on to another broker while one cannot be reached', async () => {
    const world = new TelemetryWorld({ brokers: 2 })
    const producer = world.reporting({ bootstrapServers: 'broker-1:9092,broker-2:9092' })
    await world.until(producer.connect())
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    expect(await world.until(producer.clientInstanceId())).toMatch(/^[\w-]{22}$/u)
  })

  test('is known soon after the broker is back, however long it was away', async () => {
    const broker = { host: 'broker-1', port: 9092 }
    for (let awayMs = 100; awayMs <= 3_000; awayMs += 100) {
      const world = new TelemetryWorld({ seed: awayMs })
      const producer = world.reporting()
      await world.until(producer.connect())
      world.network.unlisten(broker)
      const id = world.watch(producer.clientInstanceId())
      await world.pass(awayMs)
      world.network.listen(broker, world.host(1).accept)
      await world.pass(1_200) // reconnectBackoffMaxMs, and the way
      expect(id(), `away for ${awayMs} ms`).toMatchObject({ state: 'fulfilled' })
    }
  })

  test('fails after its timeout where no broker takes metrics', async () => {
    const world = new World()
    const error = await world.failureOf(
      world.producer({ telemetry: { encode: () => new Uint8Array() } }).clientInstanceId({ timeoutMs: 2_000 }),
    )
    expect(error).toMatchObject({ code: 'REQUEST_TIMED_OUT', outcome: 'never', retriable: true })
    expect(error.message).toContain('no broker gave one within 2000 ms')
    expect(world.nowMs).toBeGreaterThanOrEqual(2_000)
    expect(world.nowMs).toBeLessThan(2_100)
  })

  test('fails at once when brokers refuse, then and later', async () => {
    const world = new TelemetryWorld()
    world.onRequest(getTelemetrySubscriptions, (request) =>
      answerTo(request, getTelemetrySubscriptions, () => ({ ...NOTHING_WANTED, errorCode: 42 })),
    )
    const producer = world.reporting()
    expect(await world.failureOf(producer.clientInstanceId())).toMatchObject({ code: 'INVALID_REQUEST' })
    expect(await world.failureOf(producer.clientInstanceId())).toMatchObject({ code: 'REQUEST_TIMED_OUT' })
    expect(world.nowMs).toBeLessThan(1_000)
  })

  test('fails with CLOSED when the producer ends first', async () => {
    const world = new World()
    const producer = world.producer({ telemetry: { encode: () => new Uint8Array() } })
    const waiting = world.watch(producer.clientInstanceId())
    await world.pass(100)
    await world.until(producer.close())
    await world.pass(1)
    expect(waiting()).toMatchObject({ state: 'rejected', error: { code: 'CLOSED' } })
  })

  test('needs telemetry', async () => {
    const world = new World()
    const error = await world.failureOf(world.producer().clientInstanceId())
    expect([error.code, error.message]).toEqual([
      'INVALID_ARGUMENT',
      'clientInstanceId() needs telemetry in the configuration',
    ])
  })

  test('rests when the cluster cannot be reached', async () => {
    const world = new TelemetryWorld()
    world.network.unlisten({ host: 'broker-1', port: 9092 })
    const error = await world.failureOf(world.reporting().clientInstanceId({ timeoutMs: 1_000 }))
    expect(error).toMatchObject({ code: 'CONNECTION_FAILED' })
  })
})
