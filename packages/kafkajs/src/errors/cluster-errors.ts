import { KafkaJSError, KafkaJSNonRetriableError, type Reason } from './kafkajs-error.ts'

/** The partitions of a topic are not known. */
export class KafkaJSMetadataNotLoaded extends KafkaJSError {
  override name = 'KafkaJSMetadataNotLoaded'

  constructor(reason: Reason = 'Metadata not loaded', { cause }: { readonly cause?: Error } = {}) {
    super(reason, { cause })
  }
}

export interface KafkaJSTopicMetadataNotLoadedMetadata {
  readonly topic: string
}

export class KafkaJSTopicMetadataNotLoaded extends KafkaJSMetadataNotLoaded {
  override name = 'KafkaJSTopicMetadataNotLoaded'
  readonly topic: string | undefined

  constructor(reason: Reason, metadata: Partial<KafkaJSTopicMetadataNotLoadedMetadata> = {}) {
    super(reason)
    this.topic = metadata.topic
  }
}

export interface KafkaJSStaleTopicMetadataAssignmentMetadata {
  readonly topic: string
  readonly unknownPartitions: unknown[]
}

export class KafkaJSStaleTopicMetadataAssignment extends KafkaJSError {
  override name = 'KafkaJSStaleTopicMetadataAssignment'
  readonly topic: string | undefined
  readonly unknownPartitions: unknown[] | undefined

  constructor(reason: Reason, metadata: Partial<KafkaJSStaleTopicMetadataAssignmentMetadata> = {}) {
    super(reason)
    this.topic = metadata.topic
    this.unknownPartitions = metadata.unknownPartitions
  }
}

export class KafkaJSGroupCoordinatorNotFound extends KafkaJSNonRetriableError {
  override name = 'KafkaJSGroupCoordinatorNotFound'
}

export interface KafkaJSDeleteGroupsErrorGroups {
  readonly groupId: string
  readonly errorCode: number
  readonly error: KafkaJSError
}

export class KafkaJSDeleteGroupsError extends KafkaJSError {
  override name = 'KafkaJSDeleteGroupsError'
  readonly groups: KafkaJSDeleteGroupsErrorGroups[]

  constructor(reason: Reason, groups: KafkaJSDeleteGroupsErrorGroups[] = []) {
    super(reason)
    this.groups = groups
  }
}

export interface KafkaJSDeleteTopicRecordsErrorPartition {
  readonly partition: number
  readonly offset: string
  readonly error: KafkaJSError
}

export interface KafkaJSDeleteTopicRecordsErrorTopic {
  readonly topic: string
  readonly partitions: KafkaJSDeleteTopicRecordsErrorPartition[]
}

/** Retriable if each of its partitions' errors is. */
export class KafkaJSDeleteTopicRecordsError extends KafkaJSError {
  override name = 'KafkaJSDeleteTopicRecordsError'
  readonly partitions: KafkaJSDeleteTopicRecordsErrorPartition[]

  constructor({ partitions }: Pick<KafkaJSDeleteTopicRecordsErrorTopic, 'partitions'>) {
    super('Error while deleting records', { retriable: partitions.every(({ error }) => error.retriable) })
    this.partitions = partitions
  }
}
