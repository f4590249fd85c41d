import { produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { refuseProduce } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const PRODUCER_FENCED = 90

test.each([
  ['an open producer', false],
  ['a producer that is being closed', true],
])('an answer that ends %s gives the sequences of a batch that may be written to no other', async (_, isClosing) => {
  const world = new World()
  world.onRequest(produce, (request, ordinal) => {
    if (ordinal === 1) return { kind: 'close-after' }
    return ordinal === 2 ? refuseProduce(request, PRODUCER_FENCED) : undefined
  })
  const producer = world.producer({ batchSize: 0 })
  const [first, second] = ['first', 'second'].map((value) => world.watch(producer.send({ topic: 't', value })))
  await world.pass(2)
  if (isClosing) void producer.close()
  await world.pass(10_000)
  const sequences = world.wire.batches.map(({ batch }) => `${batch.producerEpoch} ${batch.baseSequence}`)
  expect(sequences.slice(0, 2), 'the same bytes twice').toEqual(['0 0', '0 0'])
  expect(sequences.slice(2)).not.toContain('0 0')
  expect(first?.()).toMatchObject({ state: 'rejected', error: { code: 'PRODUCER_FENCED', outcome: 'unknown' } })
  expect(second?.().state).not.toBe('pending')
  if (second?.().state === 'fulfilled') expect(world.valuesIn('t')).toEqual(['first', 'second'])
})
