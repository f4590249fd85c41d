import { expect, test } from 'vitest'
import type { Interceptor, ProducerRecord } from '../../src/index.ts'
import { World } from '../world/world.ts'

test('an object that was no room for, and is another record by now, goes through interceptors anew', async () => {
  const world = new World()
  const producer = world.producer({
    bufferMemory: 131_072,
    maxRequestSize: 100_000,
    interceptors: [{ onSend: (record) => ({ ...record, headers: { seen: '1' } }) }],
  })
  await world.until(producer.partitionsFor('t'))
  const record = { topic: 't', value: 'x'.repeat(90_000) }
  expect([producer.produce(record), producer.produce(record)]).toEqual([true, false])
  await world.until(producer.flush())
  record.value = 'new'
  producer.produce(record)
  await world.until(producer.flush())
  expect(world.valuesIn('t')).toEqual(['x'.repeat(90_000), 'new'])
})

test.each<[string, Partial<ProducerRecord>]>([
  ['partition', { partition: 1 }],
  ['topic', { topic: 'u' }],
  ['timestamp', { timestamp: 5 }],
  ['ttlMs', { ttlMs: 60_000 }],
  ['delayMs', { delayMs: 10 }],
  ['deliverAt', { deliverAt: 10 }],
])('or whose %s alone is another', async (_field, change) => {
  const topics = ['t', 'u'].map((name) => ({ name, partitions: 2 }))
  const world = new World({ topics })
  const seen: object[] = []
  const onSend: Interceptor['onSend'] = (record) => {
    seen.push({ ...record })
    return { ...record }
  }
  const producer = world.producer({ bufferMemory: 131_072, maxRequestSize: 130_000, interceptors: [{ onSend }] })
  await world.until(Promise.all(topics.map(({ name }) => producer.partitionsFor(name))))
  producer.produce({ topic: 't', value: 'x'.repeat(90_000) })
  const record = { topic: 't', partition: 0, value: 'y'.repeat(90_000) }
  expect(producer.produce(record)).toBe(false)
  Object.assign(record, change)
  expect(producer.produce(record)).toBe(false)
  expect(producer.produce(record)).toBe(false)
  expect(seen.slice(1)).toMatchObject([{ topic: 't', partition: 0 }, change])
  expect(seen).toHaveLength(3)
})
