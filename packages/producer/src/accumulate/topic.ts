import { TopicMeters } from '../observe/topic-meters.ts'
import { Fifo } from './fifo.ts'
import { PartitionQueue } from './partition-queue.ts'
import type { WaitingRecord } from './waiting-record.ts'

/** What the producer knows of one topic. Its partitions are unknown until the first metadata. */
export class Topic {
  readonly name: string
  /** 22 letters; undefined when the brokers are too old to tell (before 2.8). */
  id: string | undefined
  /** Of each partition that there ever was: batches may hang on one that has gone. */
  readonly #queues: PartitionQueue[] = []
  #partitions: readonly PartitionQueue[] = []
  #partitionNumbers: readonly number[] = []
  /** The partition of the open sticky batch, -1 when there is none. */
  stickyPartition = -1
  /** Records that came before the partitions were known, in the order of their calls. */
  readonly waiting: Fifo<WaitingRecord> = new Fifo<WaitingRecord>()
  /** Brokers found larger batches too large: what is opened from here on stays below. */
  batchBytesMax: number = Infinity
  #compressionRatio = 1
  /** When a batch for it was last opened. */
  lastUsedMs = 0
  /** Kafka's name of what the last metadata said instead of partitions. */
  lastError: string | undefined
  readonly meters: TopicMeters = new TopicMeters()
  #roundRobin = 0

  constructor(name: string) {
    this.name = name
  }

  /** What a byte of its batches comes to when it is compressed, rather too much than too little. */
  get compressionRatio(): number {
    return this.#compressionRatio
  }

  /**
   * A batch came to `ratio` of its length. Worse is believed at once, better step by step.
   *
   * @source Kafka CompressionRatioEstimator
   */
  onCompressed(ratio: number): void {
    const step = ratio > this.#compressionRatio ? 0.05 : -0.005
    this.#compressionRatio = Math.max(this.#compressionRatio + step, ratio)
  }

  /** A broker found a batch too large: what was thought of its compression was too good. @source KIP-126 */
  forgetCompression(): void {
    this.#compressionRatio = 1
  }

  get partitions(): readonly PartitionQueue[] {
    return this.#partitions
  }

  /** 0 to partition count - 1, for a partitioner of the user's, who cannot change it. */
  get partitionNumbers(): readonly number[] {
    return this.#partitionNumbers
  }

  /** Those that have a leader just now. */
  get availablePartitions(): readonly number[] {
    return this.#partitionNumbers.filter((index) => this.#partitions[index]?.leader !== undefined)
  }

  /** A partition that comes back has what it had: its batches leave before newer ones. */
  setPartitionCount(count: number): void {
    for (let index = this.#queues.length; index < count; index++) this.#queues.push(new PartitionQueue(this, index))
    if (count === this.#partitions.length) return
    this.#partitions = this.#queues.slice(0, count)
    this.#partitionNumbers = Object.freeze(this.#partitions.map(({ index }) => index))
  }

  /** Those of partitions that are gone too. */
  get queues(): readonly PartitionQueue[] {
    return this.#queues
  }

  get isKnown(): boolean {
    return this.#partitions.length > 0
  }

  /**
   * True when a record for `partition`, or for any when it is undefined, can go to its batch at once: partitions
   * are known, and no earlier record waits for them.
   */
  hasPartition(partition: number | undefined): boolean {
    const count = this.#partitions.length
    return count > 0 && this.waiting.length === 0 && (partition === undefined || partition < count)
  }

  /** The next partition that has a leader; where none has one, the next. */
  nextRoundRobin(): number {
    const count = this.#partitions.length
    const next = this.#roundRobin % count
    let chosen = next
    while (this.#partitions[chosen]?.leader === undefined) {
      chosen = (chosen + 1) % count
      if (chosen === next) break // none has
    }
    this.#roundRobin = chosen + 1
    return chosen
  }
}
