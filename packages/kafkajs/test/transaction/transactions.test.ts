import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Producer, Transaction } from '../../src/index.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({ topics: [{ name: 'orders', partitions: 1 }] })

const ENDED = 'Cannot continue to use transaction once ended'
const messages = [{ value: 'v' }]

let count = 0

describe('transactions', () => {
  let producer: Producer
  let transaction: Transaction

  beforeEach(async () => {
    producer = local.kafka().producer({ transactionalId: `tx-${count++}` })
    await producer.connect()
    transaction = await producer.transaction()
  })
  afterEach(async () => {
    await producer.disconnect()
  })

  test('what is committed becomes visible, and the transaction has ended', async () => {
    expect(transaction.isActive()).toBe(true)
    expect(await transaction.send({ topic: 'orders', messages })).toMatchObject([{ topicName: 'orders', partition: 0 }])
    await transaction.commit()
    expect(transaction.isActive()).toBe(false)
    for (const call of [transaction.commit, transaction.abort, () => transaction.send({ topic: 'orders', messages })]) {
      expect(await failureOf(call())).toMatchObject({ name: 'KafkaJSNonRetriableError', message: ENDED })
    }
  })

  test('once it has ended it says so, whatever it is given', async () => {
    await transaction.commit()
    for (const call of [transaction.send, transaction.sendBatch, transaction.sendOffsets]) {
      expect(await failureOf(call(unchecked(undefined)))).toMatchObject({ message: ENDED })
    }
  })

  test('another one begins after an abort', async () => {
    await transaction.send({ topic: 'orders', messages })
    await transaction.abort()
    const next = await producer.transaction()
    await next.sendBatch({ topicMessages: [{ topic: 'orders', messages }] })
    await next.commit()
    expect(transaction.isActive()).toBe(false)
  })

  test('there is one at a time', async () => {
    expect(await failureOf(producer.transaction())).toMatchObject({
      message:
        'There is already an ongoing transaction for this producer. Please end the transaction before beginning another.',
    })
  })

  test('one that nothing was sent in ends without a word to the brokers', async () => {
    await transaction.commit()
    await (await producer.transaction()).abort()
  })

  test('messages outside of it are sent meanwhile', async () => {
    await transaction.send({ topic: 'orders', messages })
    expect(await producer.send({ topic: 'orders', messages })).toHaveLength(1)
    await transaction.abort()
  })

  test('acks and messages are looked at as KafkaJS does', async () => {
    expect(await failureOf(transaction.send({ topic: 'orders', acks: 1, messages }))).toMatchObject({
      message: "Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees",
    })
    expect(await failureOf(transaction.send({ topic: '', messages }))).toMatchObject({ message: 'Invalid topic' })
  })

  test('each transaction has the compression of its first send', async () => {
    await transaction.send({ topic: 'orders', messages, compression: 1 })
    await transaction.commit()
    const next = await producer.transaction()
    await next.send({ topic: 'orders', messages })
    await next.commit()
  })

  test('offsets are committed with it', async () => {
    const topics = [{ topic: 'orders', partitions: [{ partition: 0, offset: '1' }] }]
    await transaction.sendOffsets({ consumerGroupId: 'readers', topics })
    await transaction.commit()
    expect(local.cluster.coordinatorFor('readers')).toBeDefined()
  })

  test.each([
    [{ topics: [] }, 'Missing consumerGroupId'],
    [{ consumerGroupId: 'g' }, 'Missing offset topics'],
  ])('offsets %j are refused: %s', async (offsets, message) => {
    const error = await failureOf(transaction.sendOffsets(unchecked(offsets)))
    expect(error).toMatchObject({ name: 'AssertionError', message })
  })
})

test('a producer without a transactional id has no transactions', async () => {
  expect(await failureOf(local.kafka().producer().transaction())).toMatchObject({
    message: 'Must provide transactional id for transactional producer',
  })
})

test('a producer that was replaced hears that its epoch is old', async () => {
  const [old, young] = [0, 1].map(() => local.kafka().producer({ transactionalId: 'taken-over' }))
  if (old === undefined || young === undefined) throw new Error('two producers')
  await Promise.all([old.connect(), young.connect()])
  const transaction = await old.transaction()
  await transaction.send({ topic: 'orders', messages })
  await (await young.transaction()).abort()
  const error = await failureOf(transaction.commit())
  expect(error).toMatchObject({ name: 'KafkaJSProtocolError', type: 'INVALID_PRODUCER_EPOCH', code: 47 })
  await Promise.all([old.disconnect(), young.disconnect()])
})
