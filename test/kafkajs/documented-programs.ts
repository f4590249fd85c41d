import { connect } from 'node:net'
import { gunzipSync, gzipSync } from 'node:zlib'
import type * as KafkaJs from 'kafkajs'

/** What programs take from the one library or the other: only where it comes from differs. */
export interface Library {
  readonly Kafka: new (config: KafkaJs.KafkaConfig) => Pick<KafkaJs.Kafka, 'producer' | 'logger'>
  readonly CompressionTypes: typeof KafkaJs.CompressionTypes
  readonly CompressionCodecs: Record<number, () => unknown>
  readonly Partitioners: typeof KafkaJs.Partitioners
  readonly logLevel: typeof KafkaJs.logLevel
}

/** Where a program runs. Its topics have three partitions. */
export interface Site {
  readonly brokers: string[]
  readonly topic: string
  readonly otherTopic: string
  readonly groupId: string
}

/** What KafkaJS's documentation shows of producing, a section each. */
export interface DocumentedProgram {
  readonly section: string
  run(library: Library, site: Site): Promise<unknown>
}

/** What the examples begin with. */
async function connected(
  { Kafka, logLevel }: Library,
  { brokers }: Site,
  config?: KafkaJs.ProducerConfig,
): Promise<KafkaJs.Producer> {
  const kafka = new Kafka({ clientId: 'my-app', brokers, logLevel: logLevel.NOTHING })
  const producer = kafka.producer(config)
  await producer.connect()
  return producer
}

const greetings = [
  { key: 'key1', value: 'hello' },
  { key: 'key2', value: 'hey' },
]

const gzipOfMyOwn = {
  compress: async (encoder: { readonly buffer: Buffer }) => gzipSync(encoder.buffer, { level: 1 }),
  decompress: async (buffer: Buffer) => gunzipSync(buffer),
}

