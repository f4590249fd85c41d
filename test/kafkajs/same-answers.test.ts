import { randomUUID } from 'node:crypto'
import { startBroker } from '@linger/broker'
import kafkajs from 'kafkajs'
import { describe, expect, inject, test, vi } from 'vitest'
import { readBackAll } from '../real-kafka/index.ts'
import type { ReadRecord } from '../read-back/record-dump.ts'
import { libraries, type ClientLibrary } from './client-library.ts'
import { generatedCalls, type CallTopics } from './generated-calls.ts'
import { transcriptOf, type CallOutcome } from './transcript.ts'

const SEEDS = [1, 2]
const CALLS = 1000

const kafka = inject('kafka')

/** Of the same length for both, and told apart by nothing else. */
function topicsFor({ name }: ClientLibrary, run: string): CallTopics {
  const prefix = `${name.padEnd(7, '-')}-${run}`
  return { acknowledged: [`${prefix}-a`, `${prefix}-b`], unacknowledged: `${prefix}-c` }
}

async function createTopics(bootstrapServers: string, names: readonly string[]): Promise<void> {
  const admin = new kafkajs.Kafka({ brokers: bootstrapServers.split(','), logLevel: kafkajs.logLevel.NOTHING }).admin()
  await admin.connect()
  await admin.createTopics({ topics: names.map((topic) => ({ topic, numPartitions: 3 })), waitForLeaders: true })
  // Metadata names leaders that do not know it yet. KafkaJS gives up on a send that meets one.
  for (const topic of names) await vi.waitFor(() => admin.fetchTopicOffsets(topic), { timeout: 30_000, interval: 50 })
  await admin.disconnect()
}

/** Makes the calls of a seed with one library, on topics of its own. */
async function outcomesWith(
  library: ClientLibrary,
  bootstrapServers: string,
  seed: number,
  topics: CallTopics,
): Promise<CallOutcome[]> {
  const brokers = bootstrapServers.split(',')
  const retry = { initialRetryTime: 50, retries: 3 }
  const producer = library.newKafka({ brokers, clientId: 'same', logLevel: kafkajs.logLevel.NOTHING, retry }).producer()
  await producer.connect()
  const outcomes = await transcriptOf(producer, generatedCalls(seed, CALLS, topics))
  await producer.disconnect()
  return outcomes
}

/** Without what is its own name of the topics. */
function neutral(outcomes: readonly unknown[], run: string): string[] {
  const own = new RegExp(`(kafkajs|linger-)-${run}`, 'g')
  return outcomes.map((outcome) => JSON.stringify(outcome).replaceAll(own, run))
}

async function contentsOf(bootstrapServers: string, { acknowledged, unacknowledged }: CallTopics): Promise<unknown[]> {
  const records = await readBackAll({ bootstrapServers, topics: [...acknowledged, unacknowledged] })
  return records.map(contentOf).toSorted((one, other) => (one.at < other.at ? -1 : 1))
}

function contentOf({ topic, partition, offset, key, value, headers }: ReadRecord): { at: string; content: unknown } {
  const at = `${topic.slice(-1)} ${partition} ${String(offset).padStart(6, '0')}`
  const text = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString('hex'))
  return { at, content: [text(key), text(value), headers.map(([name, bytes]) => [name, text(bytes)])] }
}

async function expectSame(bootstrapServers: string, seed: number): Promise<readonly CallTopics[]> {
  const run = randomUUID().slice(0, 8)
  const topics = libraries.map((library) => topicsFor(library, run))
  await createTopics(
    bootstrapServers,
    topics.flatMap(({ acknowledged, unacknowledged }) => [...acknowledged, unacknowledged]),
  )
  const outcomes: string[][] = []
  for (const library of libraries) {
    outcomes.push(neutral(await outcomesWith(library, bootstrapServers, seed, topicsFor(library, run)), run))
  }
  const [theirs = [], ours = []] = outcomes
  const different = ours.flatMap((outcome, index) =>
    outcome === theirs[index] ? [] : [{ index, ours: outcome, theirs: theirs[index] }],
  )
  expect(different).toEqual([])
  expect(ours).toHaveLength(CALLS)
  return topics
}

test.each(SEEDS)('generated calls are answered as by KafkaJS: the embedded broker, seed %i', async (seed) => {
  const broker = await startBroker()
  try {
    await expectSame(broker.bootstrapServers, seed)
  } finally {
    await broker.close()
  }
})

describe.skipIf(kafka === null)('on a real Kafka', () => {
  const { bootstrapServers } = kafka ?? { bootstrapServers: '' }

  test.each(SEEDS)('generated calls are answered as by KafkaJS, and write the same: seed %i', async (seed) => {
    const [theirs, ours] = await expectSame(bootstrapServers, seed)
    if (theirs === undefined || ours === undefined) throw new Error('two libraries')
    const contents = await contentsOf(bootstrapServers, ours)
    expect(contents.length).toBeGreaterThan(CALLS)
    expect(contents).toEqual(await contentsOf(bootstrapServers, theirs))
  })
})
