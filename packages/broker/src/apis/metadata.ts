import { metadata, type MetadataRequest, type ResponseInput, ZERO_UUID } from '@linger/protocol'
import type { TopicView } from '../cluster/metadata-view.ts'
import { NO_LEADER, type PartitionView } from '../cluster/partition.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf } from './partition-lookup.ts'

type TopicMetadata = ResponseInput<typeof metadata>['topics'][number]
type PartitionMetadata = TopicMetadata['partitions'][number]

export const metadataHandler: ApiHandler = handlerFor(metadata, handleMetadata)

function handleMetadata(context: RequestContext, request: MetadataRequest): Outcome<typeof metadata> {
  const { cluster, metadata: known } = context
  const topics =
    request.topics === null
      ? known.topics.map((topic) => metadataOf(context, topic))
      : request.topics.map(({ name, topicId }) => {
          if (name === null) return metadataById(context, topicId)
          return metadataByName(context, name, request.allowAutoTopicCreation)
        })
  return {
    response: {
      throttleTimeMs: 0,
      brokers: known.nodes.map((node) => ({ ...node })),
      clusterId: cluster.clusterId,
      controllerId: known.controllerId,
      topics,
    },
  }
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
  try {
    if (allowAutoTopicCreation && context.config.autoCreateTopics) {
      context.cluster.createTopic({ name, partitions: context.config.defaultPartitions })
    }
    throw new RequestRefused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `there is no topic ${name}`)
  } catch (error) {
    return { errorCode: errorCodeOf(error), name, topicId: ZERO_UUID, partitions: [] }
  }
}
