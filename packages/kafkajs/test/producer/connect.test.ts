import { createServer } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { Kafka, logLevel, type LogEntry } from '../../src/index.ts'
import { failureOf, SOON, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}

test('a cluster that cannot be reached is tried as often as KafkaJS would, with its log', async () => {
  const logged: LogEntry[] = []
  const port = await closedPort()
  const kafka = new Kafka({
    brokers: [`127.0.0.1:${port}`],
    retry: SOON,
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => void logged.push(entry),
  })
  const error = await failureOf(kafka.producer().connect())
  const reason = `Connection error: connect ECONNREFUSED 127.0.0.1:${port}`
  expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', message: reason, retryCount: SOON.retries })
  expect(error.cause).toMatchObject({ name: 'KafkaJSConnectionError', code: 'ECONNREFUSED', retriable: true })
  expect(logged.map(({ namespace, log }) => [namespace, log.message, log['retryCount']])).toEqual(
    [0, 1, 2, 3].map((count) => [
      'BrokerPool',
      `Failed to connect to seed broker, trying another broker from the list: ${reason}`,
      count,
    ]),
  )
})

test('what no other broker can mend is not tried again, and logged as it is', async () => {
  const kafka = local.kafka(unchecked({ sasl: { mechanism: 'plain' } }))
  const message = 'SASL Plain: Invalid username or password'
  const before = local.logged.length
  expect(await failureOf(kafka.producer().connect())).toMatchObject({ name: 'KafkaJSSASLAuthenticationError', message })
  expect(local.logged.slice(before).map(({ namespace, log }) => [namespace, log.message])).toEqual([
    ['BrokerPool', message],
  ])
})

test.each([
  [undefined, 'Failed to connect: brokers should not be null'],
  ['localhost:9092', 'Failed to connect: brokers should be an array'],
  [[], 'Failed to connect: brokers array is empty'],
  [['a:1', 5], 'Failed to connect: broker at index 1 is invalid "number"'],
  [
    () => {
      throw new Error('no list')
    },
    'Failed to connect: "config.brokers" threw: no list',
  ],
])('brokers %j', async (brokers, message) => {
  const kafka = new Kafka(unchecked({ brokers, retry: SOON, logLevel: logLevel.NOTHING }))
  expect(await failureOf(kafka.producer().connect())).toMatchObject({ message })
})

test('brokers may be asked for, and are asked again when they cannot be reached', async () => {
  const lists = [[`127.0.0.1:${await closedPort()}`], [local.bootstrapServers]]
  const kafka = local.kafka({ brokers: async () => lists.shift() ?? [] })
  const producer = kafka.producer()
  await producer.connect()
  expect(await producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).toHaveLength(1)
  await producer.disconnect()
  expect(lists).toEqual([])
})

test('a producer that was disconnected can be connected again', async () => {
  const producer = local.kafka().producer()
  for (let round = 0; round < 2; round++) {
    await producer.connect()
    expect(await producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).toHaveLength(1)
    await producer.disconnect()
    expect(await failureOf(producer.send({ topic: 'orders', messages: [{ value: 'v' }] }))).toMatchObject({
      name: 'KafkaJSError',
      message: 'The producer is disconnected',
      retriable: true,
    })
  }
})

test('disconnect waits for what was sent, and takes nothing more meanwhile', async () => {
  const producer = local.kafka().producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ value: 'first' }] })
  const sent = producer.send({ topic: 'orders', messages: [{ value: 'last' }] })
  await new Promise(setImmediate)
  const disconnected = producer.disconnect()
  const refused = failureOf(producer.send({ topic: 'orders', messages: [{ value: 'too late' }] }))
  expect(await refused).toMatchObject({
    name: 'KafkaJSNonRetriableError',
    message: "The producer is disconnecting; therefore, it can't safely accept messages anymore",
  })
  await disconnected
  expect(await sent).toHaveLength(1)
})

test('consumers are refused with a sentence that says what to keep', () => {
  expect(() => local.kafka().consumer({ groupId: 'g' })).toThrow('keep kafkajs for consumer()')
})

test('an idempotent producer needs retries', () => {
  const kafka = local.kafka({ retry: { retries: 0 } })
  expect(() => kafka.producer({ idempotent: true })).toThrow(
    'Idempotent producer must allow retries to protect against transient errors',
  )
})

test('the engine can be had while the producer is connected', async () => {
  const producer = local.kafka().producer()
  expect(producer.linger).toBeUndefined()
  await producer.connect()
  expect(await producer.linger?.send({ topic: 'orders', value: 'v' })).toMatchObject({ topic: 'orders', partition: 0 })
  await producer.disconnect()
  expect(producer.linger).toBeUndefined()
})
