import * as linger from '@linger/kafkajs'
import kafkajs, { type Kafka, type KafkaConfig } from 'kafkajs'

/** What both libraries have: KafkaJS's own types describe it. */
export interface ClientLibrary {
  readonly name: 'kafkajs' | 'linger'
  readonly newKafka: (config: KafkaConfig) => Pick<Kafka, 'producer' | 'logger'>
}

process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'

/** The oracle first. */
export const libraries: readonly ClientLibrary[] = [
  { name: 'kafkajs', newKafka: (config) => new kafkajs.Kafka(config) },
  { name: 'linger', newKafka: (config) => new linger.Kafka(config) },
]
