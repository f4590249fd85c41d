import { expect, test } from 'vitest'
import { World } from './world/world.ts'

test('a record is acknowledged with its place in the log', async () => {
  const world = new World()
  const producer = world.producer()
  const metadata = await world.until(producer.send({ topic: 't', value: 'v' }))
  expect(metadata).toEqual({ topic: 't', partition: 0, offset: 0, timestamp: 1_767_225_600_000 })
  expect(world.valuesIn('t')).toEqual(['v'])
  await world.until(producer.close())
  expect(world.network.openSockets).toEqual([])
  expect(world.wire.violations).toEqual([])
})

test('the callback is told what the broker said of the whole batch', async () => {
  const logAppendTime = { 'message.timestamp.type': 'LogAppendTime' }
  const world = new World({
    topics: [
      { name: 'own-time', partitions: 1 },
      { name: 'broker-time', partitions: 1, config: logAppendTime },
    ],
  })
  const producer = world.producer()
  const batches: unknown[] = []
  for (const topic of ['own-time', 'own-time', 'broker-time']) {
    producer.produce({ topic, value: 'v', timestamp: 1 }, (_error, _metadata, batch) => batches.push(batch))
  }
  await world.until(producer.flush())
  const own = { topic: 'own-time', partition: 0, baseOffset: 0, logAppendTimeMs: -1, logStartOffset: 0 }
  expect(batches).toMatchObject([own, own, { topic: 'broker-time', baseOffset: 0, logStartOffset: 0 }])
  expect(batches[0], 'shared, not made for each record').toBe(batches[1])
  expect(batches[2]).toHaveProperty(
    'logAppendTimeMs',
    expect.toSatisfy((timeMs: number) => timeMs > 1_767_225_600_000),
  )
})
