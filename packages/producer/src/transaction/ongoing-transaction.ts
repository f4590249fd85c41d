import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { KafkaError } from '../errors.ts'
import type { ProducerIdentity } from '../idempotence/producer-identity.ts'
import type { CheckedOffset, ConsumerGroupMetadata } from './consumer-offsets.ts'
import type { EarlierEnd } from './earlier-end.ts'
import {
  addOffsetsRequest,
  addPartitionsRequest,
  commitOffsetsRequest,
  endTxnRequest,
  type TransactionalRequest,
  type TransactionalSender,
} from './transactional-request.ts'

interface OffsetCommit {
  readonly group: ConsumerGroupMetadata
  /** Those that are not committed yet. */
  readonly offsets: Map<string, CheckedOffset>
  readonly onDone: (error?: KafkaError) => void
  /** The coordinator knows that the group belongs to the transaction. */
  isGroupAdded: boolean
}

/** What belongs to one transaction: its partitions, the offsets committed with it, and what the coordinator knows. */
export class OngoingTransaction {
  /** With the id and epoch under which it runs. */
  readonly sender: TransactionalSender
  readonly isV2: boolean
  readonly #earlierEnd: EarlierEnd
  readonly #onAdmitted: () => void
  readonly #partitions = new Set<PartitionQueue>()
  /** To be added before anything is sent to them (v1). */
  readonly #newPartitions = new Set<PartitionQueue>()
  /** Of these the coordinator was told, and did not answer so far. */
  #askedPartitions: readonly PartitionQueue[] = []
  #offsetCommits: OffsetCommit[] = []
  #hasStarted = false

  /**
   * @param earlierEnd of the producer's transaction before this one
   * @param onAdmitted partitions may be sent to that were waiting
   */
  constructor(sender: TransactionalSender, isV2: boolean, earlierEnd: EarlierEnd, onAdmitted: () => void) {
    this.sender = sender
    this.isV2 = isV2
    this.#earlierEnd = earlierEnd
    this.#onAdmitted = onAdmitted
  }

  /** The coordinator may know of it: it must be told the end. */
  get hasStarted(): boolean {
    return this.#hasStarted
  }

  includes(partition: PartitionQueue): boolean {
    return this.#partitions.has(partition)
  }

  /** A batch wants to be sent to the partition. True when it may go at once: its request adds the partition (v2). */
  admit(partition: PartitionQueue): boolean {
    if (this.#partitions.has(partition)) return true
    if (!this.isV2) {
      this.#newPartitions.add(partition)
      return false
    }
    if (!this.#earlierEnd.letsPass()) return false
    this.#partitions.add(partition)
    return true
  }

  /** A request with records leaves. Whatever becomes of them: a transaction of nothing but failures must be ended as well. */
  onProduce(): void {
    this.#hasStarted = true
  }

  commitOffsets(
    offsets: readonly CheckedOffset[],
    group: ConsumerGroupMetadata,
    onDone: (error?: KafkaError) => void,
  ): void {
    const named = new Map(offsets.map((offset) => [`${offset.topic}-${offset.partition}`, offset]))
    this.#offsetCommits.push({ group, offsets: named, onDone, isGroupAdded: this.isV2 })
  }

  /** What has to be asked before the transaction can be committed. */
  next(): TransactionalRequest | undefined {
    if (this.#newPartitions.size > 0) return this.#addPartitions([...this.#newPartitions])
    const [commit] = this.#offsetCommits
    const mayBegin = (): boolean => !this.isV2 || this.#earlierEnd.letsPass()
    return commit !== undefined && mayBegin() ? this.#commitOffsets(commit) : undefined
  }

  /** What has to be asked before it can be aborted: an addition without an answer could begin it anew afterwards. */
  nextBeforeAbort(): TransactionalRequest | undefined {
    return this.#askedPartitions.length > 0 ? this.#addPartitions(this.#askedPartitions) : undefined
  }

  /** @param onDone gets the identity of the next transaction, where the answer tells it (v2) */
  end(isCommit: boolean, onDone: (next: ProducerIdentity | undefined) => void): TransactionalRequest {
    return endTxnRequest(this.sender, isCommit, this.isV2, (next) => {
      if (this.isV2) this.#earlierEnd.onAnswered()
      onDone(next)
    })
  }

  /** Nothing more is committed: whoever waits for offsets is told. */
  failOffsets(error: KafkaError): void {
    for (const { onDone } of this.#offsetCommits.splice(0)) onDone(error)
  }

  #addPartitions(partitions: readonly PartitionQueue[]): TransactionalRequest {
    return addPartitionsRequest(this.sender, partitions, {
      onSent: () => {
        this.#hasStarted = true
        this.#askedPartitions = partitions
      },
      onAnswered: () => {
        this.#askedPartitions = []
      },
      onDone: () => {
        for (const partition of partitions) {
          this.#newPartitions.delete(partition)
          this.#partitions.add(partition)
        }
        this.#onAdmitted()
      },
      onRefused: () => this.#newPartitions.clear(),
    })
  }

  #commitOffsets(commit: OffsetCommit): TransactionalRequest {
    const end = (error?: KafkaError): void => {
      if (this.#offsetCommits[0] !== commit) return // it was told already
      this.#offsetCommits.shift()
      commit.onDone(error)
    }
    const onSent = (): void => {
      this.#hasStarted = true
    }
    if (!commit.isGroupAdded) {
      const onDone = (): void => {
        commit.isGroupAdded = true
      }
      return addOffsetsRequest(this.sender, commit.group.groupId, { onSent, onDone, onRefused: end })
    }
    return commitOffsetsRequest(this.sender, commit.group, commit.offsets, this.isV2, {
      onSent,
      onDone: () => end(),
      onRefused: end,
    })
  }
}
