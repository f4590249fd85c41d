import { offsetFetch, type OffsetFetchRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { byTopic, type TopicPartition } from '../transaction/topic-partition.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { refuseUnlessGroupCoordinator } from './group-coordinator.ts'
import { errorCodeOf } from './partition-lookup.ts'

const FIRST_VERSION_WITH_GROUPS = 8
const FIRST_VERSION_WITH_TOPIC_ID = 10
const NO_OFFSET = { offset: -1n, leaderEpoch: -1, metadata: '' }

type GroupResult = NonNullable<ResponseInput<typeof offsetFetch>['groups']>[number]
type TopicResult = GroupResult['topics'][number]
type PartitionResult = TopicResult['partitions'][number]

/** A topic that is wanted, by name; null where a topic id is nobody's. */
interface WantedTopic {
  readonly name: string | null
  readonly topicId: string
  readonly partitionIndexes: readonly number[]
}

export const offsetFetchHandler: ApiHandler = handlerFor(offsetFetch, handleOffsetFetch)

/** @source Kafka 4.3.1 KafkaApis.handleOffsetFetchRequest, OffsetMetadataManager.fetchOffsets */
function handleOffsetFetch(context: RequestContext, request: OffsetFetchRequest): Outcome<typeof offsetFetch> {
  const { groupId, topics, requireStable } = request
  if (context.apiVersion >= FIRST_VERSION_WITH_GROUPS) {
    const groups = request.groups.map((group) => {
      const wanted = group.topics?.map((topic) => wantedTopic(context, topic)) ?? null
      return fetchGroup(context, group.groupId, wanted, requireStable)
    })
    return { response: { groups } }
  }
  const wanted = topics?.map((topic) => ({ ...topic, topicId: '' })) ?? null
  const { errorCode, topics: found } = fetchGroup(context, groupId, wanted, requireStable)
  return { response: { ...(errorCode === undefined ? {} : { errorCode }), topics: found.map(named) } }
}

function named({ name = '', partitions }: TopicResult): { name: string; partitions: TopicResult['partitions'] } {
  return { name, partitions }
}

/** From version 10 on topics have ids and no names. */
function wantedTopic(
  { cluster, apiVersion }: RequestContext,
  topic: { readonly name: string; readonly topicId: string; readonly partitionIndexes: readonly number[] },
): WantedTopic {
  const isById = apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
  return isById ? { ...topic, name: cluster.topicWithId(topic.topicId)?.name ?? null } : topic
}

function fetchGroup(
  context: RequestContext,
  groupId: string,
  wanted: readonly WantedTopic[] | null,
  requireStable: boolean,
): GroupResult {
  try {
    if (groupId === '') throw new RequestRefused(ErrorCode.INVALID_GROUP_ID, 'no group id')
    refuseUnlessGroupCoordinator(context, groupId)
    const topics = (wanted ?? committedTopics(context, groupId)).map(({ name, topicId, partitionIndexes }) => ({
      name: name ?? '',
      topicId,
      partitions: partitionIndexes.map((partition) =>
        name === null
          ? answer(partition, NO_OFFSET, ErrorCode.UNKNOWN_TOPIC_ID)
          : fetchPartition(context, groupId, { topic: name, partition }, requireStable),
      ),
    }))
    return { groupId, topics, errorCode: ErrorCode.NONE }
  } catch (error) {
    return { groupId, topics: [], errorCode: errorCodeOf(error) }
  }
}

function committedTopics({ cluster }: RequestContext, groupId: string): WantedTopic[] {
  return byTopic(cluster.consumerOffsets.committed(groupId)).map(([name, offsets]) => ({
    name,
    topicId: cluster.topicNamed(name)?.id ?? '',
    partitionIndexes: offsets.map(({ partition }) => partition),
  }))
}

function fetchPartition(
  { cluster }: RequestContext,
  groupId: string,
  partition: TopicPartition,
  requireStable: boolean,
): PartitionResult {
  const { consumerOffsets } = cluster
  if (requireStable && consumerOffsets.isPending(groupId, partition)) {
    return answer(partition.partition, NO_OFFSET, ErrorCode.UNSTABLE_OFFSET_COMMIT)
  }
  return answer(partition.partition, consumerOffsets.committedIn(groupId, partition) ?? NO_OFFSET, ErrorCode.NONE)
}

function answer(
  partitionIndex: number,
  {
    offset,
    leaderEpoch,
    metadata,
  }: typeof NO_OFFSET | { offset: bigint; leaderEpoch: number; metadata: string | null },
  errorCode: ErrorCode,
): PartitionResult {
  return { partitionIndex, committedOffset: offset, committedLeaderEpoch: leaderEpoch, metadata, errorCode }
}
