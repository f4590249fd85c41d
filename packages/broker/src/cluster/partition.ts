import { PartitionLog } from '../log/partition-log.ts'

/** A partition as the cluster sees it: who leads it since which epoch, and its log. */
export class Partition {
  readonly topicName: string
  readonly index: number
  leaderId: number
  /** Grows with each change of leader. */
  leaderEpoch = 0
  replicaIds: readonly number[]
  inSyncReplicaIds: readonly number[]
  readonly log: PartitionLog = new PartitionLog()

  constructor(topicName: string, index: number, replicaIds: readonly [leaderId: number, ...followerIds: number[]]) {
    this.topicName = topicName
    this.index = index
    this.leaderId = replicaIds[0]
    this.replicaIds = replicaIds
    this.inSyncReplicaIds = replicaIds
  }
}
