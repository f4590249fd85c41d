import { KafkaJSError, type Reason } from './kafkajs-error.ts'

/** What a broker answered: its name and number of the error, as KafkaJS calls them. */
export interface ProtocolReason {
  readonly message: string
  readonly type?: string | undefined
  readonly code?: number | undefined
  readonly retriable?: boolean | undefined
  readonly helpUrl?: string | undefined
}

/** A broker refused a request. */
export class KafkaJSProtocolError extends KafkaJSError {
  override name = 'KafkaJSProtocolError'
  readonly type: string
  readonly code: number

  constructor(reason: Reason | ProtocolReason, { cause }: { readonly cause?: Error | undefined } = {}) {
    const { message, type, code, retriable, helpUrl }: ProtocolReason =
      typeof reason === 'string' ? { message: reason } : reason
    super(message, { retriable, cause, helpUrl })
    // Undefined where the reason is a mere sentence, whatever KafkaJS's types say.
    this.type = type as string
    this.code = code as number
  }
}

export interface KafkaJSOffsetOutOfRangeMetadata {
  readonly topic: string
  readonly partition: number
}

export class KafkaJSOffsetOutOfRange extends KafkaJSProtocolError {
  override name = 'KafkaJSOffsetOutOfRange'
  readonly topic: string | undefined
  readonly partition: number | undefined

  constructor(reason: Reason | ProtocolReason, metadata: Partial<KafkaJSOffsetOutOfRangeMetadata> = {}) {
    super(reason)
    this.topic = metadata.topic
    this.partition = metadata.partition
  }
}

export class KafkaJSMemberIdRequired extends KafkaJSProtocolError {
  override name = 'KafkaJSMemberIdRequired'
  readonly memberId: string | undefined

  constructor(reason: Reason | ProtocolReason, { memberId }: { readonly memberId?: string } = {}) {
    super(reason)
    this.memberId = memberId
  }
}

export class KafkaJSCreateTopicError extends KafkaJSProtocolError {
  override name = 'KafkaJSCreateTopicError'
  readonly topic: string

  constructor(reason: Reason | ProtocolReason, topic: string) {
    super(reason)
    this.topic = topic
  }
}

export class KafkaJSAlterPartitionReassignmentsError extends KafkaJSProtocolError {
  override name = 'KafkaJSAlterPartitionReassignmentsError'
  readonly topic: string | undefined
  readonly partition: number | undefined

  constructor(reason: Reason | ProtocolReason, topic?: string, partition?: number) {
    super(reason)
    this.topic = topic
    this.partition = partition
  }
}
