import { otlpTelemetry } from '@linger/opentelemetry'
import { Producer, type ProducerConfig } from '@linger/producer'
import { ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer'
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { JavaProducer } from '../transactions/java-producer.ts'
import { startCollectingKafka, type CollectedPoint, type CollectingKafka } from './collecting-kafka.ts'

const PREFIX = 'org.apache.kafka.producer.'
const WAIT = { timeout: 60_000, interval: 50 }
const INTERVAL_MS = 500
const MAX_BYTES = 20_000

// Only where Kafka came from Maven do we know that a local JVM can run.
describe.skipIf(inject('kafka')?.provider !== 'maven')('a real Kafka that collects metrics', () => {
  let collecting: CollectingKafka
  const closing: (() => Promise<unknown>)[] = []

  beforeAll(async () => {
    collecting = await startCollectingKafka(MAX_BYTES)
    await collecting.subscribe('all', '*', INTERVAL_MS)
    await createTopic(collecting.kafka.bootstrapServers, 'orders', 1)
  })
  afterAll(async () => {
    for (const close of closing) await close()
    await collecting.stop()
  })

  const producerFor = (clientId: string, config: Partial<ProducerConfig> = {}): Producer => {
    const { bootstrapServers } = collecting.kafka
    const telemetry = otlpTelemetry(ProtobufMetricsSerializer)
    const producer = new Producer({ bootstrapServers, clientId, telemetry, ...config })
    closing.push(() => producer.close({ timeoutMs: 0 }))
    return producer
  }

  const pointsOf = async (clientId: string): Promise<CollectedPoint[]> =>
    (await collecting.collected()).filter((point) => point.clientId === clientId)

  const untilPoints = async (clientId: string, isThere: (points: CollectedPoint[]) => boolean) =>
    vi.waitFor(async () => {
      const points = await pointsOf(clientId)
      if (!isThere(points)) throw new Error(`${points.length} points of ${clientId} are not enough`)
      return points
    }, WAIT)

  test('gets what a producer counts, each count once, and the rest at its end', async () => {
    const producer = producerFor('counting')
    const sentMs = Date.now()
    for (let count = 0; count < 10; count++) await producer.send({ topic: 'orders', value: 'tea' })
    await untilPoints('counting', (points) => points.length > 0)
    for (let count = 0; count < 5; count++) await producer.send({ topic: 'orders', value: 'tea' })
    const id = await producer.clientInstanceId()
    await producer.close()

    const points = await untilPoints('counting', (all) => all.some(({ terminating }) => terminating))
    expect(new Set(points.map(({ clientInstanceId }) => clientInstanceId))).toEqual(new Set([id]))
    const sent = points.filter(({ name }) => name === `${PREFIX}topic.record.send.total`)
    expect(new Set(sent.map(({ kind, labels }) => `${kind} ${labels}`))).toEqual(new Set(['delta topic=orders']))
    expect(sent.reduce((sum, { value }) => sum + value, 0)).toBe(15)
    for (const [index, { startTimeMs, timeMs }] of sent.entries()) {
      expect(timeMs).toBeGreaterThanOrEqual(sentMs)
      expect(timeMs).toBeLessThanOrEqual(Date.now())
      if (index > 0) expect(startTimeMs, 'no gap').toBe(sent[index - 1]?.timeMs)
    }
    const [latency] = points.filter(({ name }) => name === `${PREFIX}node.request.latency.avg`)
    expect(latency).toMatchObject({ kind: 'gauge', labels: 'node_id=node-1' })
    expect(latency?.value).toBeGreaterThan(0)
    expect(latency?.value).toBeLessThan(10_000)
  })

  test("gets the same metrics from Java's producer: names, kinds, labels", async () => {
    const java = await JavaProducer.start(collecting.kafka.bootstrapServers)
    closing.push(() => java.stop())
    await java.renew('java', 60_000)
    const producer = producerFor('ours', { transactionalId: 'ours' })
    const isOfJava = ({ resource }: CollectedPoint): boolean => resource === 'transactional_id=java'
    const describeAll = (points: readonly CollectedPoint[]): Map<string, string> =>
      new Map(points.map(({ name, kind, labels }) => [name, `${kind} ${labels.replaceAll(/=[^,]*/gu, '')}`]))

    await java.tell('init')
    for (const command of ['begin', 'send orders 0 v', 'commit']) await java.tell(command)
    await producer.transaction((tx) => tx.send({ topic: 'orders', value: 'v' }))
    const isWhole = (points: readonly CollectedPoint[]): boolean =>
      points.some(({ name }) => name === `${PREFIX}topic.record.send.total`)
    const ours = await untilPoints('ours', isWhole)
    const theirs = await vi.waitFor(async () => {
      const points = (await collecting.collected()).filter(isOfJava)
      if (!isWhole(points)) throw new Error("nothing of Java's producer yet")
      return points
    }, WAIT)
    expect(new Set(ours.map(({ resource }) => resource))).toEqual(new Set(['transactional_id=ours']))
    const javas = describeAll(theirs)
    const described = describeAll(ours)
    expect([...described].filter(([name, what]) => javas.get(name) !== what)).toEqual([])
    expect(described.size).toBeGreaterThan(50)
    const labelsOf = (points: readonly CollectedPoint[]) =>
      new Set(points.filter(({ name }) => name.includes('.node.')).map(({ labels }) => labels))
    expect(labelsOf(theirs)).toContain('node_id=node-1')
    expect(labelsOf(ours)).toContain('node_id=node-1')
  })

  test('gets as much as it allows, the metrics of the producer first', async () => {
    const { bootstrapServers } = collecting.kafka
    const topics = Array.from({ length: 100 }, (_, index) => `${'many-topics-'.repeat(10)}${index}`)
    for (const topic of topics) await createTopic(bootstrapServers, topic, 1)
    const producer = producerFor('large')
    await producer.sendAll(topics.map((topic) => ({ topic, value: 'v' })))
    const points = await untilPoints('large', (all) => all.length > 0)
    const names = points.map(({ name }) => name)
    expect(names).toContain(`${PREFIX}record.send.total`)
    const told = points.filter(({ name }) => name === `${PREFIX}topic.record.send.total`)
    expect(told.length).toBeLessThan(topics.length)
    await producer.send({ topic: topics[0] ?? '', value: 'v' })
    await untilPoints('large', (all) => all.length > points.length)
  })

  test('gets what it wants from then on when that changes', async () => {
    const producer = producerFor('changing')
    await producer.send({ topic: 'orders', value: 'tea' })
    await untilPoints('changing', (points) => points.length > 0)
    const wanted = `${PREFIX}record.send.`
    await collecting.subscribe('all', wanted, INTERVAL_MS)
    const lastOf = (points: readonly CollectedPoint[]): CollectedPoint[] => {
      const lastMs = Math.max(...points.map(({ timeMs }) => timeMs))
      return points.filter(({ timeMs }) => timeMs === lastMs)
    }
    const points = await untilPoints('changing', (all) => lastOf(all).every(({ name }) => name.startsWith(wanted)))
    expect(lastOf(points).map(({ name }) => name)).toEqual([`${wanted}rate`, `${wanted}total`])
    expect(new Set(points.map(({ clientInstanceId }) => clientInstanceId)).size).toBe(1)
  })
})
