import { produce } from '@linger/protocol'
import { expect, test } from 'vitest'
import { answerTo } from '../world/broker-host.ts'
import { World } from '../world/world.ts'

const INVALID_RECORD = 87

test('fault 29: a broker that names the records it refuses lets each record know whether it was the one', async () => {
  const world = new World()
  const producer = world.producer()
  await world.until(producer.partitionsFor('t'))
  world.onRequest(produce, (request) =>
    answerTo(request, produce, ({ topicData }) => ({
      responses: topicData.map(({ name, topicId }) => ({
        name,
        topicId,
        partitionResponses: [
          {
            index: 0,
            errorCode: INVALID_RECORD,
            baseOffset: -1n,
            errorMessage: 'one or more records were rejected',
            recordErrors: [{ batchIndex: 1, batchIndexErrorMessage: 'it has no key' }, { batchIndex: 2 }],
          },
        ],
      })),
    })),
  )
  const sent = ['0', '1', '2'].map((value) => world.failureOf(producer.send({ topic: 't', value })))
  const errors = await Promise.all(sent)
  for (const error of errors) {
    expect(error).toMatchObject({ code: 'INVALID_RECORD', outcome: 'never', retriable: false, partition: 0 })
    expect(error.message).toContain('t-0: 3 records, 1 attempt')
    expect(error.message).toContain('one or more records were rejected')
  }
  expect(errors.map(({ message }) => message.split('; ').at(-1))).toEqual([
    'another record of the batch was refused, and this one with it',
    'this record was refused: it has no key',
    'this record was refused',
  ])
})

test('a topic that is compacted refuses the record without a key by name', async () => {
  const world = new World({ topics: [{ name: 't', partitions: 1, config: { 'cleanup.policy': 'compact' } }] })
  const producer = world.producer()
  await world.until(producer.partitionsFor('t'))
  const sent = [producer.send({ topic: 't', key: 'k', value: '0' }), producer.send({ topic: 't', value: '1' })]
  const [innocent, guilty] = await Promise.all(sent.map((one) => world.failureOf(one)))
  expect(innocent?.message).toContain('another record of the batch was refused')
  expect(guilty?.message).toContain('this record was refused')
})
