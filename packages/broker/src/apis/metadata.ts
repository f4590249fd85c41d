import { metadata, type MetadataRequest, type ResponseInput, ZERO_UUID } from '@linger/protocol'
import type { TopicView } from '../cluster/metadata-view.ts'
import { NO_LEADER, type PartitionView } from '../cluster/partition.ts'
import { validateTopicName } from '../cluster/topic.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf } from './partition-lookup.ts'

const FIRST_VERSION_BY_TOPIC_ID = 12

type TopicMetadata = ResponseInput<typeof metadata>['topics'][number]
type Wanted = NonNullable<MetadataRequest['topics']>[number]
type PartitionMetadata = TopicMetadata['partitions'][number]

export const metadataHandler: ApiHandler = handlerFor(metadata, handleMetadata)

function handleMetadata(context: RequestContext, request: MetadataRequest): Outcome<typeof metadata> {
  const { cluster, metadata: known, apiVersion } = context
  const wanted = request.topics
  const isById = wanted?.some(({ name, topicId }) => name === null || topicId !== ZERO_UUID) ?? false
  if (wanted !== null && isById && apiVersion < FIRST_VERSION_BY_TOPIC_ID) {
    return { response: refusedAsWhole(wanted, ErrorCode.INVALID_REQUEST) }
  }
  if (wanted?.some(({ name, topicId }) => name === null && topicId === ZERO_UUID) === true) {
    return { response: refusedAsWhole(wanted, ErrorCode.UNKNOWN_SERVER_ERROR) }
  }
  return {
    response: {
      throttleTimeMs: 0,
      brokers: known.nodes.map((node) => ({ ...node })),
      clusterId: cluster.clusterId,
      controllerId: known.controllerId,
      topics:
        wanted === null
          ? known.topics.map((topic) => metadataOf(context, topic))
          : eachOnce(wanted).map(({ name, topicId }) =>
              name === null
                ? metadataById(context, topicId)
                : metadataByName(context, name, request.allowAutoTopicCreation),
            ),
    },
  }
}

/** A topic that is asked for twice is told once. */
function eachOnce(wanted: readonly Wanted[]): Wanted[] {
  const isNew = new Set<string>()
  return wanted.filter(({ name, topicId }) => {
    const key = name ?? `id ${topicId}`
    const isFirst = !isNew.has(key)
    isNew.add(key)
    return isFirst
  })
}

/** @source Kafka MetadataRequest.getErrorResponse */
function refusedAsWhole(wanted: readonly Wanted[], errorCode: ErrorCode): ResponseInput<typeof metadata> {
  const topics = wanted.map(({ name, topicId }) => ({ errorCode, name: name ?? '', topicId, partitions: [] }))
  return { errorCode, brokers: [], topics }
}

function metadataOf(context: RequestContext, topic: TopicView): TopicMetadata {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    partitions: topic.partitions.map((partition) => partitionMetadata(context, partition)),
  }
}

/** @source Kafka KRaftMetadataCache.partitionMetadata */
function partitionMetadata({ metadata }: RequestContext, partition: PartitionView): PartitionMetadata {
  const { index, leaderId, leaderEpoch, replicaIds, inSyncReplicaIds } = partition
  const hasLeader = metadata.node(leaderId) !== undefined
  return {
    errorCode: hasLeader ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
    partitionIndex: index,
    leaderId: hasLeader ? leaderId : NO_LEADER,
    leaderEpoch,
    replicaNodes: replicaIds,
    isrNodes: inSyncReplicaIds,
    offlineReplicas: replicaIds.filter((id) => metadata.node(id) === undefined),
  }
}

function metadataById(context: RequestContext, topicId: string): TopicMetadata {
  const topic = context.metadata.topicWithId(topicId)
  if (topic !== undefined) return metadataOf(context, topic)
  return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId, partitions: [] }
}

/**
 * A topic that is created by being asked for is unknown in that answer and there in the next one, as at Kafka, where
 * the controller needs a moment for it.
 *
 * @source Kafka AutoTopicCreationManager
 */
function metadataByName(context: RequestContext, name: string, allowAutoTopicCreation: boolean): TopicMetadata {
  const topic = context.metadata.topicNamed(name)
  if (topic !== undefined) return metadataOf(context, topic)
  let errorCode: ErrorCode = ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
  try {
    validateTopicName(name)
    if (allowAutoTopicCreation && context.config.autoCreateTopics) createOnDemand(context, name)
  } catch (error) {
    errorCode = errorCodeOf(error)
  }
  return { errorCode, name, topicId: ZERO_UUID, partitions: [] }
}

/** Nobody hears that the controller refused: a topic whose name collides with another's stays unknown. */
function createOnDemand({ cluster, config }: RequestContext, name: string): void {
  try {
    cluster.createTopic({ name, partitions: config.defaultPartitions })
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
  }
}
