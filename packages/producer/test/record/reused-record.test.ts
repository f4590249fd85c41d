import { expect, test } from 'vitest'
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
