import { connect } from 'node:net'
import { expect, test } from 'vitest'
import type { ISocketFactoryArgs } from '../../src/index.ts'
import { failureOf, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })

test('every connection is opened by the socket factory, with the names that brokers go by', async () => {
  const opened: ISocketFactoryArgs[] = []
  const socketFactory = (args: ISocketFactoryArgs) => {
    opened.push(args)
    const { port, onConnect } = args
    return connect({ host: '127.0.0.1', port }, onConnect)
  }
  const [, port] = local.bootstrapServers.split(':')
  const producer = local.kafka({ brokers: [`a-name-of-my-own:${port}`], socketFactory }).producer()
  await producer.connect()
  expect(await producer.send({ topic: 'orders', messages: [{ value: 'v'.repeat(200_000) }] })).toHaveLength(1)
  await producer.disconnect()
  expect(opened[0]).toMatchObject({ host: 'a-name-of-my-own', port: Number(port), ssl: undefined })
})

test('a factory that throws is a connection that failed', async () => {
  const socketFactory = () => {
    throw new Error('no proxy')
  }
  const error = await failureOf(local.kafka({ socketFactory }).producer().connect())
  expect(error).toMatchObject({ name: 'KafkaJSNumberOfRetriesExceeded', message: 'Connection error: no proxy' })
  expect(error.cause).toMatchObject({ name: 'KafkaJSConnectionError' })
})
