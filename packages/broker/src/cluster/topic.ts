import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import type { Partition } from './partition.ts'
import { type TopicConfig, topicConfigFrom } from './topic-config.ts'

const NAME_LETTERS_MAX = 249
const LEGAL_NAME = /^[a-zA-Z0-9._-]+$/

/** A topic of the cluster. Created again after a deletion it has another id, and is another topic. */
export class Topic {
  readonly name: string
  /** 22 letters of url-safe base64, as Kafka prints a Uuid. */
  readonly id: string
  /** What was set at creation, without the defaults. */
  readonly givenConfig: Readonly<Record<string, string>>
  readonly config: TopicConfig
  /** By index. Grows when partitions are added. */
  readonly partitions: Partition[] = []

  constructor(name: string, id: string, givenConfig: Readonly<Record<string, string>>) {
    this.name = name
    this.id = id
    this.givenConfig = givenConfig
    this.config = topicConfigFrom(givenConfig)
  }

  get replicationFactor(): number {
    return this.partitions[0]?.replicaIds.length ?? 1
  }
}

/**
 * @throws RequestRefused INVALID_TOPIC_EXCEPTION
 * @source Kafka org.apache.kafka.common.internals.Topic.validate
 */
export function validateTopicName(name: string): void {
  const legal = LEGAL_NAME.test(name) && name.length <= NAME_LETTERS_MAX && name !== '.' && name !== '..'
  if (!legal) throw new RequestRefused(ErrorCode.INVALID_TOPIC_EXCEPTION, `topic name "${name}" is illegal`)
}

/**
 * Two topics that are the same name here collide: metrics of Kafka have '_' where a name has '.'.
 *
 * @source Kafka org.apache.kafka.common.internals.Topic.unifyCollisionChars
 */
export function unifyCollisionChars(name: string): string {
  return name.replaceAll('.', '_')
}
