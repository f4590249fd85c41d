import { expect, test } from 'vitest'
import { World } from '../world/world.ts'

test('an abort does not wait for records of a partition that is gone', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 2 }] })
  const producer = world.producer({ transactionalId: 'x', lingerMs: 5000, metadataMaxAgeMs: 100 })
  await world.until(producer.partitionsFor('t'))
  await world.until(producer.initTransactions())
  const transaction = producer.beginTransaction()
  const sent = world.watch(transaction.send({ topic: 't', partition: 1, value: 'a' }))
  world.cluster.recreateTopic('t', [[1]])
  await world.pass(500)
  const startMs = world.nowMs
  await world.until(transaction.abort())
  expect(sent()).toMatchObject({ state: 'rejected', error: { outcome: 'never' } })
  expect(world.nowMs - startMs).toBeLessThan(1000)
})
