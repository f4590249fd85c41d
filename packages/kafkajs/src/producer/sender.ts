import {
  KafkaError,
  type PartitionInfo,
  type Producer as Engine,
  type ProducerRecord as EngineRecord,
} from '@linger/producer'
import { failureOf, refused } from '../errors/error-from-engine.ts'
import { KafkaJSNonRetriableError } from '../errors/kafkajs-error.ts'
import { KafkaJSProtocolError } from '../errors/protocol-errors.ts'
import type { PartitionerArgs, PartitionMetadata } from '../partition/partitioner.ts'
import type { RecordMetadata, TopicMessages } from './message.ts'
import { Outbox, type Sink } from './outbox.ts'
import { recordOf } from './record-of.ts'
import { SendOutcome } from './send-outcome.ts'

export type Partition = (args: PartitionerArgs) => number

/** Sends the messages of KafkaJS's calls with one engine. */
export class Sender {
  readonly engine: Engine
  readonly #partition: Partition
  readonly #outbox = new Outbox()

  constructor(engine: Engine, partition: Partition) {
    this.engine = engine
    this.#partition = partition
  }

  /**
   * Chooses a partition for every message before any is sent: one that cannot be sent takes none with it.
   *
   * @param topics one entry for each
   * @param sink the engine, or a transaction of it
   * @returns an entry for each partition; rejects with what the engine says, or with what is wrong with a message
   */
  async send(topics: readonly TopicMessages[], sink: Sink = this.engine): Promise<readonly RecordMetadata[]> {
    const records: EngineRecord[] = []
    for (const { topic, messages } of topics) {
      const partitionMetadata = partitionMetadataOf(await this.#partitionsOf(topic))
      for (const message of messages) {
        const partition: unknown = this.#partition({ topic, partitionMetadata, message })
        records.push(recordOf(topic, Number(partition), message))
      }
    }
    if (records.length === 0) return []
    return new Promise((resolve, reject) => {
      const outcome = new SendOutcome(records.length, resolve, reject)
      this.#outbox.send({ sink, records, outcome })
    })
  }

  /** A broker's refusal of a topic comes wrapped: KafkaJS has asked for its partitions before it sends. */
  async #partitionsOf(topic: string): Promise<readonly PartitionInfo[]> {
    try {
      return await this.engine.partitionsFor(topic)
    } catch (thrown) {
      if (!(thrown instanceof KafkaError)) throw thrown
      // The name of a topic is all that can be wrong with the call.
      const failure =
        thrown.code === 'INVALID_ARGUMENT' ? refused('INVALID_TOPIC_EXCEPTION', thrown) : failureOf(thrown)
      if (failure.retriable || !(failure instanceof KafkaJSProtocolError)) throw thrown
      throw new KafkaJSNonRetriableError(failure, { cause: failure })
    }
  }

  /** Sends what memory had no room for, and ends. */
  async close(): Promise<void> {
    await this.#outbox.emptied
    await this.engine.close()
  }
}

function partitionMetadataOf(partitions: readonly PartitionInfo[]): PartitionMetadata[] {
  return partitions.map(({ partition, leader, replicas, inSyncReplicas, offlineReplicas }) => ({
    partitionErrorCode: 0,
    partitionId: partition,
    leader: leader ?? -1,
    replicas: [...replicas],
    isr: [...inSyncReplicas],
    offlineReplicas: [...offlineReplicas],
  }))
}
