import { produce } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { type Logger, Producer } from '../src/index.ts'
import { refuseProduce } from './world/broker-host.ts'
import { World } from './world/world.ts'

const IDLE = {
  state: 'OPEN',
  error: undefined,
  bufferedBytes: 0,
  bufferedRecords: 0,
  delayedRecords: 0,
  oldestUnsettledMs: 0,
}

describe('health()', () => {
  test('tells of connections and nothing else while nothing is sent', async () => {
    const world = new World()
    const producer = world.producer()
    expect(producer.health()).toEqual({ ...IDLE, isConnected: false })
    await world.until(producer.connect())
    expect(producer.health()).toEqual({ ...IDLE, isConnected: true })
  })

  test('is well again when what waits for a topic has failed, and a record behind it was taken back', async () => {
    const world = new World()
    const producer = world.producer({ maxBlockMs: 10_000 })
    const abort = new AbortController()
    const first = world.watch(producer.send({ topic: 'late', value: '1' }))
    await world.pass(8_000)
    const second = world.watch(producer.send({ topic: 'late', value: '2' }, { signal: abort.signal }))
    abort.abort()
    await world.pass(5_000)
    expect([first, second].map((one) => one().state)).toEqual(['rejected', 'rejected'])
    expect(producer.health()).toMatchObject({ bufferedRecords: 0, oldestUnsettledMs: 0 })
  })

  test('grows old while brokers do not answer, and is well again when they do', async () => {
    const world = new World()
    const producer = world.producer()
    world.onRequest(produce, (_request, ordinal) => (ordinal === 1 ? { kind: 'delay', delayMs: 5000 } : undefined))
    await world.until(producer.connect())
    const sent = [1, 2, 3].map(async () => producer.send({ topic: 't', value: 'v' }))
    await world.pass(4000)
    const { bufferedBytes, bufferedRecords, oldestUnsettledMs } = producer.health()
    expect(bufferedBytes).toBeGreaterThanOrEqual(512 + 3 * 200)
    expect(bufferedRecords).toBe(3)
    expect(oldestUnsettledMs).toBeGreaterThan(3900)
    expect(oldestUnsettledMs).toBeLessThanOrEqual(4000)
    await world.until(Promise.all(sent))
    expect(producer.health()).toEqual({ ...IDLE, isConnected: true })
  })

  test('counts what waits for its topic', async () => {
    const world = new World()
    const producer = world.producer()
    const sent = world.watch(producer.send({ topic: 'later', value: 'v' }))
    await world.pass(3000)
    expect(producer.health()).toMatchObject({ bufferedRecords: 1, oldestUnsettledMs: 3000 })
    expect(sent().state).toBe('pending')
  })

  test('says that the producer was closed, or why it can send nothing more', async () => {
    const world = new World()
    const [closed, failed] = [world.producer(), world.producer()]
    await world.until(closed.close())
    expect(closed.health()).toMatchObject({ state: 'CLOSING', isConnected: false })
    world.onRequest(produce, (request) => refuseProduce(request, 31))
    await world.failureOf(failed.send({ topic: 't', value: 'v' }))
    expect(failed.health()).toMatchObject({ state: 'FAILED', error: { code: 'CLUSTER_AUTHORIZATION_FAILED' } })
  })
})

describe('producers that are made over and over', () => {
  const made = async (world: World, clientIds: readonly string[], everyMs: number): Promise<string[]> => {
    const warnings: string[] = []
    const log = (message: string): void => void warnings.push(message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    for (const clientId of clientIds) {
      await world.until(new Producer({ bootstrapServers: 'broker-1:9092', clientId, logger }, world.ports()).close())
      await world.pass(everyMs)
    }
    return warnings
  }

  test('with the same client id are warned of, once', async () => {
    const warnings = await made(new World(), Array<string>(30).fill('orders'), 1000)
    expect(warnings).toEqual([
      expect.stringContaining("10 producers with clientId 'orders' were made within 9 s. Make one, and share it"),
    ])
  })

  test('with client ids of their own, or now and then, are not warned of', async () => {
    const ids = Array.from({ length: 30 }, (_, index) => `worker-${index % 5}`)
    expect(await made(new World(), ids.slice(0, 20), 1000)).toEqual([])
    expect(await made(new World(), Array<string>(30).fill('cron'), 10_000)).toEqual([])
  })
})
