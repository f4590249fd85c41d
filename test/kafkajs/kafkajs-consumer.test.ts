import { randomUUID } from 'node:crypto'
import { CompressionCodecs, CompressionTypes, Kafka } from '@linger/kafkajs'
import kafkajs, { type KafkaMessage } from 'kafkajs'
import { describe, expect, inject, test, vi } from 'vitest'

const kafka = inject('kafka')

const WAIT = { timeout: 60_000, interval: 50 }

describe.skipIf(kafka === null)('beside KafkaJS in one process', () => {
  const brokers = kafka?.bootstrapServers.split(',') ?? []
  const client = new Kafka({ brokers, clientId: 'both', logLevel: 0 })
  const theirs = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING })

  /** The first messages of a topic's one partition from where a group of consumers stands. */
  async function read(topic: string, groupId: string, count: number): Promise<KafkaMessage[]> {
    const messages: KafkaMessage[] = []
    const consumer = theirs.consumer({ groupId })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void messages.push(message) })
    await vi.waitFor(() => expect(messages.length).toBeGreaterThanOrEqual(count), WAIT)
    await consumer.disconnect()
    return messages
  }

  async function newTopic(): Promise<string> {
    const topic = `both-${randomUUID()}`
    const admin = client.admin()
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })
    await admin.disconnect()
    return topic
  }

  const text = (bytes: unknown): string | null => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : null)
  const valuesOf = (messages: readonly KafkaMessage[]): (string | null)[] => messages.map(({ value }) => text(value))

  test('its consumer reads what this producer writes: keys, headers, tombstones, timestamps', async () => {
    const topic = await newTopic()
    const producer = client.producer()
    await producer.connect()
    const keys = ['key', Buffer.from([0, 255]), '', 'ключ', null]
    const written = Array.from({ length: 100 }, (_, index) => ({
      key: keys[index % keys.length] ?? null,
      value: index % 10 === 0 ? null : `value-${index}`,
      headers: { index: String(index), twice: ['1', '2'], bytes: Buffer.from([index]) },
      timestamp: String(1_700_000_000_000 + index),
    }))
    await producer.send({ topic, messages: written })
    await producer.disconnect()

    const found = await read(topic, topic, written.length)
    expect(
      found.map(({ key, value, headers, timestamp }) => ({
        key,
        value: text(value),
        headers: {
          index: text(headers?.['index']),
          twice: [headers?.['twice']].flat().map(text),
          bytes: headers?.['bytes'],
        },
        timestamp,
      })),
    ).toEqual(written.map(({ key, ...message }) => ({ key: key === null ? null : Buffer.from(key), ...message })))
  })

  test('and what is compressed, in whatever way', async () => {
    const topic = await newTopic()
    // Of its own KafkaJS has GZIP alone. Java's consumer reads the others in a test of its own.
    const { Snappy, LZ4, ZSTD, ...known } = CompressionTypes
    for (const type of [Snappy, LZ4, ZSTD])
      Object.assign(kafkajs.CompressionCodecs, { [type]: CompressionCodecs[type] })
    const producer = client.producer({ idempotent: true })
    await producer.connect()
    const messages = Array.from({ length: 300 }, (_, index) => ({ key: 'k', value: `${index} ${'x'.repeat(500)}` }))
    const compressions = [known.None, known.GZIP, Snappy, LZ4, ZSTD]
    for (const compression of compressions) await producer.send({ topic, messages, compression })
    await producer.disconnect()
    const values = compressions.flatMap(() => messages.map(({ value }) => value))
    expect(valuesOf(await read(topic, topic, values.length))).toEqual(values)
  })

  test('and of transactions what was committed, and nothing of what was aborted', async () => {
    const topic = await newTopic()
    const producer = client.producer({ transactionalId: `id-${topic}` })
    await producer.connect()
    const values: string[] = []
    for (let index = 0; index < 10; index++) {
      const transaction = await producer.transaction()
      const value = `${index}`
      await transaction.send({ topic, messages: [{ value }] })
      if (index % 3 === 0) {
        await transaction.abort()
      } else {
        await transaction.commit()
        values.push(value)
      }
    }
    await producer.send({ topic, messages: [{ value: 'outside' }] })
    await producer.disconnect()
    expect(valuesOf(await read(topic, topic, values.length + 1))).toEqual([...values, 'outside'])
  })

  test('a group of its consumers goes on where a committed transaction says, and not where an aborted one does', async () => {
    const topic = await newTopic()
    const groupId = `group-${topic}`
    const producer = client.producer({ transactionalId: `id-${topic}` })
    await producer.connect()
    await producer.send({ topic, messages: Array.from({ length: 10 }, (_, index) => ({ value: `${index}` })) })
    for (const [offset, end] of [
      ['4', 'commit'],
      ['8', 'abort'],
    ] as const) {
      const transaction = await producer.transaction()
      const topics = [{ topic, partitions: [{ partition: 0, offset }] }]
      // The first group of a cluster finds its coordinator still loading.
      await vi.waitFor(() => transaction.sendOffsets({ consumerGroupId: groupId, topics }), WAIT)
      await transaction[end]()
    }
    await producer.disconnect()
    expect(valuesOf(await read(topic, groupId, 6))).toEqual(['4', '5', '6', '7', '8', '9'])
  })
})
