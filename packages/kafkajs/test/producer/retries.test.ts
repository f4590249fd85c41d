import { expect, test } from 'vitest'
import { KafkaJSNumberOfRetriesExceeded, KafkaJSProtocolError, type Kafka, type Message } from '../../src/index.ts'
import { failureOf, SOON, useLocalBroker } from '../local-broker.ts'

const NOT_LEADER = 6
const NOT_ENOUGH_REPLICAS = 19
const OUT_OF_ORDER = 45

const local = useLocalBroker({
  topics: [
    { name: 'orders', partitions: 2 },
    { name: 'refused', partitions: 1 },
  ],
  autoCreateTopics: false,
})

async function sent(kafka: Kafka, topic: string, messages: Message[]): Promise<unknown> {
  const producer = kafka.producer()
  await producer.connect()
  try {
    return await producer.send({ topic, messages })
  } finally {
    await producer.disconnect()
  }
}

test('what a broker refuses for a moment is sent again', async () => {
  local.cluster.faults.push({ api: 'Produce', topic: 'orders' }, { kind: 'error', errorCode: NOT_ENOUGH_REPLICAS })
  expect(await sent(local.kafka(), 'orders', [{ value: 'v' }])).toHaveLength(1)
})

test('only the partition that failed is sent again, where KafkaJS writes the others twice', async () => {
  const ends = (): number[] => [0, 1].map((index) => local.cluster.partition('orders', index).log.endOffset)
  const before = ends()
  local.cluster.faults.push({ api: 'Produce', topic: 'orders', partition: 1 }, { kind: 'error', errorCode: NOT_LEADER })
  await sent(local.kafka(), 'orders', [
    { value: 'a', partition: 0 },
    { value: 'b', partition: 1 },
  ])
  expect(ends()).toEqual(before.map((end) => end + 1))
})

test('the last refusal is told after all retries', async () => {
  const refusals = Array.from({ length: SOON.retries + 1 }, () => ({
    kind: 'error' as const,
    errorCode: NOT_ENOUGH_REPLICAS,
  }))
  local.cluster.faults.push({ api: 'Produce', topic: 'refused' }, ...refusals)
  const error = await failureOf(sent(local.kafka(), 'refused', [{ value: 'v' }]))
  expect(error).toBeInstanceOf(KafkaJSNumberOfRetriesExceeded)
  expect(error).toMatchObject({ retryCount: SOON.retries, retriable: false })
  expect(error.cause).toBeInstanceOf(KafkaJSProtocolError)
  expect(error.cause).toMatchObject({ type: 'NOT_ENOUGH_REPLICAS', code: NOT_ENOUGH_REPLICAS, retriable: true })
  expect(error.cause, 'whose message it has').toMatchObject({ message: error.message })
})

test('what is refused for good is told at once', async () => {
  local.cluster.faults.push({ api: 'Produce', topic: 'refused' }, { kind: 'error', errorCode: OUT_OF_ORDER })
  const error = await failureOf(sent(local.kafka(), 'refused', [{ value: 'v' }]))
  expect(error).toMatchObject({ name: 'KafkaJSProtocolError', type: 'OUT_OF_ORDER_SEQUENCE_NUMBER', retriable: false })
})

test('a topic that does not exist is told after all retries', async () => {
  const error = await failureOf(sent(local.kafka(), 'none', [{ value: 'v' }]))
  expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', retryCount: SOON.retries })
  expect(error.cause).toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION', code: 3, retriable: true })
})

test('a topic with an impossible name is told at once, with the refusal as its cause', async () => {
  const error = await failureOf(sent(local.kafka(), 'no topic', [{ value: 'v' }]))
  expect(error).toMatchObject({ name: 'KafkaJSNonRetriableError', retriable: false })
  expect(error.cause).toMatchObject({ name: 'KafkaJSProtocolError', type: 'INVALID_TOPIC_EXCEPTION', code: 17 })
})
