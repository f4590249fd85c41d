import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer } from '@linger/producer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { observeProducer } from '../src/index.ts'
import { Collector } from './collector.ts'

let broker: RunningBroker
let producer: Producer

beforeAll(async () => {
  broker = await startBroker({ topics: [{ name: 'orders', partitions: 1 }] })
  producer = new Producer({ bootstrapServers: broker.bootstrapServers })
})

afterAll(async () => {
  await producer.close()
  await broker.close()
})

test('a producer is observed whenever metrics are collected, until that is ended', async () => {
  const metrics = new Collector()
  const stop = observeProducer(producer, {
    meterProvider: metrics.provider,
    attributes: { 'client-id': 'shop' },
  })
  await producer.send({ topic: 'orders', value: 'v' })
  const attributes = { 'client-id': 'shop' }
  expect(await metrics.valuesOf('kafka.producer.record_send_total')).toEqual([{ value: 1, attributes }])
  expect(await metrics.valuesOf('kafka.producer.buffer_total_bytes')).toEqual([{ value: 33_554_432, attributes }])
  expect(await metrics.valuesOf('kafka.producer.topic.record_send_total')).toEqual([
    { value: 1, attributes: { ...attributes, topic: 'orders' } },
  ])
  const latencies = await metrics.valuesOf('kafka.producer.node.request_latency_avg')
  expect(
    latencies?.map((latency) => latency.attributes),
    'the bootstrap server got no Produce request',
  ).toEqual([{ ...attributes, 'node-id': '1' }])
  expect(await metrics.counterNames()).toContain('kafka.producer.record_error_total')
  expect(await metrics.counterNames()).not.toContain('kafka.producer.record_error_rate')

  await producer.send({ topic: 'orders', value: 'v' })
  expect(await metrics.valuesOf('kafka.producer.record_send_total')).toEqual([{ value: 2, attributes }])
  stop()
  await producer.send({ topic: 'orders', value: 'v' })
  expect(await metrics.valuesOf('kafka.producer.record_send_total')).toEqual([{ value: 2, attributes }])
})
