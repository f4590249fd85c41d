import { randomUUID } from 'node:crypto'
import { CompressionTypes, Kafka } from '@linger/kafkajs'
import kafkajs, { type KafkaMessage } from 'kafkajs'
import { describe, expect, inject, test, vi } from 'vitest'

const kafka = inject('kafka')

const MESSAGES = 500

describe.skipIf(kafka === null)('beside KafkaJS in one process', () => {
  const brokers = kafka?.bootstrapServers.split(',') ?? []

  test('its consumer reads what this producer writes: keys, headers, tombstones, compression, committed transactions', async () => {
    const topic = `both-${randomUUID()}`
    const client = new Kafka({ brokers, clientId: 'both', logLevel: 0 })
    const producer = client.producer({ transactionalId: `id-${topic}` })
    await producer.connect()
    const written = Array.from({ length: MESSAGES }, (_, index) => ({
      key: `key-${index}`,
      value: index % 50 === 0 ? null : `value-${index}`,
      headers: { index: String(index), twice: ['1', '2'] },
      partition: 0,
    }))
    await producer.send({ topic, messages: written.slice(0, 200) })
    await producer.send({ topic, messages: written.slice(200, 400), compression: CompressionTypes.GZIP })
    const aborted = await producer.transaction()
    await aborted.send({ topic, messages: [{ value: 'never', partition: 0 }] })
    await aborted.abort()
    const committed = await producer.transaction()
    await committed.send({ topic, messages: written.slice(400) })
    await committed.commit()
    await producer.disconnect()

    const read: KafkaMessage[] = []
    const consumer = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).consumer({ groupId: topic })
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({ eachMessage: async ({ message }) => void read.push(message) })
    await vi.waitFor(() => expect(read.length).toBeGreaterThanOrEqual(MESSAGES), { timeout: 60_000, interval: 50 })
    await consumer.disconnect()

    const text = (bytes: unknown): string | null => (bytes instanceof Uint8Array ? Buffer.from(bytes).toString() : null)
    expect(
      read.map(({ key, value, headers }) => ({
        key: text(key),
        value: text(value),
        headers: { index: text(headers?.['index']), twice: [headers?.['twice']].flat().map(text) },
        partition: 0,
      })),
    ).toEqual(written)
  })
})
