import { randomUUID } from 'node:crypto'
import { type KafkaError, Producer } from '@linger/producer'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { createTopic, deleteTopic } from '../../demo/topic.ts'
import { readBackAll } from '../read-back/read-back.ts'

const kafka = inject('kafka')

describe.skipIf(kafka === null)('a record that can never be written', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }
  const topic = `bad-input-${randomUUID()}`
  const value = 'good'
  /** What the log must hold, of all tests that ran. */
  const written: string[] = []

  beforeAll(async () => {
    if (kafka !== null) await createTopic(bootstrapServers, topic, 1, { 'max.message.bytes': '10000' })
  })
  afterAll(async () => {
    if (kafka !== null) await deleteTopic(bootstrapServers, topic)
  })

  test.each<[what: string, record: object, code: string, says: RegExp]>([
    ['without a topic', { value: 'x' }, 'INVALID_ARGUMENT', /a record needs a topic/u],
    ['with an empty topic', { topic: '', value: 'x' }, 'INVALID_ARGUMENT', /a record needs a topic/u],
    [
      'with an illegal topic',
      { topic: 'no spaces', value: 'x' },
      'INVALID_ARGUMENT',
      /"no spaces" is not a topic name/u,
    ],
    ['with a number as value', { topic, value: 7 }, 'INVALID_ARGUMENT', /a value must be .*, not the number 7/u],
    ['with an object as value', { topic, value: {} }, 'INVALID_ARGUMENT', /a value must be .*, not an object/u],
    ['with a function as key', { topic, key: () => 'x' }, 'INVALID_ARGUMENT', /a key must be .*, not a function/u],
    ['with a number in a header', { topic, headers: { n: 7 } }, 'INVALID_ARGUMENT', /a header \(n\) must be/u],
    ['with text as headers', { topic, headers: 'n=7' }, 'INVALID_ARGUMENT', /headers must be|a header must be/u],
    ['with a negative partition', { topic, value, partition: -1 }, 'INVALID_ARGUMENT', /a partition must be/u],
    [
      'for a partition that is not there',
      { topic, value, partition: 1 },
      'INVALID_ARGUMENT',
      /there is no partition 1/u,
    ],
    ['with a date as timestamp', { topic, value, timestamp: new Date() }, 'INVALID_ARGUMENT', /a timestamp must be/u],
    [
      'over maxRequestSize',
      { topic, value: 'x'.repeat(50_000) },
      'MESSAGE_TOO_LARGE',
      /over maxRequestSize \(40000\)/u,
    ],
    ['over max.message.bytes', { topic, value: 'x'.repeat(20_000) }, 'MESSAGE_TOO_LARGE', /bad-input-[-0-9a-f]+-0/u],
  ])('%s is refused with outcome never, and nothing of it is written', async (what, record, code, says) => {
    await using producer = new Producer({ bootstrapServers, maxRequestSize: 40_000 })
    // Awaited: records that share a batch with one that only the broker refuses are a test of their own.
    const before = await producer.send({ topic, value: `before one ${what}` })
    const refused = await refusalOf(producer, record)
    const after = await producer.send({ topic, value: `after one ${what}` })
    written.push(`before one ${what}`, `after one ${what}`)

    expect(refused).toMatchObject({ name: 'KafkaError', code, outcome: 'never', fatal: false })
    expect(refused.message).toMatch(says)
    expect(after.offset).toBe((before.offset ?? Number.NaN) + 1)
  })

  test('among many does not disturb the order of the others', async () => {
    await using producer = new Producer({ bootstrapServers, maxRequestSize: 40_000, batchSize: 5_000 })
    const sends: Promise<unknown>[] = []
    const refusals: Promise<KafkaError>[] = []
    for (let index = 0; index < 1_000; index++) {
      sends.push(producer.send({ topic, value: String(index) }))
      written.push(String(index))
      if (index % 10 === 0) refusals.push(refusalOf(producer, { topic, partition: 9, value }))
      if (index % 10 === 5) refusals.push(refusalOf(producer, { topic, value: 'x'.repeat(20_000) }))
      if (index % 10 === 7) refusals.push(refusalOf(producer, { topic, value: 'x'.repeat(50_000) }))
    }
    expect(await Promise.all(sends)).toHaveLength(1_000)
    const outcomes = (await Promise.all(refusals)).map(({ outcome }) => outcome)
    expect(outcomes).toEqual(Array.from({ length: 300 }, () => 'never'))
  })

  test('leaves the log with its neighbours only, in their order', async () => {
    const log = await readBackAll({ bootstrapServers, topics: [topic] })
    expect(log.map((found) => Buffer.from(found.value ?? []).toString())).toEqual(written)
  })
})

describe.skipIf(kafka === null)('a topic that does not exist', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test('is created by a broker that may do so', async () => {
    const topic = `made-on-demand-${randomUUID()}`
    await using producer = new Producer({ bootstrapServers })
    expect(await producer.send({ topic, value: 'first' })).toMatchObject({ topic, partition: 0, offset: 0 })
    await deleteTopic(bootstrapServers, topic)
  })

  test('fails the record after maxBlockMs when it is not to be created', async () => {
    const topic = `never-made-${randomUUID()}`
    await using producer = new Producer({ bootstrapServers, allowAutoTopicCreation: false, maxBlockMs: 500 })
    const startedMs = performance.now()
    const refused = await refusalOf(producer, { topic, value: 'x' })
    expect(refused).toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION', outcome: 'never', retriable: true })
    expect(refused.message).toContain(`${topic}: the topic does not exist`)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(499)
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})

/** @param producer with a `send` that takes what TypeScript would not let through */
async function refusalOf(producer: { send(record: object): Promise<unknown> }, record: object): Promise<KafkaError> {
  return producer.send(record).then(
    () => {
      throw new Error('the record was taken')
    },
    (error: KafkaError) => error,
  )
}
