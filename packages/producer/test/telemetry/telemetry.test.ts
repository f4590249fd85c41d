import { getTelemetrySubscriptions, pushTelemetry } from '@linger/protocol'
import { describe, expect, test } from 'vitest'
import { answerTo, type Fault } from '../world/broker-host.ts'
import { INTERVAL_MS, jsonTelemetry, NOTHING_WANTED, TelemetryWorld } from './telemetry-world.ts'

const PREFIX = 'org.apache.kafka.producer.'

describe('a producer with telemetry', () => {
  test('pushes what brokers ask for, half to one and a half intervals after the question, then every interval', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(100)
    expect(world.asked).toHaveLength(1)
    await world.untilTaken(3)
    const [first = 0, second = 0, third = 0] = world.pushedAtMs
    expect(first).toBeGreaterThanOrEqual(INTERVAL_MS * 0.5)
    expect(first).toBeLessThanOrEqual(INTERVAL_MS * 1.5 + 100)
    for (const betweenMs of [second - first, third - second]) {
      expect(betweenMs).toBeGreaterThanOrEqual(INTERVAL_MS)
      expect(betweenMs).toBeLessThan(INTERVAL_MS + 100)
    }
    expect(world.asked, 'once is enough').toHaveLength(1)
  })

  test('spreads the first pushes of producers that begin together', async () => {
    const world = new TelemetryWorld()
    for (let count = 0; count < 20; count++) await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTaken(20)
    const times = world.pushedAtMs.slice(0, 20)
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(INTERVAL_MS / 2)
  })

  test("gives metrics Java's names and labels, and a value to each", async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.sendAll(Array.from({ length: 7 }, () => ({ topic: 't', value: 'v' }))))
    await world.untilTaken(1)
    expect(world.lastTaken('record.send.total')).toMatchObject({ kind: 'delta', value: 7 })
    expect(world.lastTaken('connection.creation.rate')).toMatchObject({ kind: 'gauge' })
    expect(world.lastTaken('topic.record.send.total', 't')).toMatchObject({ labels: { topic: 't' }, value: 7 })
    expect(world.lastTaken('node.request.latency.avg', 'node-1')).toMatchObject({ labels: { node_id: 'node-1' } })
    const [first] = world.taken
    const metrics = first?.metrics ?? []
    expect(first?.labels).toEqual({})
    expect(metrics.filter(({ name }) => !name.startsWith(PREFIX))).toEqual([])
    expect(
      metrics.filter(({ value }) => !Number.isFinite(value)),
      'nothing is told where nothing was',
    ).toEqual([])
  })

  test('names the transactional id', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting({ transactionalId: 'orders-1' })
    await world.until(producer.transaction((tx) => tx.send({ topic: 't', value: 'v' })))
    await world.untilTaken(1)
    expect(world.taken[0]?.labels).toEqual({ transactional_id: 'orders-1' })
  })

  test('counts what came since the last push, and from when on', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    const first = world.lastTaken('record.send.total')
    await world.until(producer.sendAll([1, 2, 3].map(() => ({ topic: 't', value: 'v' }))))
    await world.untilTaken(2)
    const second = world.lastTaken('record.send.total')
    expect([first?.value, second?.value]).toEqual([1, 3])
    expect(second?.startTimeMs).toBe(first?.timeMs)
  })

  test('counts from the beginning where brokers want that', async () => {
    const world = new TelemetryWorld()
    world.cluster.clientMetrics.deltaTemporality = false
    const bornMs = world.timeline.wallTimeMs
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(2)
    expect(world.lastTaken('record.send.total')).toMatchObject({ kind: 'cumulative', value: 2, startTimeMs: bornMs })
  })

  test.each<[string, string[], string[]]>([
    ['a prefix', ['org.apache.kafka.producer.record.queue'], ['record.queue.time.avg', 'record.queue.time.max']],
    [
      'two of them',
      ['org.apache.kafka.producer.connection.count', 'org.apache.kafka.producer.waiting'],
      ['waiting.threads', 'connection.count'],
    ],
  ])('pushes what begins with %s, and nothing else', async (_, metrics, expected) => {
    const world = new TelemetryWorld()
    world.cluster.clientMetrics.subscribe('all', { metrics, intervalMs: INTERVAL_MS })
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.taken[0]?.metrics.map(({ name }) => name)).toEqual(expected.map((name) => PREFIX + name))
  })

  test("takes '' for all metrics too", async () => {
    const world = new TelemetryWorld()
    world.cluster.clientMetrics.subscribe('all', { metrics: [''], intervalMs: INTERVAL_MS })
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.taken[0]?.metrics.length).toBeGreaterThan(40)
  })

  test('pushes nothing where nothing is wanted, and asks again after the interval', async () => {
    const world = new TelemetryWorld()
    world.cluster.clientMetrics.unsubscribe('all')
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.pass(299_000)
    expect([world.asked.length, world.pushedAtMs]).toEqual([1, []])
    await world.pass(2_000)
    expect([world.asked.length, world.pushedAtMs]).toEqual([2, []])
  })

  test('pushes no bytes where none of its metrics is wanted', async () => {
    const world = new TelemetryWorld()
    world.cluster.clientMetrics.subscribe('all', { metrics: ['org.apache.kafka.consumer.'], intervalMs: INTERVAL_MS })
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => world.pushedAtMs.length === 2)
    expect(world.cluster.clientMetrics.pushed).toEqual([])
    expect(world.logged).not.toContainEqual(expect.stringContaining('no more metrics'))
  })

  test('pushes 5,000 metrics at most, those of the producer among them', async () => {
    const topics = Array.from({ length: 600 }, (_, index) => ({ name: `t${index}`, partitions: 1 }))
    const world = new TelemetryWorld({ topics, brokerConfig: { telemetryMaxBytes: 100_000_000 } })
    const producer = world.reporting()
    await world.until(producer.sendAll(topics.map(({ name }) => ({ topic: name, value: 'v' }))))
    await world.untilTaken(1)
    expect(world.taken[0]?.metrics).toHaveLength(5_000)
    expect(world.lastTaken('record.send.total')?.value).toBe(600)
  })

  test('tells later what there was no room for', async () => {
    const world = new TelemetryWorld({ brokerConfig: { telemetryMaxBytes: 5_000 } })
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.lastTaken('topic.record.send.total', 't')).toBeUndefined()
    const metrics = [`${PREFIX}topic.`]
    world.cluster.clientMetrics.subscribe('all', { metrics, intervalMs: INTERVAL_MS })
    await world.untilTaken(2)
    expect(world.lastTaken('topic.record.send.total', 't')?.value).toBe(1)
  })

  test('keeps the id that brokers gave it, whichever of them it asks', async () => {
    const world = new TelemetryWorld({ brokers: 2, topics: [{ name: 't', partitions: 2 }] })
    const producer = world.reporting({ bootstrapServers: 'broker-1:9092,broker-2:9092' })
    for (const partition of [0, 1]) await world.until(producer.send({ topic: 't', value: 'v', partition }))
    await world.untilTaken(1)
    const [first] = world.cluster.clientMetrics.pushed
    world.host(first?.nodeId ?? 0).reset()
    world.host(first?.nodeId ?? 0).versions = { GetTelemetrySubscriptions: [0, -1] }
    const producing = setIntervalOn(world, () => {
      for (const partition of [0, 1]) producer.produce({ topic: 't', value: 'v', partition })
    })
    await world.untilTaken(2)
    producing.stop()
    const [, second] = world.cluster.clientMetrics.pushed
    expect(second?.nodeId).not.toBe(first?.nodeId)
    expect(second?.clientInstanceId).toBe(first?.clientInstanceId)
  })

  test('stays with one broker while that is there', async () => {
    const world = new TelemetryWorld({ brokers: 3, topics: [{ name: 't', partitions: 3 }] })
    const producer = world.reporting()
    for (const partition of [2, 1, 0]) await world.until(producer.send({ topic: 't', value: 'v', partition }))
    await world.untilTaken(3)
    const asked = world.asked.map(({ nodeId }) => nodeId)
    expect(asked, 'the first one that was connected').toEqual([world.partition('t', 2).leaderId])
    const pushed = world.cluster.clientMetrics.pushed.map(({ nodeId }) => nodeId)
    expect(new Set(pushed)).toEqual(new Set(asked))
  })

  test('begins no connection of its own', async () => {
    const world = new TelemetryWorld()
    world.reporting()
    await world.pass(INTERVAL_MS * 3)
    expect(world.wire.requests).toEqual([])
  })

  test('leaves brokers alone that take no metrics, and looks again later', async () => {
    const world = new TelemetryWorld()
    const [host] = world.hosts
    if (host !== undefined) host.versions = { GetTelemetrySubscriptions: [0, -1], PushTelemetry: [0, -1] }
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(200_000)
    expect([world.asked, world.pushedAtMs]).toEqual([[], []])
    if (host !== undefined) host.versions = {}
    host?.reset() // it comes back with a receiver
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(101_000)
    expect(world.asked).toHaveLength(1)
  })

  test('without it asks nobody', async () => {
    const world = new TelemetryWorld()
    await world.until(world.producer().send({ topic: 't', value: 'v' }))
    await world.pass(INTERVAL_MS * 3)
    expect(world.asked).toEqual([])
  })

  test('goes on sending when its encoder throws, and says so', async () => {
    const world = new TelemetryWorld()
    let failures = 0
    const producer = world.reporting({
      telemetry: {
        encode: (metrics, labels) => {
          if (failures++ === 0) throw new Error('a bad encoder')
          return jsonTelemetry.encode(metrics, labels)
        },
      },
    })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.logged).toContain('linger: the metrics for brokers cannot be encoded: a bad encoder')
    expect(world.lastTaken('record.send.total')?.value, 'nothing is lost of what was counted').toBe(1)
    await world.until(producer.send({ topic: 't', value: 'v' }))
  })

  test.each<[string, Fault]>([
    ['the connection ends before a push was read', { kind: 'close-before' }],
    ['no answer to a push came', { kind: 'hang' }],
  ])('tells again what was counted when %s', async (_, fault) => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    world.onRequest(pushTelemetry, (_request, ordinal) => {
      world.pushedAtMs.push(world.nowMs)
      return ordinal === 1 ? fault : undefined
    })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => world.pushedAtMs.length === 1)
    await world.pass(31_000) // requestTimeoutMs
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => world.pushedAtMs.length === 2)
    await world.pass(10)
    expect(world.lastTaken('record.send.total')?.value).toBe(2)
    expect(world.asked, 'it asks again what is wanted').toHaveLength(2)
  })

  test('sends records while the answer to a push is awaited', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    world.onRequest(pushTelemetry, () => {
      world.pushedAtMs.push(world.nowMs)
      return { kind: 'delay', delayMs: 5_000 }
    })
    await world.untilTrue(() => world.pushedAtMs.length === 1)
    producer.produce({ topic: 't', value: 'second' })
    await world.pass(100)
    expect(world.valuesIn('t')).toEqual(['v', 'second'])
  })
})

