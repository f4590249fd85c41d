import { metadata, type ResponseOf } from '@linger/protocol'
import { expect, test } from 'vitest'
import { alterAnswer } from '../network/altered-answer.ts'
import { World } from '../world/world.ts'

const UNKNOWN_TOPIC_OR_PARTITION = 3

type Answer = ResponseOf<typeof metadata>

test.each<[string, (answer: Answer) => void]>([
  [
    'denied',
    ({ topics }) => {
      for (const topic of topics) Object.assign(topic, { errorCode: UNKNOWN_TOPIC_OR_PARTITION, partitions: [] })
    },
  ],
  [
    'left out',
    (answer) => {
      answer.topics = []
    },
  ],
])('a partition whose leader is awaited is asked for again after a broker has %s its topic', async (_how, alter) => {
  const world = new World({ topics: [{ name: 't', partitions: 2 }] })
  const producer = world.producer()
  await world.until(producer.send({ topic: 't', partition: 0, value: '0' }))
  world.elect('t', 1, -1)
  const sent = producer.send({ topic: 't', partition: 1, value: '1' })
  const askedBefore = world.wire.of(metadata).length
  await world.untilTrue(() => world.wire.of(metadata).length > askedBefore + 1)
  let isAltered = false
  world.onRequest(metadata, (request) => {
    if (isAltered) return undefined
    isAltered = true
    return alterAnswer(request, metadata, alter)
  })
  await world.untilTrue(() => isAltered)
  await world.pass(1_000)
  world.elect('t', 1, 1)
  const electedMs = world.nowMs
  await world.until(sent)
  expect(world.nowMs - electedMs).toBeLessThan(5_000)
})
