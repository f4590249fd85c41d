import type { Producer as Engine, ProducerRecord as EngineRecord } from '@linger/producer'
import type { PartitionerArgs, PartitionMetadata } from '../partition/partitioner.ts'
import type { RecordMetadata, TopicMessages } from './message.ts'
import type { Outbox, Sink } from './outbox.ts'
import { recordOf } from './record-of.ts'
import { SendOutcome, type CallEnds, type Reject, type Resolve } from './send-outcome.ts'
import { TopicPartitions } from './topic-partitions.ts'

export type Partition = (args: PartitionerArgs) => number

export interface SenderDeps {
  readonly partition: Partition
  /** May be that of other senders too. */
  readonly outbox: Outbox
  /** What a call rejects with. */
  readonly asFailed: (error: unknown, sender: Sender) => Error
}

/** Sends the messages of KafkaJS's calls with one engine. */
export class Sender implements CallEnds {
  readonly engine: Engine
  readonly #deps: SenderDeps
  readonly #hasAcks: boolean
  readonly #partitions: TopicPartitions
  /** Calls whose messages were not handed over yet: nobody passes them. */
  #preparingCount = 0
  /** The last call for each topic whose messages were not handed over yet. */
  readonly #tails = new Map<string, Promise<void>>()
  /** Calls without an answer. */
  #unansweredCount = 0
  #onQuiet = (): void => {}

  /** @param hasAcks false: no broker tells where messages are, so no call is told */
  constructor(engine: Engine, hasAcks: boolean, deps: SenderDeps) {
    this.engine = engine
    this.#hasAcks = hasAcks
    this.#deps = deps
    this.#partitions = new TopicPartitions(engine)
  }

  /**
   * Chooses a partition for every message before any is sent: one that cannot be sent takes none with it.
   *
   * @param topics one entry for each
   * @param sink the engine, or a transaction of it
   * @returns an entry for each partition; rejects with what `asFailed` makes of what went wrong
   */
  send(topics: readonly TopicMessages[], sink: Sink = this.engine): Promise<RecordMetadata[]> {
    this.#unansweredCount++
    return new Promise((resolve, reject) => {
      try {
        if (this.#areKnown(topics)) this.#handOver(this.#recordsOf(topics), sink, resolve, reject)
        else this.#prepare(topics, sink, resolve, reject)
      } catch (error) {
        this.fail(error, reject)
      }
    })
  }

  /** A call's messages are acknowledged. */
  answer(entries: RecordMetadata[], resolve: Resolve): void {
    this.#onEnded()
    resolve(this.#hasAcks ? entries : [])
  }

  fail(error: unknown, reject: Reject): void {
    this.#onEnded()
    reject(this.#deps.asFailed(error, this))
  }

  /** Almost every call goes on at once, in the turn in which it was made. */
  #areKnown(topics: readonly TopicMessages[]): boolean {
    if (this.#preparingCount > 0) return false
    for (const { topic } of topics) if (this.#partitions.known(topic) === undefined) return false
    return true
  }

  #recordsOf(topics: readonly TopicMessages[]): EngineRecord[] {
    const records: EngineRecord[] = []
    for (const { topic, messages } of topics) {
      this.#addRecords(records, topic, messages, this.#partitions.known(topic) ?? [])
    }
    return records
  }

  #addRecords(
    records: EngineRecord[],
    topic: string,
    messages: TopicMessages['messages'],
    partitionMetadata: PartitionMetadata[],
  ): void {
    const { partition: partitionFor } = this.#deps
    for (const message of messages) {
      const partition: unknown = partitionFor({ topic, partitionMetadata, message })
      records.push(recordOf(topic, typeof partition === 'number' ? partition : inDigits(partition), message))
    }
  }

  #prepare(topics: readonly TopicMessages[], sink: Sink, resolve: Resolve, reject: Reject): void {
    this.#preparingCount++
    const earlier = topics.flatMap(({ topic }) => this.#tails.get(topic) ?? [])
    const handedOver = this.#askedRecordsOf(topics, earlier).then(
      (records) => {
        this.#preparingCount--
        this.#handOver(records, sink, resolve, reject)
      },
      (error: unknown) => {
        this.#preparingCount--
        this.fail(error, reject)
      },
    )
    // Calls of one topic are in order by themselves: they wait for the same answer.
    if (topics.length < 2 && earlier.length === 0) return
    for (const { topic } of topics) this.#tails.set(topic, handedOver)
    void handedOver.then(() => {
      for (const { topic } of topics) if (this.#tails.get(topic) === handedOver) this.#tails.delete(topic)
    })
  }

  async #askedRecordsOf(topics: readonly TopicMessages[], earlier: readonly Promise<void>[]): Promise<EngineRecord[]> {
    const records: EngineRecord[] = []
    if (earlier.length > 0) await Promise.all(earlier)
    for (const { topic, messages } of topics) {
      this.#addRecords(records, topic, messages, await this.#partitions.of(topic))
    }
    return records
  }

  #handOver(records: readonly EngineRecord[], sink: Sink, resolve: Resolve, reject: Reject): void {
    if (records.length === 0) this.answer([], resolve)
    else this.#deps.outbox.send({ sink, records, outcome: new SendOutcome(records.length, this, resolve, reject) })
  }

  #onEnded(): void {
    this.#unansweredCount--
    if (this.#unansweredCount === 0) this.#onQuiet()
  }

  /** Waits for every call's answer, and ends. */
  async close(): Promise<void> {
    if (this.#unansweredCount > 0) {
      await new Promise<void>((resolve) => {
        this.#onQuiet = resolve
      })
    }
    await this.engine.close()
  }
}

/** KafkaJS takes a partition in digits as well. What else is no number is no partition: null is not 0. */
function inDigits(partition: unknown): number {
  return typeof partition === 'string' && partition !== '' ? Number(partition) : Number.NaN
}
