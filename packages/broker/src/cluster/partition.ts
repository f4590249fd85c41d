import { PartitionLog } from '../log/partition-log.ts'
import type { Topic } from './topic.ts'
import type { TopicConfig } from './topic-config.ts'

export const NO_LEADER = -1

/** A partition as a broker knows it: as it is, or as it was when the broker last heard of it. */
export interface PartitionView {
  readonly topicName: string
  readonly index: number
  /** -1 while nobody leads. */
  readonly leaderId: number
  /** Grows with each change of leader. */
  readonly leaderEpoch: number
  readonly replicaIds: readonly number[]
  readonly inSyncReplicaIds: readonly number[]
  /** The log of the broker that leads, or believes that it does. */
  readonly log: PartitionLog
  /** Consumers see records below it, and acks=all waits for it. */
  readonly highWatermark: number
  /** How many in-sync replicas acks=all needs. */
  readonly minInsyncReplicas: number
}

/** What a partition asks of its cluster. */
export interface PartitionCluster {
  /** The broker has not heard of what happened since it stopped listening, and may still believe that it leads. */
  isStale(nodeId: number): boolean
  isAlive(nodeId: number): boolean
  /** Leaders or replicas changed: answers that wait for them may be due. */
  changed(): void
}

/** The log of a leader that does not know yet that it was followed by another. */
export type DeposedLog = Pick<PartitionView, 'leaderId' | 'log' | 'highWatermark'>

/** A leader and its time. */
interface Leader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

/**
 * A partition as the controller knows it: who leads since which epoch, who follows, and how far.
 *
 * One log serves all replicas, since a follower has a part of its leader's log and nothing else. A follower that stops
 * fetching is remembered by where it stands; when it is elected, the log is cut there.
 *
 * ```
 *  leader    0 1 2 3 4 5 6 7
 *  follower  0 1 2 3 4 5 6 7    fetches all the time
 *  follower  0 1 2 3            stalled at 4: the high watermark is 4 as long as it is in sync
 * ```
 */
export class Partition implements PartitionView {
  readonly topicName: string
  readonly index: number
  readonly minInsyncReplicas: number
  readonly config: TopicConfig
  leaderId: number
  leaderEpoch = 0
  readonly log: PartitionLog = new PartitionLog()
  readonly #cluster: PartitionCluster
  #replicaIds: readonly number[]
  #inSyncReplicaIds: readonly number[]
  /** Left when too few were in sync to acknowledge anything more, so they have all that was (KIP-966). */
  #eligibleLeaderIds: readonly number[] = []
  #highWatermark = 0
  /** Where followers stand that do not fetch; the others have all there is. */
  readonly #stalledAt = new Map<number, number>()
  /** Who leads, or led before nobody did. */
  #lastLeader: Leader
  /** What replicas whose processes began anew do not know of producers. It shows when they lead. */
  readonly #forgotten = new Map<number, { readonly fromOffset: number; readonly expiredMs: number }>()
  /** By the epoch in which it led. */
  readonly #deposed = new Map<number, DeposedLog>()

  /** @param replicaIds the first one leads */
  constructor(topic: Topic, replicaIds: readonly number[], cluster: PartitionCluster) {
    this.topicName = topic.name
    this.config = topic.config
    this.index = topic.partitions.length
    // A topic cannot ask for more replicas in sync than it has at all. @source Kafka Partition.effectiveMinIsr
    this.minInsyncReplicas = Math.min(topic.config.minInsyncReplicas, replicaIds.length)
    this.leaderId = replicaIds[0] ?? NO_LEADER
    this.#lastLeader = { leaderId: this.leaderId, leaderEpoch: 0 }
    this.#cluster = cluster
    this.#replicaIds = replicaIds
    this.#inSyncReplicaIds = replicaIds
  }

  get replicaIds(): readonly number[] {
    return this.#replicaIds
  }

  get inSyncReplicaIds(): readonly number[] {
    return this.#inSyncReplicaIds
  }

  get highWatermark(): number {
    this.#advance()
    return this.#highWatermark
  }

  /** The log as the leader of `leaderEpoch` has it, who may have been followed by another without knowing. */
  logOf(leaderEpoch: number): DeposedLog {
    return this.#deposed.get(leaderEpoch) ?? this
  }

