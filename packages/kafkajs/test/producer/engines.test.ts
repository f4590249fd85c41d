import { connect } from 'node:net'
import { metadata, produce } from '@linger/protocol'
import { expect, test, vi } from 'vitest'
import { CompressionTypes, type ISocketFactory, type ProducerRecord } from '../../src/index.ts'
import { useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({
  topics: [
    { name: 'orders', partitions: 1 },
    { name: 'large', partitions: 1, config: { 'max.message.bytes': '20000000' } },
  ],
  requestLog: { count: 1000 },
})

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

test('all engines of a producer have one cap on memory, and who waits for it is served in the order of the calls', async () => {
  const DELAY_MS = 500
  const arrivedMs = new Map<number, number>()
  const stop = local.cluster.faults.intercept(({ apiName, connectionId }) => {
    if (apiName !== 'Produce' || arrivedMs.has(connectionId)) return undefined
    arrivedMs.set(connectionId, performance.now())
    return { kind: 'delay', delayMs: DELAY_MS }
  })
  const producer = local.kafka().producer()
  await producer.connect()
  const large = 'x'.repeat(15_000_000)
  // Nine times 15 MB are more than 128 MiB: the ninth waits, and what is sent afterwards in another way waits behind it.
  const sends = Array.from({ length: 9 }, () => producer.send({ topic: 'large', messages: [{ value: large }] }))
  sends.push(producer.send({ topic: 'large', messages: [{ value: 'small' }], acks: 1 }))
  expect(await Promise.all(sends)).toHaveLength(10)
  stop()
  await producer.disconnect()
  const [first = 0, second = 0, ...more] = [...arrivedMs.values()]
  expect(more, 'two engines').toEqual([])
  expect(second - first, 'not before the first gave its memory back').toBeGreaterThanOrEqual(DELAY_MS - 1)
})
