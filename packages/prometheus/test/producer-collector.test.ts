import { startBroker, type RunningBroker } from '@linger/broker'
import { Producer } from '@linger/producer'
import { Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ProducerCollector } from '../src/index.ts'

let broker: RunningBroker
let producer: Producer
let register: Registry
let collector: ProducerCollector

beforeEach(async () => {
  broker = await startBroker({ topics: [{ name: 'orders', partitions: 1 }] })
  producer = new Producer({ bootstrapServers: broker.bootstrapServers })
  register = new Registry()
  collector = new ProducerCollector({ register })
})

afterEach(async () => {
  await producer.close()
  await broker.close()
})

/** The lines of a scrape that begin so. */
async function scraped(start: string): Promise<string[]> {
  return (await register.metrics()).split('\n').filter((line) => line.startsWith(start))
}

test('a scrape shows what each producer is doing just then', async () => {
  collector.add('shop', producer)
  await producer.send({ topic: 'orders', value: 'v' })
  expect(await scraped('kafka_producer_topic_record_send_total')).toEqual([
    'kafka_producer_topic_record_send_total{client_id="shop",topic="orders"} 1',
  ])
  expect(await scraped('kafka_producer_record_send_total')).toEqual([
    'kafka_producer_record_send_total{client_id="shop"} 1',
  ])
  await producer.send({ topic: 'orders', value: 'v' })
  expect(await scraped('kafka_producer_record_send_total')).toEqual([
    'kafka_producer_record_send_total{client_id="shop"} 2',
  ])
  expect(await scraped('kafka_producer_node_request_latency_avg')).toEqual([
    expect.stringMatching(/^kafka_producer_node_request_latency_avg\{client_id="shop",node_id="1"\} [\d.]+$/u),
  ])
  expect(await scraped('# TYPE kafka_producer_record_error_')).toEqual([
    '# TYPE kafka_producer_record_error_rate gauge',
    '# TYPE kafka_producer_record_error_total counter',
  ])
})

test('a producer that was removed is no longer shown', async () => {
  collector.add('shop', producer)
  const other = new Producer({ bootstrapServers: broker.bootstrapServers })
  collector.add('audit', other)
  await Promise.all([producer, other].map((one) => one.send({ topic: 'orders', value: 'v' })))
  expect(await scraped('kafka_producer_record_send_total')).toHaveLength(2)
  await other.close()
  collector.remove('audit')
  expect(await scraped('kafka_producer_record_send_total')).toEqual([
    'kafka_producer_record_send_total{client_id="shop"} 1',
  ])
  expect(await scraped('kafka_producer_count')).toEqual(['kafka_producer_count 1'])
})

test('two producers of one name are refused', () => {
  collector.add('shop', producer)
  expect(() => collector.add('shop', producer)).toThrow("there is a producer 'shop' already")
})
