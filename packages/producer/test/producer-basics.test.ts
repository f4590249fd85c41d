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
