import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  CompressionTypes,
  ConfigResourceTypes,
  Kafka,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
  logLevel,
  Partitioners,
  ResourcePatternTypes,
  type ICustomPartitioner,
  type IHeaders,
  type AclEntry,
  type Admin,
  type ITopicConfig,
  type ITopicMetadata,
  type KafkaConfig,
  type LogEntry,
  type logCreator,
  type Logger,
  type Message,
  type PartitionerArgs,
  type PartitionMetadata,
  type Producer,
  type ProducerBatch,
  type ProducerConfig,
  type ProducerRecord,
  type RecordMetadata,
  type RequestEvent,
  type RetryOptions,
  type SASLOptions,
  type TopicMessages,
  type Transaction,
} from 'kafkajs'

// As users write it against KafkaJS's own types. A test compiles it a second time, with the import changed.

const retry: RetryOptions = { retries: 3, initialRetryTime: 100, restartOnFailure: async (error: Error) => !error }
const sasl: SASLOptions = { mechanism: 'scram-sha-256', username: 'me', password: 'secret' }
const creator: logCreator = (level: logLevel) => (entry: LogEntry) => {
  const { namespace, label, log } = entry
  if (level >= logLevel.INFO) process.stdout.write(`${namespace} ${label} ${log.message} ${log.timestamp}\n`)
}

const config: KafkaConfig = {
  clientId: 'orders',
  brokers: async () => ['localhost:9092'],
  ssl: { rejectUnauthorized: false, ca: ['ca'] },
  sasl,
  retry,
  logLevel: logLevel.ERROR,
  logCreator: creator,
  connectionTimeout: 1000,
  requestTimeout: 25_000,
  enforceRequestTimeout: false,
}

const byTenant: ICustomPartitioner = () => {
  return ({ topic, partitionMetadata, message }: PartitionerArgs): number => {
    const withLeader: PartitionMetadata[] = partitionMetadata.filter(({ leader }) => leader >= 0)
    return topic.length + String(message.headers?.['tenant'] ?? '').length + withLeader.length
  }
}

const producerConfig: ProducerConfig = {
  createPartitioner: byTenant,
  idempotent: true,
  transactionalId: 'tx',
  maxInFlightRequests: 1,
  allowAutoTopicCreation: false,
}

export class OrderEvents {
  private readonly kafka: Kafka = new Kafka(config)
  private readonly producer: Producer = this.kafka.producer(producerConfig)
  private readonly other: Producer = this.kafka.producer({ createPartitioner: Partitioners.LegacyPartitioner })

  async start(): Promise<void> {
    const remove = this.producer.on(this.producer.events.REQUEST, (event: RequestEvent) => {
      const { duration, apiName } = event.payload
      this.log().info(`${apiName} took ${duration} ms`, { event })
    })
    this.producer.on('producer.connect', ({ timestamp }) => this.log().debug(String(timestamp)))
    await this.producer.connect()
    await this.other.connect()
    remove()
  }

  async created(id: string, order: object): Promise<RecordMetadata[]> {
    const headers: IHeaders = { trace: id, list: ['1', Buffer.from('2')] }
    const message: Message = { key: id, value: JSON.stringify(order), headers, timestamp: Date.now().toString() }
    const record: ProducerRecord = { topic: 'orders', messages: [message], acks: -1, timeout: 30_000 }
    return this.producer.send({ ...record, compression: CompressionTypes.GZIP })
  }

  async many(topicMessages: TopicMessages[]): Promise<string[]> {
    const batch: ProducerBatch = { topicMessages, acks: 0, compression: CompressionTypes.None }
    const entries = await this.other.sendBatch(batch)
    return entries.map(({ topicName, partition, baseOffset = '' }) => `${topicName}-${partition}@${baseOffset}`)
  }

  async shipped(id: string): Promise<void> {
    const transaction: Transaction = await this.producer.transaction()
    try {
      await transaction.send({ topic: 'orders', messages: [{ key: id, value: null }] })
      await transaction.sendOffsets({
        consumerGroupId: 'shipping',
        topics: [{ topic: 'orders', partitions: [{ partition: 0, offset: '1' }] }],
      })
      await transaction.commit()
    } catch (error) {
      if (transaction.isActive()) await transaction.abort()
      throw error
    }
  }

  reasonOf(error: unknown): string {
    if (error instanceof KafkaJSNumberOfRetriesExceeded) return `${error.retryCount} retries: ${error.message}`
    if (error instanceof KafkaJSProtocolError) return `${error.type} ${error.code}`
    if (error instanceof KafkaJSNonRetriableError) return error.name
    return error instanceof KafkaJSError && error.retriable ? (error.cause?.message ?? error.message) : 'no'
  }

  private log(): Logger {
    return this.producer.logger().namespace('OrderEvents', logLevel.WARN)
  }
}

/** What makes topics, and what stays with KafkaJS and compiles all the same. */
export class OrderTopics {
  private readonly admin: Admin = new Kafka(config).admin({ retry })

  async create(names: string[]): Promise<boolean> {
    await this.admin.connect()
    const remove = this.admin.on(this.admin.events.REQUEST, ({ payload }) => this.admin.logger().info(payload.apiName))
    const topics: ITopicConfig[] = names.map((topic) => ({
      topic,
      numPartitions: 3,
      replicationFactor: -1,
      replicaAssignment: [{ partition: 0, replicas: [1, 2] }],
      configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
    }))
    const isCreated: boolean = await this.admin.createTopics({ topics, waitForLeaders: true, timeout: 5000 })
    remove()
    return isCreated
  }

  async sizes(topic: string): Promise<number[]> {
    const described: { topics: ITopicMetadata[] } = await this.admin.fetchTopicMetadata({ topics: [topic] })
    if (described.topics.some(({ partitions }) => partitions.length === 0)) return []
    const offsets = await this.admin.fetchTopicOffsets(topic)
    return offsets.map(({ high, low }) => Number(high) - Number(low))
  }

  async rest(groupId: string): Promise<string[]> {
    await this.admin.deleteTopics({ topics: await this.admin.listTopics(), timeout: 1000 })
    const { resources } = await this.admin.describeConfigs({
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'orders', configNames: ['cleanup.policy'] }],
      includeSynonyms: false,
    })
    const acl: AclEntry[] = [
      {
        principal: 'User:me',
        host: '*',
        operation: AclOperationTypes.WRITE,
        permissionType: AclPermissionTypes.ALLOW,
        resourceType: AclResourceTypes.TOPIC,
        resourceName: 'orders',
        resourcePatternType: ResourcePatternTypes.LITERAL,
      },
    ]
    await this.admin.createAcls({ acl })
    const groups = await this.admin.describeGroups([groupId])
    await this.admin.disconnect()
    return [...resources.map(({ resourceName }) => resourceName), ...groups.groups.map(({ state }) => state)]
  }
}
