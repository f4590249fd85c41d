import { randomUUID } from 'node:crypto'
import kafkajs, { type Producer } from 'kafkajs'
import { describe, expect, inject, test, vi } from 'vitest'
import { readBackAll } from '../real-kafka/index.ts'
import { linger, oracle, type ClientLibrary } from './client-library.ts'
import { outcomeOf, type CallOutcome } from './transcript.ts'

const kafka = inject('kafka')

interface Site {
  readonly bootstrapServers: string
  readonly topic: string
  readonly groupId: string
}

const messages = (value: string): { key: string; value: string }[] => [{ key: 'k', value }]

/** Transactions that commit, abort and do nothing, and calls that are wrong. */
async function program(producer: Producer, { topic, groupId }: Site): Promise<CallOutcome[]> {
  const outcomes: CallOutcome[] = []
  const tell = async (call: () => unknown): Promise<void> => void outcomes.push(await outcomeOf(call))
  const topics = [{ topic, partitions: [{ partition: 0, offset: '7' }] }]

  const committed = await producer.transaction()
  await tell(() => producer.transaction())
  await tell(() => committed.send({ topic, acks: 1, messages: messages('never') }))
  await tell(() => committed.send({ topic, messages: messages('committed') }))
  await tell(() => producer.send({ topic, messages: messages('outside') }))
  await tell(() => committed.sendBatch({ topicMessages: [{ topic, messages: messages('committed too') }] }))
  await tell(() => committed.sendOffsets({ consumerGroupId: groupId, topics }))
  await tell(() => committed.isActive())
  await tell(() => committed.commit())
  await tell(() => committed.isActive())
  await tell(() => committed.commit())
  await tell(() => committed.send({ topic, messages: messages('never') }))

  const aborted = await producer.transaction()
  await tell(() => aborted.send({ topic, messages: messages('aborted') }))
  await tell(() => aborted.abort())
  await tell(() => aborted.abort())

  const empty = await producer.transaction()
  await tell(() => empty.commit())

  const compressed = await producer.transaction()
  await tell(() =>
    compressed.send({ topic, compression: kafkajs.CompressionTypes.GZIP, messages: messages('compressed') }),
  )
  await tell(() => compressed.commit())
  return outcomes
}

async function createTopic({ bootstrapServers, topic }: Site): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: bootstrapServers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  await vi.waitFor(() => admin.fetchTopicOffsets(topic), { timeout: 30_000, interval: 50 })
  await admin.disconnect()
}

async function offsetOf({ bootstrapServers, topic, groupId }: Site): Promise<unknown> {
  const admin = new kafkajs.Kafka({ brokers: bootstrapServers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] })
  await admin.disconnect()
  return offsets[0]?.partitions
}

async function ran(library: ClientLibrary, bootstrapServers: string): Promise<{ site: Site; outcomes: string }> {
  const run = randomUUID()
  const site = { bootstrapServers, topic: `tx-${run}`, groupId: `group-${run}` }
  await createTopic(site)
  // The first group of a cluster finds its coordinator still loading, which KafkaJS does not wait for in a transaction.
  await vi.waitFor(() => offsetOf(site), { timeout: 60_000, interval: 100 })
  const brokers = bootstrapServers.split(',')
  const client = library.newKafka({ brokers, clientId: 'same', logLevel: kafkajs.logLevel.NOTHING })
  const producer = client.producer({ transactionalId: `id-${run}`, maxInFlightRequests: 1, idempotent: true })
  await producer.connect()
  const outcomes = await program(producer, site)
  await producer.disconnect()
  // Where control records of a transaction stand between messages depends on the protocol's version.
  const text = JSON.stringify(outcomes)
    .replaceAll(run, 'run')
    .replaceAll(/"baseOffset":"\d+"/g, '"baseOffset":""')
  return { site, outcomes: text }
}

describe.skipIf(kafka === null)('transactions on a real Kafka', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test('are answered as by KafkaJS, and leave the same for readers', async () => {
    const theirs = await ran(oracle, bootstrapServers)
    const ours = await ran(linger, bootstrapServers)
    expect(JSON.parse(ours.outcomes)).toEqual(JSON.parse(theirs.outcomes))
    for (const isolationLevel of ['read_committed', 'read_uncommitted'] as const) {
      const valuesIn = async ({ topic }: Site): Promise<string[]> => {
        const records = await readBackAll({ bootstrapServers, topics: [topic], isolationLevel })
        return records.map(({ value }) => Buffer.from(value ?? '').toString())
      }
      const values = await valuesIn(ours.site)
      expect(values, isolationLevel).toEqual(await valuesIn(theirs.site))
      expect(values.includes('aborted')).toBe(isolationLevel === 'read_uncommitted')
    }
    expect(await offsetOf(ours.site)).toMatchObject([{ partition: 0, offset: '7' }])
    expect(await offsetOf(ours.site)).toEqual(await offsetOf(theirs.site))
  })
})
