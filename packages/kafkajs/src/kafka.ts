import { createAdmin, type Admin, type AdminConfig } from './admin/admin.ts'
import type { KafkaConfig, ProducerConfig } from './config/kafka-config.ts'
import { KafkaJSNotImplemented } from './errors/kafkajs-error.ts'
import { createLogger, type Logger } from './logger/logger.ts'
import { createProducer, type Producer } from './producer/producer.ts'

/** KafkaJS's client, as far as producers go, and those who make their topics. */
export class Kafka {
  readonly #config: KafkaConfig
  readonly #logger: Logger

  constructor(config: KafkaConfig) {
    const { logLevel, logCreator } = config
    this.#config = config
    this.#logger = createLogger(logLevel, logCreator)
  }

  producer(config: ProducerConfig = {}): Producer {
    return createProducer(this.#config, config, this.#logger)
  }

  admin(config: AdminConfig = {}): Admin {
    return createAdmin(this.#config, config, this.#logger)
  }

  /** @throws KafkaJSNotImplemented: consumers are KafkaJS's, in the same process if need be */
  consumer(_config?: unknown): never {
    throw new KafkaJSNotImplemented(
      '@linger/kafkajs produces only: keep kafkajs for consumer(), both work side by side in one process',
    )
  }

  logger(): Logger {
    return this.#logger
  }
}
