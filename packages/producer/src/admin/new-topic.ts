import type { createTopics, RequestInput } from '@linger/protocol'
import { invalidArgument } from '../errors.ts'

/** A topic that is to be made. */
export interface NewTopic {
  readonly topic: string
  /** Default: what the brokers are configured to (num.partitions). Brokers before 2.4 want a number. */
  readonly partitions?: number
  /** How many brokers have each partition. Default: what the brokers are configured to. */
  readonly replicationFactor?: number
  /** As `{ 'retention.ms': '3600000' }`. Default: those of the brokers. */
  readonly configs?: Readonly<Record<string, string>>
  /** Which brokers have which partition, instead of the two numbers. The first of them leads it. */
  readonly assignments?: readonly { readonly partition: number; readonly replicas: readonly number[] }[]
}

export interface CreateTopicsOptions {
  /** How long this may take. Default: `maxBlockMs`. */
  readonly timeoutMs?: number
  /** true: the controller only says whether the topics could be made. Default false. */
  readonly validateOnly?: boolean
}

type CreatableTopic = RequestInput<typeof createTopics>['topics'][number]

/** The broker decides. */
const DEFAULT = -1

/** @throws KafkaError INVALID_ARGUMENT for what cannot be said to a broker; the rest is for the broker to judge */
export function creatableTopic({
  topic,
  partitions = DEFAULT,
  replicationFactor = DEFAULT,
  configs = {},
  assignments = [],
}: NewTopic): CreatableTopic {
  checkTopicName(topic)
  checkInteger(`${topic}: partitions`, partitions, 2 ** 31)
  checkInteger(`${topic}: replicationFactor`, replicationFactor, 2 ** 15)
  return {
    name: topic,
    numPartitions: partitions,
    replicationFactor,
    assignments: assignments.map(({ partition, replicas }) => ({
      partitionIndex: partition,
      brokerIds: [...replicas],
    })),
    configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
  }
}

/** @throws KafkaError INVALID_ARGUMENT */
export function checkTopicName(topic: unknown): void {
  if (typeof topic !== 'string') throw invalidArgument(`the name of a topic is a string, not ${typeof topic}`)
}

function checkInteger(what: string, value: unknown, end: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= -end && value < end) return
  throw invalidArgument(`${what} must be an integer below ${end}, not ${String(value)}`)
}
