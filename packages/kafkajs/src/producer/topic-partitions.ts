import { KafkaError, type Producer as Engine } from '@linger/producer'
import { failureOf, refused } from '../errors/error-from-engine.ts'
import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import { KafkaJSProtocolError } from '../errors/protocol-errors.ts'
import { partitionMetadataOf } from '../partition/partition-metadata.ts'
import type { PartitionMetadata } from '../partition/partitioner.ts'

/** An answer is used for so long: partitioners need no newer one, and a send costs no question. */
const FRESH_MS = 100

/** The partitions of topics, for partitioners. */
export class TopicPartitions {
  readonly #engine: Engine
  readonly #known = new Map<string, PartitionMetadata[]>()
  readonly #asking = new Map<string, Promise<PartitionMetadata[]>>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** Those of a topic that was asked for a moment ago. Else undefined: ask. */
  known(topic: string): PartitionMetadata[] | undefined {
    return this.#known.get(topic)
  }

  of(topic: string): Promise<PartitionMetadata[]> {
    let asking = this.#asking.get(topic)
    if (asking === undefined) {
      asking = this.#ask(topic).finally(() => this.#asking.delete(topic))
      this.#asking.set(topic, asking)
    }
    return asking
  }

  /** A broker's refusal of a topic comes wrapped: KafkaJS has asked for its partitions before it sends. */
  async #ask(topic: string): Promise<PartitionMetadata[]> {
    try {
      const partitions = (await this.#engine.partitionsFor(topic)).map(partitionMetadataOf)
      this.#keep(topic, partitions)
      return partitions
    } catch (thrown) {
      if (!(thrown instanceof KafkaError)) throw thrown
      // The name of a topic is all that can be wrong with the call.
      const failure =
        thrown.code === 'INVALID_ARGUMENT' ? refused('INVALID_TOPIC_EXCEPTION', thrown) : failureOf(thrown)
      if (failure.retriable || !(failure instanceof KafkaJSProtocolError)) throw thrown
      throw new KafkaJSNonRetriableError(failure, { cause: failure })
    }
  }

  #keep(topic: string, partitions: PartitionMetadata[]): void {
    this.#known.set(topic, partitions)
    setTimeout(() => {
      if (this.#known.get(topic) === partitions) this.#known.delete(topic)
    }, FRESH_MS).unref()
  }
}
