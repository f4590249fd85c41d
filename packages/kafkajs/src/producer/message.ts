import type { CompressionTypes } from '../compression/compression-types.ts'

export interface IHeaders {
  [key: string]: Buffer | string | (Buffer | string)[] | undefined
}

export interface Message {
  key?: Buffer | string | null
  /** null writes a tombstone. */
  value: Buffer | string | null
  partition?: number
  headers?: IHeaders
  /** Milliseconds since 1970, in digits. Default: now. */
  timestamp?: string
}

interface SendOptions {
  /** -1: every in-sync replica (the default), 1: the leader, 0: nobody. */
  acks?: number | undefined
  /** How long a broker may wait for its replicas, in milliseconds. Default 30_000. */
  timeout?: number | undefined
  compression?: CompressionTypes | undefined
}

export interface ProducerRecord extends SendOptions {
  topic: string
  messages: Message[]
}

export interface TopicMessages {
  topic: string
  messages: Message[]
}

export interface ProducerBatch extends SendOptions {
  topicMessages?: TopicMessages[] | undefined
}

/** Where the messages of one call are, for each partition that they went to. */
export type RecordMetadata = {
  topicName: string
  partition: number
  errorCode: number
  offset?: string
  timestamp?: string
  /** Of the first message. */
  baseOffset?: string
  /** '-1' where messages keep their own timestamps. */
  logAppendTime?: string
  logStartOffset?: string
}
