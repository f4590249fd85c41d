import type { Partition } from '../cluster/partition.ts'
import type { Topic } from '../cluster/topic.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import type { RequestContext } from './api-handler.ts'

const NO_LEADER_EPOCH = -1

/** A topic as a request names it: by id from the version on that has ids, by name before. */
export interface TopicReference {
  readonly name: string
  readonly topicId: string
  readonly isById: boolean
}

/** @throws RequestRefused UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION */
export function topicFor(context: RequestContext, reference: TopicReference): Topic {
  const { cluster } = context
  const topic = reference.isById ? cluster.topicWithId(reference.topicId) : cluster.topicNamed(reference.name)
  if (topic !== undefined) return topic
  throw reference.isById
    ? new RequestRefused(ErrorCode.UNKNOWN_TOPIC_ID, `no topic has the id ${reference.topicId}`)
    : new RequestRefused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `there is no topic ${reference.name}`)
}

/**
 * A partition of the topic that this broker leads.
 *
 * @param currentLeaderEpoch what the client believes, -1 when it does not say (KIP-320)
 * @throws RequestRefused
 */
export function leaderPartition(
  context: RequestContext,
  topic: Topic,
  index: number,
  currentLeaderEpoch: number = NO_LEADER_EPOCH,
): Partition {
  const partition = topic.partitions[index]
  if (partition === undefined) {
    throw new RequestRefused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `${topic.name} has no partition ${index}`)
  }
  if (currentLeaderEpoch !== NO_LEADER_EPOCH && currentLeaderEpoch < partition.leaderEpoch) {
    throw new RequestRefused(ErrorCode.FENCED_LEADER_EPOCH, `leader epoch ${currentLeaderEpoch} is over`)
  }
  if (currentLeaderEpoch > partition.leaderEpoch) {
    throw new RequestRefused(ErrorCode.UNKNOWN_LEADER_EPOCH, `leader epoch ${currentLeaderEpoch} has not begun`)
  }
  if (partition.leaderId !== context.nodeId) {
    throw new RequestRefused(
      ErrorCode.NOT_LEADER_OR_FOLLOWER,
      `broker ${partition.leaderId} leads ${topic.name}-${index}`,
    )
  }
  return partition
}

/** The code of a refusal. Anything else is a mistake of this broker, and not hidden. */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof RequestRefused) return error.errorCode
  throw error
}