  /** A former leader knows by now, and has thrown away what it had alone. */
  forgetDeposed(leaderId: number): void {
    for (const [epoch, deposed] of this.#deposed) if (deposed.leaderId === leaderId) this.#deposed.delete(epoch)
  }

  /**
   * Another broker leads. Where it has not all records, those it lacks are lost: an unclean election, or a clean one of
   * a follower that was in sync and slow, under acks=1.
   *
   * @param leaderId -1 when nobody can lead. A broker without a replica first gets that of the leader: a reassignment
   */
  elect(leaderId: number): void {
    const former = this.#lastLeader
    this.#advance()
    if (leaderId !== NO_LEADER) {
      if (former.leaderId !== leaderId) this.#depose(former)
      // Who leads has all that it wrote, also while it does not follow: it stood still, or has not heard of all.
      if (this.#stalledAt.has(former.leaderId)) this.#stalledAt.set(former.leaderId, this.log.endOffset)
      this.#lastLeader = { leaderId, leaderEpoch: this.leaderEpoch + 1 }
    }
    if (leaderId !== NO_LEADER && !this.#replicaIds.includes(leaderId)) this.#reassign(leaderId)
    this.leaderEpoch++
    this.leaderId = leaderId
    if (leaderId !== NO_LEADER) {
      // Who comes back as leader with nobody in between has all that it wrote meanwhile, believing that it led.
      if (former.leaderId !== leaderId) this.#cutTo(this.#stalledAt.get(leaderId) ?? this.log.endOffset)
      this.#stalledAt.delete(leaderId)
      this.#forgetOldProducers(leaderId)
      // @source Kafka PartitionChangeBuilder: after an unclean election the new leader is the only one in sync
      if (!this.#inSyncReplicaIds.includes(leaderId)) this.#setInSync([leaderId])
    }
    this.#cluster.changed()
  }

  /** A follower no longer fetches. It stays in sync until {@link leaveSync}, and acks=all waits for it. */
  stall(nodeId: number): void {
    this.#advance()
    if (!this.#stalledAt.has(nodeId)) this.#stalledAt.set(nodeId, this.log.endOffset)
  }

  /** The process of a replica begins anew: see `PartitionLog.forgetOldProducers`. */
  onRestarted(nodeId: number, expiredMs: number): void {
    this.#forgotten.set(nodeId, { fromOffset: this.#stalledAt.get(nodeId) ?? this.log.endOffset, expiredMs })
  }

  /** A follower has fetched all there is, and is in sync again. */
  catchUp(nodeId: number): void {
    this.#advance()
    this.#stalledAt.delete(nodeId)
    if (this.#isMissingFromSync(nodeId)) this.#setInSync([...this.#inSyncReplicaIds, nodeId])
    this.#advance()
    this.#cluster.changed()
  }

  /** A follower is too far behind to count (replica.lag.time.max.ms). The last one in sync stays in any case. */
  leaveSync(nodeId: number): void {
    if (this.#inSyncReplicaIds.length > 1) this.#removeFromSync(nodeId)
  }

  /**
   * The controller has noticed that a broker is gone: another one in sync leads, or nobody.
   *
   * @source Kafka ReplicationControlManager.handleBrokerFenced
   */
  onFenced(nodeId: number): void {
    this.stall(nodeId)
    this.#removeFromSync(nodeId)
    if (this.leaderId === nodeId) this.elect(this.#leaderInSync() ?? NO_LEADER)
  }

  /** A broker is back: it leads what nobody else could, and follows the rest. */
  onUnfenced(nodeId: number): void {
    if (!this.replicaIds.includes(nodeId)) return
    if (this.leaderId !== NO_LEADER) this.catchUp(nodeId)
    else if (this.#eligibleLeaderIds.includes(nodeId)) this.elect(nodeId)
  }

  #leaderInSync(): number | undefined {
    return this.replicaIds.find((id) => this.#inSyncReplicaIds.includes(id) && this.#cluster.isAlive(id))
  }

  #removeFromSync(nodeId: number): void {
    this.#advance()
    if (!this.#inSyncReplicaIds.includes(nodeId)) return
    this.#setInSync(this.#inSyncReplicaIds.filter((id) => id !== nodeId))
    if (this.#hasTooFewInSync()) this.#eligibleLeaderIds = [...this.#eligibleLeaderIds, nodeId]
    this.#advance()
    this.#cluster.changed()
  }

  #setInSync(nodeIds: readonly number[]): void {
    this.#inSyncReplicaIds = nodeIds
    this.#eligibleLeaderIds = this.#hasTooFewInSync()
      ? this.#eligibleLeaderIds.filter((id) => !nodeIds.includes(id))
      : []
  }

  #hasTooFewInSync(): boolean {
    return this.#inSyncReplicaIds.length < this.minInsyncReplicas
  }

  #isMissingFromSync(nodeId: number): boolean {
    const isMissing = this.replicaIds.includes(nodeId) && !this.#inSyncReplicaIds.includes(nodeId)
    return isMissing && this.#cluster.isAlive(nodeId)
  }

  /** With fewer in sync than asked for the high watermark stands still. @source Kafka Partition.maybeIncrementLeaderHW, KIP-966 */
  #advance(): void {
    if (this.#hasTooFewInSync()) return
    let reached = this.log.endOffset
    for (const id of this.#inSyncReplicaIds) {
      if (id !== this.#lastLeader.leaderId) reached = Math.min(reached, this.#stalledAt.get(id) ?? reached)
    }
    if (reached > this.#highWatermark) this.#highWatermark = reached
  }

  #reassign(toId: number): void {
    const fromId = this.leaderId === NO_LEADER ? this.#replicaIds[0] : this.leaderId
    this.#replicaIds = this.#replicaIds.map((id) => (id === fromId ? toId : id))
    this.#inSyncReplicaIds = this.#inSyncReplicaIds.map((id) => (id === fromId ? toId : id))
  }

  #forgetOldProducers(leaderId: number): void {
    const forgotten = this.#forgotten.get(leaderId)
    if (forgotten !== undefined) this.log.forgetOldProducers(forgotten.fromOffset, forgotten.expiredMs)
    this.#forgotten.delete(leaderId)
  }

  /** A leader that has not heard of its successor goes on with a log of its own. */
  #depose({ leaderId, leaderEpoch }: Leader): void {
    if (!this.#cluster.isStale(leaderId)) return
    this.#deposed.set(leaderEpoch, { leaderId, log: this.log.copy(), highWatermark: this.highWatermark })
  }

  #cutTo(endOffset: number): void {
    if (endOffset < this.log.endOffset) this.log.truncateTo(endOffset)
    for (const [nodeId, stalledAt] of this.#stalledAt) this.#stalledAt.set(nodeId, Math.min(stalledAt, endOffset))
    for (const [nodeId, { fromOffset, expiredMs }] of this.#forgotten)
      this.#forgotten.set(nodeId, { fromOffset: Math.min(fromOffset, endOffset), expiredMs })
    this.#highWatermark = Math.min(this.#highWatermark, endOffset)
  }
}
