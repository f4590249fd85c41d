import { connect } from 'node:net'
import { metadata, produce } from '@linger/protocol'
import { expect, test, vi } from 'vitest'
import { CompressionTypes, type ISocketFactory, type ProducerRecord } from '../../src/index.ts'
import { useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }], requestLog: { count: 1000 } })

const record = (options: Partial<ProducerRecord> = {}): ProducerRecord => ({
  topic: 'orders',
  messages: [{ value: 'v', partition: 0 }],
  ...options,
})

test('timeout is how long the leader may wait for its replicas: 30 s, or what the call says', async () => {
  const producer = local.kafka().producer()
  await producer.connect()
  local.cluster.requests.clear()
  await producer.send(record())
  await producer.send(record({ timeout: 1234 }))
  await producer.sendBatch({ timeout: 0, topicMessages: [record()] })
  await producer.send(record())
  await producer.disconnect()
  expect(local.cluster.requests.of(produce).map(({ request }) => request.timeoutMs)).toEqual([30_000, 1234, 0, 30_000])
})

test('whatever ways to send a producer uses, a topic is asked for once', async () => {
  const producer = local.kafka().producer()
  await producer.connect()
  local.cluster.requests.clear()
  await producer.send(record())
  await producer.send(record({ acks: 1 }))
  await producer.send(record({ compression: CompressionTypes.GZIP }))
  await producer.send(record({ timeout: 5000 }))
  await producer.disconnect()
  const named = local.cluster.requests.of(metadata).filter(({ request }) => (request.topics ?? []).length > 0)
  expect(named).toHaveLength(1)
})

test('many timeouts do not become as many engines: the oldest ends when what it has is sent', async () => {
  let openCount = 0
  const socketFactory: ISocketFactory = ({ host, port, onConnect }) => {
    openCount++
    return connect({ host, port }, onConnect).once('close', () => openCount--)
  }
  const producer = local.kafka({ socketFactory }).producer()
  await producer.connect()
  const sends = Array.from({ length: 40 }, (_, index) => producer.send(record({ timeout: 10_000 + index })))
  const answers = await Promise.all(sends)
  expect(answers.every(([entry]) => entry?.topicName === 'orders')).toBe(true)
  for (let index = 0; index < 20; index++) await producer.send(record({ timeout: 20_000 + index }))
  await vi.waitFor(() => expect(openCount, 'one or two for each of 16').toBeLessThanOrEqual(32))
  await producer.disconnect()
  await vi.waitFor(() => expect(openCount).toBe(0))
})
