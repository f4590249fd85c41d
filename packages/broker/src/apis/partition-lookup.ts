import type { PartitionView } from '../cluster/partition.ts'
import type { TopicView } from '../cluster/metadata-view.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import type { RequestContext } from './api-handler.ts'

/** Of Produce and Fetch. @source KIP-516 */
export const FIRST_VERSION_WITH_TOPIC_ID = 13

const NO_LEADER_EPOCH = -1

/** A topic as a request names it: by id from the version on that has ids, by name before. */
export interface TopicReference {
  readonly name: string
  readonly topicId: string
  readonly isById: boolean
}

/** Where topics are looked up: what a broker knows, or the cluster itself. */
interface Topics<T extends TopicView> {
  topicNamed(name: string): T | undefined
  topicWithId(id: string): T | undefined
}

/** @throws RequestRefused UNKNOWN_TOPIC_ID or UNKNOWN_TOPIC_OR_PARTITION */
export function topicFor<T extends TopicView>(topics: Topics<T>, reference: TopicReference): T {
  const topic = reference.isById ? topics.topicWithId(reference.topicId) : topics.topicNamed(reference.name)
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
  topic: TopicView,
  index: number,
  currentLeaderEpoch: number = NO_LEADER_EPOCH,
): PartitionView {
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
