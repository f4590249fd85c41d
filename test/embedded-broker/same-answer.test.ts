import { type RunningBroker, startBroker } from '@linger/broker'
import {
  type Api,
  apiVersions,
  codecFor,
  createTopics,
  deleteTopics,
  encodeRequestFrame,
  initProducerId,
  metadata,
  produce,
  type RequestInput,
} from '@linger/protocol'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { idempotentBatch, recordBatch } from '../../packages/broker/test/record-batch.ts'
import { BrokerWire, ConnectionClosed } from './broker-wire.ts'

const kafka = inject('kafka')
const TIMEOUT_MS = 30_000
const COORDINATOR_LOAD_IN_PROGRESS = 14
const CORRUPT_MESSAGE = 2
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const ZERO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const NOW = Date.now()

/** A topic that one broker has, for requests that name it. */
interface Place {
  readonly topic: string
  readonly topicId: string
}

/** One request in words and as it is sent to each of the brokers. */
interface Question<A extends Api = Api> {
  readonly api: A
  readonly version: number
  readonly request: (place: Place) => RequestInput<A>
}

interface Case {
  readonly name: string
  readonly config?: Readonly<Record<string, string>>
  readonly questions: readonly Question[]
}

function ask<A extends Api>(api: A, version: number, request: (place: Place) => RequestInput<A>): Question {
  return { api, version, request }
}

interface Sent {
  readonly acks?: number
  readonly index?: number
  readonly transactionalId?: string
  /** Replaces the reference to the topic. */
  readonly topic?: { readonly name?: string; readonly topicId?: string }
}

function send(version: number, records: Uint8Array | null, sent: Sent = {}): Question {
  const { acks = -1, index = 0, transactionalId = null } = sent
  return ask(produce, version, ({ topic, topicId }) => ({
    transactionalId,
    acks,
    timeoutMs: TIMEOUT_MS,
    topicData: [{ ...(sent.topic ?? { name: topic, topicId }), partitionData: [{ index, records }] }],
  }))
}

const one = recordBatch()
const versionsOf = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at)

const PRODUCE: readonly Case[] = [
  ...versionsOf(3, 13).flatMap((version): Case[] => [
    { name: `Produce ${version} of a right batch`, questions: [send(version, one), send(version, one, { acks: 1 })] },
    { name: `Produce ${version} of a wrong checksum`, questions: [send(version, recordBatch({ crc: 1 }))] },
    { name: `Produce ${version} with acks that do not exist`, questions: [send(version, one, { acks: 2 })] },
    { name: `Produce ${version} to an unknown partition`, questions: [send(version, one, { index: 1 })] },
    {
      name: `Produce ${version} of a duplicate`,
      questions: [0, 1, 0].map((at) => send(version, idempotentBatch(at, 1))),
    },
    {
      name: `Produce ${version} of records too new`,
      questions: [send(version, recordBatch({ baseTimestamp: NOW + 7_200_000 }))],
    },
    {
      name: `Produce ${version} where the broker stamps`,
      config: { 'message.timestamp.type': 'LogAppendTime' },
      questions: [send(version, one)],
    },
  ]),
  ...versionsOf(3, 12).map((version): Case => ({
    name: `Produce ${version} to an unknown topic`,
    questions: [send(version, one, { topic: { name: `nowhere-${randomUUID()}` } })],
  })),
  { name: 'an illegal topic name', questions: [send(12, one, { topic: { name: 'a b' } })] },
  { name: 'an empty topic name', questions: [send(12, one, { topic: { name: '' } })] },
  { name: 'an unknown topic id', questions: [send(13, one, { topic: { topicId: UNKNOWN_ID } })] },
  { name: 'no topic id', questions: [send(13, one, { topic: { topicId: ZERO_ID } })] },
  { name: 'a negative partition', questions: [send(13, one, { index: -1 })] },
  { name: 'no topics', questions: [ask(produce, 12, () => ({ acks: -1, timeoutMs: TIMEOUT_MS, topicData: [] }))] },
  {
    name: 'a topic without partitions',
    questions: [
      ask(produce, 12, ({ topic }) => ({
        acks: -1,
        timeoutMs: TIMEOUT_MS,
        topicData: [{ name: topic, partitionData: [] }],
      })),
    ],
  },
  {
    name: 'a batch that a transaction would need',
    questions: [send(12, recordBatch({ attributes: 0x10, producerId: 7n, producerEpoch: 0, baseSequence: 0 }))],
  },
  {
    name: 'a transactional id with a batch that is not transactional',
    questions: [send(12, one, { transactionalId: 'tx' })],
  },
  { name: 'a producer without epoch', questions: [send(12, idempotentBatch(0, 1, { producerEpoch: -1 }))] },
  {
    name: 'a producer that loses its epoch',
    questions: [send(12, idempotentBatch(0, 1)), send(12, idempotentBatch(1, 1, { producerEpoch: -1 }))],
  },
  {
    name: 'the last epoch there is',
    questions: [send(12, idempotentBatch(0, 1, { producerEpoch: 32_767 })), send(12, idempotentBatch(0, 1))],
  },
  { name: 'a producer id below -1', questions: [send(12, idempotentBatch(0, 1, { producerId: -2n }))] },
  {
    name: 'a sequence without a producer id',
    questions: [send(12, recordBatch({ producerId: -1n, producerEpoch: 0, baseSequence: 5 }))],
  },
  {
    name: 'a duplicate of an old epoch, with each kind of acks',
    questions: [
      send(12, idempotentBatch(0, 2)),
      send(12, idempotentBatch(0, 2), { acks: 1 }),
      send(12, idempotentBatch(0, 1, { producerEpoch: 1 })),
      send(12, idempotentBatch(0, 2)),
      send(12, idempotentBatch(0, 2), { acks: 1 }),
    ],
  },
  {
    name: 'fewer replicas than min.insync.replicas are there at all',
    config: { 'min.insync.replicas': '2' },
    questions: [-1, 1].map((acks) => send(12, one, { acks })),
  },
  {
    name: 'timestamps too old',
    config: { 'message.timestamp.before.max.ms': '1000' },
    questions: [send(12, one), send(12, recordBatch({ baseTimestamp: NOW + 60_000 }))],
  },
]

