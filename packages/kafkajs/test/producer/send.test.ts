import { produce } from '@linger/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CompressionTypes, type Producer } from '../../src/index.ts'
import { failureOf, unchecked, useLocalBroker } from '../local-broker.ts'

const local = useLocalBroker({
  requestLog: { count: 1000 },
  topics: [
    { name: 'orders', partitions: 3 },
    { name: 'payments', partitions: 1 },
    { name: 'broker-time', partitions: 1, config: { 'message.timestamp.type': 'LogAppendTime' } },
    { name: 'small', partitions: 1, config: { 'max.message.bytes': '1000' } },
    { name: 'each-acks', partitions: 1 },
    { name: 'flood', partitions: 1 },
  ],
})

describe('send', () => {
  let producer: Producer

  beforeAll(async () => {
    producer = local.kafka().producer()
    await producer.connect()
  })
  afterAll(async () => {
    await producer.disconnect()
  })

  test('answers one entry for each partition, with the offset of its first message as a string', async () => {
    const messages = [0, 1, 1].map((partition) => ({ value: 'v', partition }))
    const entry = { topicName: 'orders', errorCode: 0, baseOffset: '0', logAppendTime: '-1', logStartOffset: '0' }
    expect(await producer.send({ topic: 'orders', messages })).toEqual([
      { ...entry, partition: 0 },
      { ...entry, partition: 1 },
    ])
    const [next] = await producer.send({ topic: 'orders', messages: [{ value: 'v', partition: 1 }] })
    expect(next).toEqual({ ...entry, partition: 1, baseOffset: '2' })
  })

  test('tells the time of the broker where the topic says so', async () => {
    const before = Date.now()
    const [entry] = await producer.send({ topic: 'broker-time', messages: [{ value: 'v', timestamp: '1' }] })
    expect(Number(entry?.logAppendTime)).toBeGreaterThanOrEqual(before)
  })

  test('merges what is for the same topic', async () => {
    const entries = await producer.sendBatch({
      topicMessages: [
        { topic: 'payments', messages: [{ value: '1' }] },
        { topic: 'orders', messages: [{ value: '2', partition: 2 }] },
        { topic: 'payments', messages: [{ value: '3' }] },
      ],
    })
    expect(entries.map(({ topicName, baseOffset }) => [topicName, baseOffset])).toEqual([
      ['payments', '0'],
      ['orders', '0'],
    ])
  })

  test('answers nothing where there is nothing to send, or nobody to acknowledge', async () => {
    expect(await producer.sendBatch({})).toEqual([])
    expect(await producer.send({ topic: 'orders', messages: [] })).toEqual([])
    expect(await producer.send({ topic: 'each-acks', acks: 0, messages: [{ value: 'v' }] })).toEqual([])
  })

  test('takes acks and compression by the call', async () => {
    const options = [{ acks: 0 }, { acks: 1 }, { acks: -1, compression: CompressionTypes.GZIP }]
    for (const option of options) {
      await producer.send({ topic: 'each-acks', messages: [{ value: 'v' }], ...option })
    }
    const requests = local.cluster.requests.of(produce).map(({ request }) => request)
    expect(requests.slice(-3).map(({ acks }) => acks)).toEqual([0, 1, -1])
  })

  test('sends more than its memory holds, in order', async () => {
    const value = Buffer.alloc(1_000_000)
    const sent = Array.from({ length: 300 }, (_, index) =>
      producer.send({ topic: 'flood', messages: [{ value, key: String(index) }] }),
    )
    const offsets = (await Promise.all(sent)).map(([entry]) => Number(entry?.baseOffset))
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other))
    expect(new Set(offsets).size).toBe(300)
  })
})

describe('what is wrong', () => {
  test.each([
    [{ topic: '', messages: [] }, 'Invalid topic'],
    [{ topic: 'orders', messages: undefined }, 'Invalid messages array [undefined] for topic "orders"'],
    [
      { topic: 'orders', messages: [{ foo: 'bar' }] },
      'Invalid message without value for topic "orders": {"foo":"bar"}',
    ],
    [{ topic: 'orders', messages: [{ value: 'v' }] }, 'The producer is disconnected'],
  ])('%j is refused before anything is sent: %s', async (record, message) => {
    const error = await failureOf(local.kafka().producer().send(unchecked(record)))
    expect(error).toMatchObject({ message, retriable: message.endsWith('disconnected') })
  })

  test('acks of an idempotent producer are looked at before its messages', async () => {
    const producer = local.kafka({ retry: {} }).producer({ idempotent: true })
    const error = await failureOf(producer.send({ topic: 'orders', acks: 1, messages: unchecked(undefined) }))
    expect(error).toMatchObject({
      name: 'KafkaJSNonRetriableError',
      message: "Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees",
    })
  })

  test.each([
    [{ topic: 'small', messages: [{ value: 'v'.repeat(2000) }] }, 'KafkaJSProtocolError', 'MESSAGE_TOO_LARGE', 10],
    [{ topic: 'orders', acks: 7, messages: [{ value: 'v' }] }, 'KafkaJSProtocolError', 'INVALID_REQUIRED_ACKS', 21],
    [{ topic: 'orders', messages: [{ value: 5 }] }, 'TypeError', undefined, 'ERR_INVALID_ARG_TYPE'],
    [{ topic: 'orders', messages: [{ value: 'v', timestamp: 'x' }] }, 'SyntaxError', undefined, undefined],
    [{ topic: 'orders', messages: [{ value: 'v', partition: 9 }] }, 'KafkaJSNonRetriableError', undefined, undefined],
  ])('%j', async (record, name, type, code) => {
    const producer = local.kafka().producer()
    await producer.connect()
    const error = await failureOf(producer.send(unchecked(record)))
    await producer.disconnect()
    expect(error).toMatchObject({ name })
    expect([Reflect.get(error, 'type'), Reflect.get(error, 'code')]).toEqual([type, code])
  })

  test('a message that cannot be sent takes the others of its call with it', async () => {
    const producer = local.kafka().producer()
    await producer.connect()
    const { log } = local.cluster.partition('payments', 0)
    const { endOffset } = log
    await failureOf(producer.send({ topic: 'payments', messages: [{ value: 'v' }, { value: unchecked(5) }] }))
    await producer.disconnect()
    expect(log.endOffset).toBe(endOffset)
  })
})
