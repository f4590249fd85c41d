import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { ProducerIdentity } from '../idempotence/producer-identity.ts'
import type { SequenceState } from '../idempotence/sequences.ts'
import type { Topic } from './topic.ts'

/** Which brokers have the partition, by node id, as the last metadata said. */
export interface PartitionReplicas {
  readonly replicas: readonly number[]
  readonly inSyncReplicas: readonly number[]
  readonly offlineReplicas: readonly number[]
}

const NO_REPLICAS: PartitionReplicas = { replicas: [], inSyncReplicas: [], offlineReplicas: [] }

/**
 * One partition's batches: one open for records, any number closed, at most one in flight.
 *
 * ```
 *   append -> open -> closed[n] ... closed[0] -> inFlight -> settled
 *                         ^------- retry -----------'
 * ```
 */
export class PartitionQueue {
  readonly topic: Topic
  readonly index: number
  /** Undefined while the partition has no leader that we know. */
  leader: BrokerNode | undefined
  /** -1 when the brokers are too old to tell. */
  leaderEpoch = -1
  /** The newest epoch of which a broker hinted who leads. */
  hintedLeaderEpoch = -1
  replicas: PartitionReplicas = NO_REPLICAS
  open: ProducerBatch | undefined
  readonly closed: ProducerBatch[] = []
  inFlight: ProducerBatch | undefined
  /** It stands in its leader's queue of ready partitions. */
  isQueued = false
  /** Nothing is sent before this: the last attempt failed. */
  retryAtMs = 0
  /** What the last batch grew to. */
  lastBatchBytes = 0
  sequence: SequenceState | undefined
  /** What the next batch is stamped with, if it is not what the producer stamps by now. */
  fence: ProducerIdentity | undefined

  constructor(topic: Topic, index: number) {
    this.topic = topic
    this.index = index
  }

  /** `topic-partition`, as Kafka prints it. */
  get name(): string {
    return `${this.topic.name}-${this.index}`
  }

  get queuedBatchCount(): number {
    return this.closed.length + (this.inFlight === undefined ? 0 : 1)
  }

  get isReachable(): boolean {
    return this.leader !== undefined && !this.leader.isBackingOff
  }

  get isEmpty(): boolean {
    return this.open === undefined && this.closed.length === 0 && this.inFlight === undefined
  }

  /** What is said of leaders from here on may be about another log, or another cluster. */
  forgetLeaderEpochs(): void {
    this.leaderEpoch = -1
    this.hintedLeaderEpoch = -1
  }

  /** No more records for the open batch: it is full, or on its way. */
  closeOpen(): void {
    const batch = this.open
    if (batch === undefined) return
    this.open = undefined
    batch.close()
    this.closed.push(batch)
    this.lastBatchBytes = batch.sizeBytes
    if (this.topic.stickyPartition === this.index) this.topic.stickyPartition = -1
  }

  /** The batch to send next: no more records come into it. */
  nextBatch(): ProducerBatch | undefined {
    if (this.closed.length === 0) this.closeOpen()
    return this.closed[0]
  }

  /** The batch to send next, taken off the queue. */
  takeBatch(): ProducerBatch | undefined {
    this.nextBatch()
    return this.closed.shift()
  }

  /** Takes a batch out wherever it waits: it expired or is discarded. */
  remove(batch: ProducerBatch): void {
    if (this.open === batch) this.closeOpen()
    const at = this.closed.indexOf(batch)
    if (at >= 0) this.closed.splice(at, 1)
    // Else the next batch would find itself queued, and nobody would watch its time.
    if (this.closed.length === 0 && this.open === undefined) this.isQueued = false
  }
}
