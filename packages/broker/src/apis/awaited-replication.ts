import { ErrorCode } from '../error-code.ts'
import type { TopicView } from '../cluster/metadata-view.ts'
import type { PartitionView } from '../cluster/partition.ts'
import type { RequestContext } from './api-handler.ts'

/** What is answered for one partition; it has its offset already, since that is where the batch was appended. */
interface PartitionAnswer {
  errorCode: number
}

interface Awaited {
  readonly answer: PartitionAnswer
  readonly topicId: string
  readonly index: number
  /** In which it was appended, to which log, and how often that had been cut. */
  readonly leaderEpoch: number
  readonly log: PartitionView['log']
  readonly cutCount: number
  /** The high watermark that says that all replicas in sync have the batch. */
  readonly requiredOffset: number
}

/**
 * The batches of one acks=all request that were appended, until all replicas in sync have them.
 *
 * What ends the wait in another way proves nothing: the batch may be at a follower that leads by now.
 *
 * @source Kafka DelayedProduce, Partition.checkEnoughReplicasReachOffset
 */
export class AwaitedReplication {
  readonly #context: RequestContext
  #awaited: Awaited[] = []

  constructor(context: RequestContext) {
    this.#context = context
  }

  expect(answer: PartitionAnswer, topic: TopicView, partition: PartitionView, requiredOffset: number): void {
    const { index, leaderEpoch, log } = partition
    const { cutCount } = log
    this.#awaited.push({ answer, topicId: topic.id, index, leaderEpoch, log, cutCount, requiredOffset })
  }

  isComplete(): boolean {
    if (this.#awaited.length === 0) return true
    this.#awaited = this.#awaited.filter((one) => {
      const errorCode = this.#outcomeOf(one)
      if (errorCode !== undefined) one.answer.errorCode = errorCode
      return errorCode === undefined
    })
    return this.#awaited.length === 0
  }

  giveUp(): void {
    for (const { answer } of this.#awaited) answer.errorCode = ErrorCode.REQUEST_TIMED_OUT
  }

  #outcomeOf({ topicId, index, leaderEpoch, log, cutCount, requiredOffset }: Awaited): ErrorCode | undefined {
    const { metadata, nodeId } = this.#context
    const partition = metadata.topicWithId(topicId)?.partitions[index]
    if (partition === undefined) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    if (partition.leaderId !== nodeId) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    // It leads again after others did, and has thrown away what they did not have.
    const isCut = partition.log !== log || log.cutCount !== cutCount
    if (partition.leaderEpoch !== leaderEpoch && isCut) return ErrorCode.NOT_LEADER_OR_FOLLOWER
    if (partition.highWatermark < requiredOffset) return undefined
    const hasEnough = partition.inSyncReplicaIds.length >= partition.minInsyncReplicas
    return hasEnough ? ErrorCode.NONE : ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
  }
}