export const documentedPrograms: readonly DocumentedProgram[] = [
  {
    section: 'Producing messages',
    run: async (library, site) => {
      const producer = await connected(library, site)
      await producer.send({ topic: site.topic, messages: greetings })
      await producer.disconnect()
    },
  },
  {
    section: 'Producing messages: with a defined partition, acks and a timeout',
    run: async (library, site) => {
      const producer = await connected(library, site, { allowAutoTopicCreation: false, transactionTimeout: 30_000 })
      const messages = greetings.map((message, partition) => ({ ...message, partition }))
      for (const acks of [-1, 1]) await producer.send({ topic: site.topic, messages, acks, timeout: 5000 })
      await producer.disconnect()
    },
  },
  {
    section: 'Message structure: keys, tombstones, timestamps, headers',
    run: async (library, site) => {
      const producer = await connected(library, site)
      const headers = { 'correlation-id': '2bfb68bb', 'system-id': ['one', 'two'], bytes: Buffer.from([1, 2]) }
      await producer.send({
        topic: site.topic,
        messages: [
          { key: Buffer.from('key1'), value: Buffer.from('hello'), headers, timestamp: '1700000000000' },
          { key: 'key1', value: null },
        ],
      })
      await producer.disconnect()
    },
  },
  {
    section: 'Producing to multiple topics',
    run: async (library, site) => {
      const producer = await connected(library, site)
      await producer.sendBatch({
        topicMessages: [
          { topic: site.topic, messages: greetings },
          { topic: site.otherTopic, messages: [{ key: 'key', value: 'there', headers: { trace: '1' } }] },
        ],
      })
      await producer.disconnect()
    },
  },
  {
    section: 'Custom partitioner',
    run: async (library, site) => {
      const byLength: KafkaJs.ICustomPartitioner = () => {
        return ({ partitionMetadata, message }) => String(message.value).length % partitionMetadata.length
      }
      const producer = await connected(library, site, { createPartitioner: byLength })
      await producer.send({ topic: site.topic, messages: greetings })
      await producer.disconnect()
    },
  },
  {
    section: 'Default partitioners: the one before version 2',
    run: async (library, site) => {
      const producer = await connected(library, site, { createPartitioner: library.Partitioners.LegacyPartitioner })
      const messages = Array.from({ length: 50 }, (_, index) => ({ key: `user-${index}`, value: `v${index}` }))
      await producer.send({ topic: site.topic, messages })
      await producer.disconnect()
    },
  },
  {
    section: 'Retry',
    run: async ({ Kafka, logLevel }, { brokers, topic }) => {
      const retry = { initialRetryTime: 100, retries: 8 }
      const kafka = new Kafka({ clientId: 'my-app', brokers, logLevel: logLevel.NOTHING, retry })
      const producer = kafka.producer({ retry: { retries: 2 } })
      await producer.connect()
      await producer.send({ topic, messages: greetings })
      await producer.disconnect()
    },
  },
  {
    section: 'Compression: GZIP',
    run: async (library, site) => {
      const producer = await connected(library, site)
      await producer.send({ topic: site.topic, compression: library.CompressionTypes.GZIP, messages: greetings })
      await producer.disconnect()
    },
  },
  {
    section: 'Compression: a codec of your own',
    run: async (library, site) => {
      const { CompressionCodecs, CompressionTypes } = library
      const builtIn = CompressionCodecs[CompressionTypes.GZIP]
      CompressionCodecs[CompressionTypes.GZIP] = () => gzipOfMyOwn
      try {
        const producer = await connected(library, site)
        await producer.send({ topic: site.topic, compression: CompressionTypes.GZIP, messages: greetings })
        await producer.disconnect()
      } finally {
        if (builtIn !== undefined) CompressionCodecs[CompressionTypes.GZIP] = builtIn
      }
    },
  },
  {
    section: 'Idempotent producer',
    run: async (library, site) => {
      const producer = await connected(library, site, { idempotent: true, maxInFlightRequests: 1 })
      for (const message of greetings) await producer.send({ topic: site.topic, messages: [message] })
      await producer.disconnect()
    },
  },
  {
    section: 'Transactions: commit, or abort what fails',
    run: async (library, site) => {
      const config = { maxInFlightRequests: 1, idempotent: true, transactionalId: `tx-${site.topic}` }
      const producer = await connected(library, site, config)
      for (const isRight of [true, false]) {
        const transaction = await producer.transaction()
        try {
          await transaction.send({ topic: site.topic, messages: greetings })
          if (!isRight) throw new Error('something of mine')
          await transaction.commit()
        } catch {
          await transaction.abort()
        }
      }
      await producer.disconnect()
    },
  },
  {
    section: 'Transactions: sending offsets',
    run: async (library, site) => {
      const config = { maxInFlightRequests: 1, idempotent: true, transactionalId: `offsets-${site.topic}` }
      const producer = await connected(library, site, config)
      const transaction = await producer.transaction()
      await transaction.send({ topic: site.otherTopic, messages: greetings })
      await transaction.sendOffsets({
        consumerGroupId: site.groupId,
        topics: [{ topic: site.topic, partitions: [{ partition: 0, offset: '3' }] }],
      })
      await transaction.commit()
      await producer.disconnect()
    },
  },
  {
    section: 'Instrumentation events, and log levels',
    run: async ({ Kafka, logLevel }, { brokers, topic }) => {
      const told: string[] = []
      const kafka = new Kafka({ brokers, logCreator: () => () => {} })
      kafka.logger().setLogLevel(logLevel.WARN)
      const producer = kafka.producer()
      producer.logger().setLogLevel(logLevel.NOTHING)
      const { CONNECT, DISCONNECT, REQUEST } = producer.events
      producer.on(CONNECT, ({ type }) => told.push(type))
      const removeListener = producer.on(REQUEST, ({ payload }) => {
        if (payload.apiName === 'Produce') told.push(payload.apiName)
      })
      producer.on(DISCONNECT, ({ type }) => told.push(type))
      await producer.connect()
      await producer.send({ topic, messages: [{ key: 'one', value: '1' }] })
      removeListener()
      await producer.send({ topic, messages: [{ key: 'one', value: '2' }] })
      await producer.disconnect()
      return told
    },
  },
  {
    section: 'Custom socket factory',
    run: async ({ Kafka, logLevel }, { brokers, topic }) => {
      let isUsed = false
      const socketFactory: KafkaJs.ISocketFactory = ({ host, port, onConnect }) => {
        isUsed = true
        return connect({ host, port }, onConnect).setKeepAlive(true, 30_000)
      }
      const kafka = new Kafka({ clientId: 'my-app', brokers, logLevel: logLevel.NOTHING, socketFactory })
      const producer = kafka.producer()
      await producer.connect()
      await producer.send({ topic, messages: greetings })
      await producer.disconnect()
      return isUsed
    },
  },
]
