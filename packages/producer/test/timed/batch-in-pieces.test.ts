import { randomBytes } from 'node:crypto'
import { produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { KafkaError } from '../../src/index.ts'
import { World } from '../world/world.ts'

test('of a batch that compressed worse than others, and went in pieces, what was not sent expires and can be taken back', async () => {
  const world = new World()
  const producer = world.producer({ compressionType: 'gzip', batchSize: 20_000, maxRequestSize: 20_000, lingerMs: 10 })
  await world.until(producer.partitionsFor('t'))
  for (let count = 0; count < 120; count++) await world.until(producer.send({ topic: 't', value: Buffer.alloc(1000) }))
  let requests = 0
  world.onRequest(produce, () => (++requests === 1 ? { kind: 'delay', delayMs: 5000 } : undefined))
  const abort = new AbortController()
  const sent = Array.from({ length: 30 }, (_, index) => {
    const value = randomBytes(1000)
    return index % 2 === 0
      ? world.watch(producer.send({ topic: 't', value }, { signal: abort.signal }))
      : world.watch(producer.send({ topic: 't', value, ttlMs: 500 }))
  })
  await world.pass(200)
  expect(requests, 'one piece is on the wire').toBe(1)
  await world.pass(800)
  abort.abort()
  await world.pass(20_000)

  const ends = sent.map((outcome) => {
    const end = outcome()
    return end.state === 'rejected' && end.error instanceof KafkaError ? end.error.code : end.state
  })
  const onWire = ends.filter((end) => end === 'fulfilled').length
  expect(onWire).toBeGreaterThan(0)
  expect(ends).toEqual(ends.map((_, index) => (index < onWire ? 'fulfilled' : index % 2 === 0 ? 'ABORTED' : 'EXPIRED')))
  expect(await world.until(producer.send({ topic: 't', value: 'last' }))).toMatchObject({ offset: 120 + onWire })
})