describe('a refused push', () => {
  const refusing = (errorCode: number) => {
    const world = new TelemetryWorld()
    const refused: number[] = []
    world.onRequest(pushTelemetry, (request, ordinal) => {
      world.pushedAtMs.push(world.nowMs)
      if (ordinal > 1) return undefined
      refused.push(world.nowMs)
      return answerTo(request, pushTelemetry, () => ({ errorCode, throttleTimeMs: 0 }))
    })
    return { world, refused }
  }

  test('of an old subscription asks at once what is wanted now', async () => {
    const world = new TelemetryWorld()
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    world.cluster.clientMetrics.subscribe('all', { metrics: [`${PREFIX}record.send.total`], intervalMs: INTERVAL_MS })
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => world.pushedAtMs.length === 2)
    await world.pass(100)
    expect(world.asked).toHaveLength(2)
    await world.untilTaken(2)
    expect(world.taken[1]?.metrics).toMatchObject([{ name: `${PREFIX}record.send.total`, value: 1 }])
  })

  test.each([
    ['THROTTLING_QUOTA_EXCEEDED', 89],
    ['TELEMETRY_TOO_LARGE', 118],
    ['a retriable code', 7],
  ])('with %s waits for the interval, and asks again', async (_, errorCode) => {
    const { world, refused } = refusing(errorCode)
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTrue(() => refused.length === 1)
    const refusedMs = refused[0] ?? 0
    await world.pass(INTERVAL_MS - 100)
    expect(world.asked).toHaveLength(1)
    await world.pass(200)
    expect(world.asked).toHaveLength(2)
    await world.untilTaken(1)
    expect(world.nowMs - refusedMs).toBeGreaterThan(INTERVAL_MS * 1.5)
  })

  test.each([
    ['INVALID_RECORD', 87],
    ['INVALID_REQUEST', 42],
    ['UNSUPPORTED_VERSION', 35],
    ['UNKNOWN_ERROR_4711', 4711],
  ])('with %s was the last one, and the log says why', async (name, errorCode) => {
    const { world } = refusing(errorCode)
    const producer = world.reporting()
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.pass(INTERVAL_MS * 5)
    expect([world.asked.length, world.pushedAtMs.length]).toEqual([1, 1])
    expect(world.logged.filter((line) => line.includes('no more metrics'))).toEqual([expect.stringContaining(name)])
    await world.until(producer.send({ topic: 't', value: 'v' }))
    await world.until(producer.close())
    expect(world.pushedAtMs.length, 'none at the end').toBe(1)
  })

  test('because of its compression is followed by one that is compressed in another way', async () => {
    const { world } = refusing(76)
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.untilTaken(1)
    expect(world.asked).toHaveLength(2)
    expect(world.taken[0]?.compressionType).toBe(3)
  })

  test.each([
    ['UNKNOWN_SUBSCRIPTION_ID', 117],
    ['THROTTLING_QUOTA_EXCEEDED', 89],
  ])('question with %s is asked again after an interval, not at once', async (_, errorCode) => {
    const world = new TelemetryWorld()
    const asked: number[] = []
    world.onRequest(getTelemetrySubscriptions, (request) => {
      asked.push(world.nowMs)
      return answerTo(request, getTelemetrySubscriptions, () => ({ ...NOTHING_WANTED, errorCode }))
    })
    await world.until(world.reporting().send({ topic: 't', value: 'v' }))
    await world.pass(299_000)
    expect(asked).toHaveLength(1)
    await world.pass(2_000)
    expect(asked).toHaveLength(2)
  })
})

/** Does something every 500 ms. */
function setIntervalOn(world: TelemetryWorld, run: () => void): { stop: () => void } {
  let isOver = false
  const again = (): void => {
    if (isOver) return
    run()
    world.timeline.after(500, again)
  }
  again()
  return { stop: () => void (isOver = true) }
}
