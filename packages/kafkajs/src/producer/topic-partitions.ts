import { KafkaError, type PartitionInfo, type Producer as Engine } from '@linger/producer'
import { failureOf, refused } from '../errors/error-from-engine.ts'
import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import { KafkaJSProtocolError } from '../errors/protocol-errors.ts'
import type { PartitionMetadata } from '../partition/partitioner.ts'

/** The partitions of topics, for partitioners. What is sent in one turn of the event loop shares an answer. */
export class TopicPartitions {
  readonly #engine: Engine
  readonly #ofThisTurn = new Map<string, Promise<PartitionMetadata[]>>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  of(topic: string): Promise<PartitionMetadata[]> {
    const known = this.#ofThisTurn.get(topic)
    if (known !== undefined) return known
    if (this.#ofThisTurn.size === 0) setImmediate(() => this.#ofThisTurn.clear())
    const partitions = this.#ask(topic)
    this.#ofThisTurn.set(topic, partitions)
    return partitions
  }

  /** A broker's refusal of a topic comes wrapped: KafkaJS has asked for its partitions before it sends. */
  async #ask(topic: string): Promise<PartitionMetadata[]> {
    try {
      return (await this.#engine.partitionsFor(topic)).map(partitionMetadataOf)
    } catch (thrown) {
      if (!(thrown instanceof KafkaError)) throw thrown
      // The name of a topic is all that can be wrong with the call.
      const failure =
        thrown.code === 'INVALID_ARGUMENT' ? refused('INVALID_TOPIC_EXCEPTION', thrown) : failureOf(thrown)
      if (failure.retriable || !(failure instanceof KafkaJSProtocolError)) throw thrown
      throw new KafkaJSNonRetriableError(failure, { cause: failure })
    }
  }
}

function partitionMetadataOf(info: PartitionInfo): PartitionMetadata {
  const { partition, leader, replicas, inSyncReplicas, offlineReplicas } = info
  return {
    partitionErrorCode: 0,
    partitionId: partition,
    leader: leader ?? -1,
    replicas: [...replicas],
    isr: [...inSyncReplicas],
    offlineReplicas: [...offlineReplicas],
  }
}