const OTHERS: readonly Case[] = [
  ...versionsOf(4, 13).flatMap((version): Case[] => [
    {
      name: `Metadata ${version} of a topic`,
      questions: [ask(metadata, version, ({ topic }) => ({ topics: [{ name: topic }] }))],
    },
    {
      name: `Metadata ${version} of an unknown topic`,
      questions: [
        ask(metadata, version, () => ({
          topics: [{ name: `nowhere-${version}` }],
          allowAutoTopicCreation: false,
        })),
      ],
    },
    {
      name: `Metadata ${version} of illegal topic names`,
      questions: ['a b', '', '.', 'x'.repeat(250)].map((name) =>
        ask(metadata, version, () => ({ topics: [{ name }], allowAutoTopicCreation: false })),
      ),
    },
    {
      name: `Metadata ${version} of an illegal topic name that may be created`,
      questions: ['a b', ''].map((name) =>
        ask(metadata, version, () => ({ topics: [{ name }], allowAutoTopicCreation: true })),
      ),
    },
    { name: `Metadata ${version} of no topics`, questions: [ask(metadata, version, () => ({ topics: [] }))] },
    {
      name: `Metadata ${version} of a topic twice`,
      questions: [ask(metadata, version, ({ topic }) => ({ topics: [{ name: topic }, { name: topic }] }))],
    },
  ]),
  ...versionsOf(10, 13).flatMap((version): Case[] => [
    {
      name: `Metadata ${version} by topic id`,
      questions: [
        ask(metadata, version, ({ topicId }) => ({ topics: [{ name: null, topicId }] })),
        ask(metadata, version, () => ({ topics: [{ name: null, topicId: UNKNOWN_ID }] })),
        ask(metadata, version, () => ({ topics: [{ name: null, topicId: ZERO_ID }] })),
      ],
    },
    {
      name: `Metadata ${version} by name and topic id`,
      questions: [ask(metadata, version, ({ topic, topicId }) => ({ topics: [{ name: topic, topicId }] }))],
    },
  ]),
  ...versionsOf(0, 5).map((version): Case => ({
    name: `InitProducerId ${version}`,
    questions: [ask(initProducerId, version, () => ({ transactionalId: null, transactionTimeoutMs: 60_000 }))],
  })),
  ...[
    { producerId: 5n, producerEpoch: 3 },
    { producerId: 5n, producerEpoch: 32_767 },
    { producerId: 5n, producerEpoch: -1 },
    { producerId: -1n, producerEpoch: 3 },
    { transactionalId: '' },
  ].flatMap((fields) =>
    versionsOf(3, 5).map((version): Case => ({
      name: `InitProducerId ${version} with ${Object.entries(fields).flat().join(' ')}`,
      questions: [
        ask(initProducerId, version, () => ({ transactionalId: null, transactionTimeoutMs: 60_000, ...fields })),
      ],
    })),
  ),
  ...versionsOf(0, 4).map((version): Case => ({
    name: `ApiVersions ${version} by a client without name`,
    questions: version < 3 ? [] : [ask(apiVersions, version, () => ({}))],
  })),
  {
    name: 'DeleteTopics, and what is left of the topic',
    questions: [
      ask(deleteTopics, 6, ({ topicId }) => ({ topics: [{ name: null, topicId }], timeoutMs: TIMEOUT_MS })),
      ask(deleteTopics, 6, ({ topicId }) => ({ topics: [{ name: null, topicId }], timeoutMs: TIMEOUT_MS })),
    ],
  },
]

