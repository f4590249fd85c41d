import { randomUUID } from 'node:crypto'
import { startBroker } from '@linger/broker'
import kafkajs from 'kafkajs'
import { describe, expect, inject, test, vi } from 'vitest'
import { unchecked } from '../../packages/producer/test/world/unchecked.ts'
import { libraries, type ClientLibrary, type TopicAdmin } from './client-library.ts'
import { outcomeOf, type CallOutcome } from './transcript.ts'

const kafka = inject('kafka')

type Method = 'createTopics' | 'deleteTopics' | 'fetchTopicMetadata' | 'fetchTopicOffsets'

/** Calls that no broker is asked for. */
const WRONG: readonly (readonly [method: Method, argument: unknown])[] = [
  ['createTopics', {}],
  ['createTopics', { topics: 'text' }],
  ['createTopics', { topics: [{ topic: 5 }] }],
  ['createTopics', { topics: [{ topic: 'a' }, { topic: 'a' }] }],
  ['createTopics', { topics: [{ topic: 'a', configEntries: 'text' }] }],
  ['createTopics', { topics: [{ topic: 'a', configEntries: [null] }] }],
  ['createTopics', { topics: [{ topic: 'a', configEntries: [{ value: 'v' }] }] }],
  ['createTopics', { topics: [{ topic: 'a', configEntries: [{ name: 'n', value: 5 }] }] }],
  ['deleteTopics', {}],
  ['deleteTopics', { topics: null }],
  ['deleteTopics', { topics: [5] }],
  ['fetchTopicMetadata', { topics: [''] }],
  ['fetchTopicMetadata', { topics: [5] }],
  ['fetchTopicOffsets', undefined],
  ['fetchTopicOffsets', ''],
  ['fetchTopicOffsets', { topic: 'a' }],
]

/** What users of topics do, right and wrong. */
async function program(newAdmin: () => TopicAdmin, run: string): Promise<CallOutcome[]> {
  const admin = newAdmin()
  await admin.connect()
  const outcomes: CallOutcome[] = []
  const tell = async (call: () => unknown): Promise<void> => void outcomes.push(await outcomeOf(call))
  const [a, b, absent] = [`a-${run}`, `b-${run}`, `absent-${run}`]
  for (const [method, argument] of WRONG) await tell(() => admin[method](unchecked(argument)))

  const configEntries = [{ name: 'max.message.bytes', value: '20000' }]
  await tell(() =>
    admin.createTopics({ topics: [{ topic: a, numPartitions: 3, replicationFactor: 1, configEntries }] }),
  )
  await tell(() => admin.createTopics({ topics: [{ topic: b }], waitForLeaders: true, timeout: 8000 }))
  await tell(() => admin.createTopics({ topics: [{ topic: a }] }))
  await tell(() => admin.createTopics({ topics: [{ topic: a }, { topic: 'not a topic' }, { topic: '..' }] }))
  await tell(() => admin.createTopics({ topics: [{ topic: absent, numPartitions: 0 }] }))
  await tell(() => admin.createTopics({ topics: [{ topic: absent, replicationFactor: 9 }] }))
  await tell(() =>
    admin.createTopics({ topics: [{ topic: absent, numPartitions: 1 }], validateOnly: true, waitForLeaders: false }),
  )
  await tell(() =>
    admin.createTopics({ topics: [{ topic: absent, configEntries: [{ name: 'retention.ms', value: 'text' }] }] }),
  )
  const listed = async (): Promise<string[]> => (await admin.listTopics()).filter((topic) => topic.endsWith(run))
  await tell(listed)
  await tell(() => admin.fetchTopicMetadata({ topics: [a] }))
  await tell(() => admin.fetchTopicMetadata({ topics: [absent] }))
  await tell(async () => (await admin.fetchTopicMetadata()).topics.filter(({ name }) => name.endsWith(run)).length)
  await vi.waitFor(() => admin.fetchTopicOffsets(a), { timeout: 30_000, interval: 50 })
  await tell(() => admin.fetchTopicOffsets(a))
  await tell(() => admin.fetchTopicOffsets(absent))
  await tell(() => admin.fetchTopicOffsets('not a topic'))
  await vi.waitFor(async () => expect(await listed()).toHaveLength(2), { timeout: 30_000, interval: 50 })
  await tell(() => admin.on(unchecked('wrong'), () => {}))
  await admin.disconnect()

  // KafkaJS goes on asking for a topic whose offsets it told, and fails whatever it is asked for once that is gone.
  for (const topics of [[absent], [a, absent], [b]]) {
    const other = newAdmin()
    await tell(() => other.deleteTopics({ topics }))
    await other.disconnect()
  }
  return outcomes
}

async function outcomesWith({ newKafka }: ClientLibrary, bootstrapServers: string): Promise<string[]> {
  const run = randomUUID().slice(0, 8)
  const retry = { initialRetryTime: 20, retries: 3 }
  const brokers = bootstrapServers.split(',')
  const client = newKafka({ brokers, clientId: 'same', logLevel: kafkajs.logLevel.NOTHING, retry })
  const outcomes = await program(() => client.admin(), run)
  return outcomes.map((outcome) => JSON.stringify(inOrder(outcome)).replaceAll(run, 'run'))
}

/** Partitions in the order of their numbers: KafkaJS has them as brokers do. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(inOrder)
    return items.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, entry]) => [key, inOrder(entry)]),
  )
}

async function expectSame(bootstrapServers: string): Promise<void> {
  const outcomes: string[][] = []
  for (const library of libraries) outcomes.push(await outcomesWith(library, bootstrapServers))
  const [theirs = [], ours = []] = outcomes
  expect(ours).toEqual(theirs)
  expect(ours.length).toBeGreaterThan(30)
}

describe('admin() answers as that of KafkaJS', () => {
  test('on the embedded broker', async () => {
    const broker = await startBroker()
    try {
      await expectSame(broker.bootstrapServers)
    } finally {
      await broker.close()
    }
  })

  test.skipIf(kafka === null)('on a real Kafka', async () => {
    await expectSame(kafka?.bootstrapServers ?? '')
  })
})
