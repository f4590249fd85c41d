import { expect, test, vi } from 'vitest'
import type { PartitionerArgs } from '../../src/index.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 2 }] })

test('a partitioner is made once and asked for each message, with what KafkaJS tells it', async () => {
  const asked: PartitionerArgs[] = []
  const createPartitioner = vi.fn(() => (args: PartitionerArgs) => {
    asked.push(args)
    return 1
  })
  const producer = local.kafka().producer({ createPartitioner })
  await producer.connect()
  const messages = [{ value: 'a', headers: { tenant: 'x' } }, { value: 'b' }]
  const [entry] = await producer.send({ topic: 'orders', messages })
  await producer.disconnect()

  expect(createPartitioner).toHaveBeenCalledOnce()
  expect(entry?.partition).toBe(1)
  expect(asked.map(({ message }) => message)).toEqual(messages)
  expect(asked[0]).toMatchObject({
    topic: 'orders',
    partitionMetadata: [0, 1].map((partitionId) => ({
      partitionErrorCode: 0,
      partitionId,
      leader: 1,
      replicas: [1],
      isr: [1],
      offlineReplicas: [],
    })),
  })
})

test.each([
  ['what is no number', () => Number.NaN],
  ['nothing', () => unchecked(undefined)],
  ['null', () => unchecked(null)],
  ['an empty text', () => unchecked('')],
  ['true', () => unchecked(true)],
  ['a partition that is not there', () => 7],
])('%s is refused, where KafkaJS drops the message without a word', async (_, choose) => {
  const producer = local.kafka().producer({ createPartitioner: () => choose })
  await producer.connect()
  const error = await failureOf(producer.send({ topic: 'orders', messages: [{ value: 'v' }] }))
  await producer.disconnect()
  expect(error).toMatchObject({ name: 'KafkaJSNonRetriableError', retriable: false })
})

test('a number in digits does as well, as with KafkaJS', async () => {
  const producer = local.kafka().producer({ createPartitioner: () => () => unchecked('1') })
  await producer.connect()
  expect(await producer.send({ topic: 'orders', messages: [{ value: 'v' }] })).toMatchObject([{ partition: 1 }])
  await producer.disconnect()
})

test('what a partitioner throws comes as it is', async () => {
  const createPartitioner = () => () => {
    throw new RangeError('not today')
  }
  const producer = local.kafka().producer({ createPartitioner })
  await producer.connect()
  const error = await failureOf(producer.send({ topic: 'orders', messages: [{ value: 'v' }] }))
  await producer.disconnect()
  expect(error).toMatchObject({ name: 'RangeError', message: 'not today' })
})
