import { startCluster } from '@linger/broker'
import { expect, test } from 'vitest'
import { Kafka, logLevel } from '../../src/index.ts'
import { failureOf, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })

test('sends outlive a broker that is killed and comes back, and are written once by an idempotent producer', async () => {
  const cluster = await startCluster({ brokers: 1, topics: [{ name: 'orders', partitions: 2 }] })
  const kafka = new Kafka({
    brokers: cluster.bootstrapServers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 100, retries: 1000 },
  })
  const producer = kafka.producer({ idempotent: true })
  await producer.connect()
  const send = (index: number): Promise<unknown> =>
    producer.send({ topic: 'orders', messages: [{ value: String(index), partition: index % 2 }] })
  const before = Array.from({ length: 50 }, (_, index) => send(index))
  cluster.kill(1)
  const during = Array.from({ length: 50 }, (_, index) => send(50 + index))
  await cluster.restart(1)
  expect(await Promise.all([...before, ...during])).toHaveLength(100)
  const written = [0, 1].map((index) => cluster.cluster.partition('orders', index).log.endOffset)
  expect(written).toEqual([50, 50])
  await producer.disconnect()
  await cluster.close()
})

test('a connection that a broker ends is told by KafkaJS’s name, once there are no retries left', async () => {
  const producer = local.kafka({ retry: { retries: 0 } }).producer()
  await producer.connect()
  local.cluster.faults.push({ api: 'Produce' }, { kind: 'close' })
  const error = await failureOf(producer.send({ topic: 'orders', messages: [{ value: 'v' }] }))
  await producer.disconnect()
  const [host, port] = local.bootstrapServers.split(':')
  expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', message: 'Closed connection', retryCount: 0 })
  expect(error.cause).toMatchObject({ name: 'KafkaJSConnectionClosedError', host, port: Number(port), retriable: true })
})

test('the engine’s own error ends the causes, and says whether the messages may be written', async () => {
  const producer = local.kafka({ retry: { retries: 0 } }).producer()
  await producer.connect()
  local.cluster.faults.push({ api: 'Produce' }, { kind: 'close' })
  const lost = await failureOf(producer.send({ topic: 'orders', messages: [{ value: 'v' }] }))
  await producer.disconnect()
  const outcomes: unknown[] = []
  for (let at: unknown = lost; at instanceof Error; at = at.cause) outcomes.push(Reflect.get(at, 'outcome'))
  expect(outcomes).toContain('unknown')
})
