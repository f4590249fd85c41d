import type { Producer as Engine, ProducerRecord as EngineRecord } from '@linger/producer'
import type { PartitionerArgs } from '../partition/partitioner.ts'
import type { RecordMetadata, TopicMessages } from './message.ts'
import { Outbox, type Sink } from './outbox.ts'
import { recordOf } from './record-of.ts'
import { SendOutcome } from './send-outcome.ts'
import { TopicPartitions } from './topic-partitions.ts'

export type Partition = (args: PartitionerArgs) => number

/** Sends the messages of KafkaJS's calls with one engine. */
export class Sender {
  readonly engine: Engine
  readonly #partition: Partition
  readonly #partitions: TopicPartitions
  readonly #outbox = new Outbox()

  constructor(engine: Engine, partition: Partition) {
    this.engine = engine
    this.#partition = partition
    this.#partitions = new TopicPartitions(engine)
  }

  /**
   * Chooses a partition for every message before any is sent: one that cannot be sent takes none with it.
   *
   * @param topics one entry for each
   * @param sink the engine, or a transaction of it
   * @returns an entry for each partition; rejects with what the engine says, or with what is wrong with a message
   */
  async send(topics: readonly TopicMessages[], sink: Sink = this.engine): Promise<RecordMetadata[]> {
    const records: EngineRecord[] = []
    for (const { topic, messages } of topics) {
      const partitionMetadata = await this.#partitions.of(topic)
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

  /** Sends what memory had no room for, and ends. */
  async close(): Promise<void> {
    await this.#outbox.emptied
    await this.engine.close()
  }
}
