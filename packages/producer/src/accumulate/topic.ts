import { Fifo } from './fifo.ts'
import type { PartitionQueue } from './partition-queue.ts'
import type { WaitingRecord } from './waiting-record.ts'

/** What the producer knows of one topic. Its partitions are unknown until the first metadata. */
export class Topic {
  readonly name: string
  /** 22 letters; undefined when the brokers are too old to tell (before 2.8). */
  id: string | undefined
  #partitions: readonly PartitionQueue[] = []
  #partitionNumbers: readonly number[] = []
  /** The partition of the open sticky batch, -1 when there is none. */
  stickyPartition = -1
  /** Records that came before the partitions were known, in the order of their calls. */
  readonly waiting: Fifo<WaitingRecord> = new Fifo<WaitingRecord>()
  /** Brokers found larger batches too large: what is opened from here on stays below. */
  batchBytesMax: number = Infinity
  /** When a batch for it was last opened. */
  lastUsedMs = 0
  /** Kafka's name of what the last metadata said instead of partitions. */
  lastError: string | undefined
  #roundRobin = 0

  constructor(name: string) {
    this.name = name
  }

  get partitions(): readonly PartitionQueue[] {
    return this.#partitions
  }

  /** 0 to partition count - 1, for a partitioner of the user's. */
  get partitionNumbers(): readonly number[] {
    return this.#partitionNumbers
  }

  /** Those that have a leader just now. */
  get availablePartitions(): readonly number[] {
    return this.#partitionNumbers.filter((index) => this.#partitions[index]?.leader !== undefined)
  }

  setPartitions(partitions: readonly PartitionQueue[]): void {
    this.#partitions = partitions
    this.#partitionNumbers = partitions.map(({ index }) => index)
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

  nextRoundRobin(): number {
    const next = this.#roundRobin % this.partitions.length
    this.#roundRobin = next + 1
    return next
  }
}
