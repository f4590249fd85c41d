import type { produce, ResponseInput } from '@linger/protocol'
import { NO_LEADER } from '../cluster/partition.ts'
import { ErrorCode } from '../error-code.ts'
import type { RequestContext } from './api-handler.ts'
import { FIRST_VERSION_WITH_TOPIC_ID } from './partition-lookup.ts'

const FIRST_VERSION_WITH_LEADERS = 10

type ProduceResponse = ResponseInput<typeof produce>
type TopicResponse = ProduceResponse['responses'][number]
type Leader = NonNullable<TopicResponse['partitionResponses'][number]['currentLeader']>

/**
 * Tells who leads where this broker does not, as far as it knows, so that a client need not ask for metadata.
 *
 * @source KIP-951, Kafka KafkaApis.getCurrentLeader
 */
export function withCurrentLeaders(context: RequestContext, responses: readonly TopicResponse[]): ProduceResponse {
  const isWrongLeader = responses.some(({ partitionResponses }) => partitionResponses.some(isNotLed))
  if (!isWrongLeader || context.apiVersion < FIRST_VERSION_WITH_LEADERS) return { responses }

  const leaderIds = new Set<number>()
  const told = responses.map((topic) => ({
    ...topic,
    partitionResponses: topic.partitionResponses.map((partition) => {
      if (!isNotLed(partition)) return partition
      const currentLeader = leaderOf(context, topic, partition.index)
      leaderIds.add(currentLeader.leaderId ?? NO_LEADER)
      return { ...partition, currentLeader }
    }),
  }))
  const nodeEndpoints = [...leaderIds].flatMap((id) => context.metadata.node(id) ?? [])
  return { responses: told, nodeEndpoints }
}

function isNotLed({ errorCode }: { readonly errorCode: number }): boolean {
  return errorCode === ErrorCode.NOT_LEADER_OR_FOLLOWER
}

function leaderOf({ metadata, apiVersion }: RequestContext, { name, topicId }: TopicResponse, index: number): Leader {
  const topic =
    apiVersion >= FIRST_VERSION_WITH_TOPIC_ID ? metadata.topicWithId(topicId ?? '') : metadata.topicNamed(name ?? '')
  const { leaderId, leaderEpoch } = topic?.partitions[index] ?? { leaderId: NO_LEADER, leaderEpoch: -1 }
  return { leaderId, leaderEpoch }
}
