import * as lingerKafkajs from '@linger/kafkajs'
import kafkajs, { type Admin, type Kafka, type KafkaConfig } from 'kafkajs'

/** What both libraries have of an admin client. */
export type TopicAdmin = Pick<
  Admin,
  | 'connect'
  | 'disconnect'
  | 'createTopics'
  | 'deleteTopics'
  | 'listTopics'
  | 'fetchTopicMetadata'
  | 'fetchTopicOffsets'
  | 'on'
>

/** What both libraries have: KafkaJS's own types describe it. */
export interface ClientLibrary {
  readonly name: 'kafkajs' | 'linger'
  readonly newKafka: (config: KafkaConfig) => Pick<Kafka, 'producer' | 'logger'> & { admin(): TopicAdmin }
}

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

export const oracle: ClientLibrary = { name: 'kafkajs', newKafka: (config) => new kafkajs.Kafka(config) }

export const linger: ClientLibrary = { name: 'linger', newKafka: (config) => new lingerKafkajs.Kafka(config) }

/** The oracle first. */
export const libraries: readonly ClientLibrary[] = [oracle, linger]