// Only the newest Kafka: older ones answer some of these in other ways.
describe.skipIf(kafka?.version.startsWith('4.') !== true)('the embedded broker answers as a real Kafka 4 does', () => {
  let broker: RunningBroker

  beforeAll(async () => {
    broker = await startBroker()
  })

  afterAll(async () => {
    await broker.close()
  })

  test.each([...PRODUCE, ...OTHERS])('$name', async (one) => {
    const real = await answersOf(kafka?.bootstrapServers ?? '', one)
    const embedded = await answersOf(broker.bootstrapServers, one)
    expect(embedded).toEqual(real)
  })

  const metadataFrame = (version: number): Uint8Array =>
    encodeRequestFrame(codecFor(metadata, 12), 7, 'test', { topics: [] }).fill(version, 6, 8)

  test.each([
    ['a version from the future', metadataFrame(99)],
    ['an unknown API', encodeRequestFrame(codecFor(metadata, 12), 7, 'test', { topics: [] }).fill(0x70, 4, 6)],
    ['a body that is cut', cut(encodeRequestFrame(codecFor(metadata, 9), 7, 'test', { topics: [{ name: 'topic' }] }))],
  ])('%s ends the connection', async (_, frame) => {
    for (const bootstrapServers of [kafka?.bootstrapServers ?? '', broker.bootstrapServers]) {
      const wire = await BrokerWire.open(bootstrapServers)
      await expect(wire.askBytes(frame), bootstrapServers).rejects.toThrow(ConnectionClosed)
    }
  })
})

/** The same request with its last byte missing, and a size that says so. */
function cut(frame: Uint8Array): Uint8Array {
  const shorter = Buffer.from(frame.subarray(0, -1))
  shorter.writeInt32BE(shorter.length - 4)
  return shorter
}

/** What a broker answers, with what may differ by its nature put out of the way. */
async function answersOf(bootstrapServers: string, { config = {}, questions }: Case): Promise<unknown[]> {
  const wire = await BrokerWire.open(bootstrapServers)
  try {
    const place = await createTopic(wire, config)
    const answers: unknown[] = []
    for (const { api, version, request } of questions) {
      answers.push(comparable(await whenLoaded(() => wire.ask(api, version, request(place))), place))
    }
    return answers
  } finally {
    wire.close()
  }
}

/** A real broker that has just started must fetch its first producer ids, and says so. */
async function whenLoaded<T extends object>(question: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await question()
    if (!('errorCode' in answer) || answer.errorCode !== COORDINATOR_LOAD_IN_PROGRESS) return answer
  }
}

async function createTopic(wire: BrokerWire, config: Readonly<Record<string, string>>): Promise<Place> {
  const topic = `answer-${randomUUID()}`
  const configs = Object.entries(config).map(([name, value]) => ({ name, value }))
  const topics = [{ name: topic, numPartitions: 1, replicationFactor: 1, assignments: [], configs }]
  const created = await wire.ask(createTopics, 7, { topics, timeoutMs: TIMEOUT_MS })
  const topicId = created.topics[0]?.topicId ?? ''
  for (;;) {
    const probe = await wire.ask(produce, 13, {
      acks: -1,
      timeoutMs: TIMEOUT_MS,
      topicData: [{ topicId, partitionData: [{ index: 0, records: recordBatch({ crc: 1 }) }] }],
    })
    // The broker knows that it leads the topic when it looks into the records.
    if (probe.responses[0]?.partitionResponses[0]?.errorCode === CORRUPT_MESSAGE) return { topic, topicId }
  }
}

/** Ports, ids and times have a name each instead of their value; of messages it is compared whether there is one. */
function comparable(answer: unknown, place: Place): unknown {
  const names: Readonly<Record<string, (value: unknown) => unknown>> = {
    port: () => 'a port',
    host: () => 'a host',
    clusterId: () => 'a cluster',
    controllerId: () => 'a broker',
    producerId: (id) => (id === -1n ? 'none' : 'an id'),
    topicId: (id) => (id === place.topicId ? 'the id of the topic' : id),
    logAppendTimeMs: (time) => (time === -1n ? 'none' : 'a time'),
    errorMessage: (message) => (message === null ? 'none' : 'a message'),
    batchIndexErrorMessage: (message) => (message === null ? 'none' : 'a message'),
    name: (name) => (name === place.topic ? 'the topic' : name),
  }
  const visit = (value: unknown, name: string): unknown => {
    const replace = names[name]
    if (replace !== undefined) return replace(value)
    if (Array.isArray(value)) return value.map((item) => visit(item, ''))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, visit(inner, key)]))
  }
  return visit(answer, '')
}
