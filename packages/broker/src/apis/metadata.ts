import { metadata, type MetadataRequest, type ResponseInput, ZERO_UUID } from '@linger/protocol'
import type { Topic } from '../cluster/topic.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf } from './partition-lookup.ts'

type TopicMetadata = ResponseInput<typeof metadata>['topics'][number]

export const metadataHandler: ApiHandler = handlerFor(metadata, handleMetadata)

function handleMetadata(context: RequestContext, request: MetadataRequest): Outcome<typeof metadata> {
  const { cluster } = context
  const topics =
    request.topics === null
      ? cluster.topics.map(metadataOf)
      : request.topics.map(({ name, topicId }) => {
          if (name === null) return metadataById(context, topicId)
          return metadataByName(context, name, request.allowAutoTopicCreation)
        })
  return {
    response: {
      throttleTimeMs: 0,
      brokers: cluster.nodes.map((node) => ({ ...node })),
      clusterId: cluster.clusterId,
      controllerId: cluster.controllerId,
      topics,
    },
  }
}

function metadataOf(topic: Topic): TopicMetadata {
  return {
    errorCode: ErrorCode.NONE,
    name: topic.name,
    topicId: topic.id,
    partitions: topic.partitions.map((partition) => ({
      errorCode: ErrorCode.NONE,
      partitionIndex: partition.index,
      leaderId: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      replicaNodes: partition.replicaIds,
      isrNodes: partition.inSyncReplicaIds,
      offlineReplicas: [],
    })),
  }
}

function metadataById(context: RequestContext, topicId: string): TopicMetadata {
  const topic = context.cluster.topicWithId(topicId)
  if (topic !== undefined) return metadataOf(topic)
  return { errorCode: ErrorCode.UNKNOWN_TOPIC_ID, name: null, topicId, partitions: [] }
}

/**
 * A topic that is created by being asked for is unknown in that answer and there in the next one, as at Kafka, where
 * the controller needs a moment for it.
 *
 * @source Kafka AutoTopicCreationManager
 */
function metadataByName(context: RequestContext, name: string, allowAutoTopicCreation: boolean): TopicMetadata {
  const topic = context.cluster.topicNamed(name)
  if (topic !== undefined) return metadataOf(topic)
  try {
    if (allowAutoTopicCreation && context.config.autoCreateTopics) {
      context.cluster.createTopic({ name, partitions: context.config.defaultPartitions })
    }
    throw new RequestRefused(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, `there is no topic ${name}`)
  } catch (error) {
    return { errorCode: errorCodeOf(error), name, topicId: ZERO_UUID, partitions: [] }
  }
}
