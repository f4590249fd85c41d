import { createTopics, type CreateTopicsRequest, type ResponseInput } from '@linger/protocol'
import type { Topic } from '../cluster/topic.ts'
import { configEntries } from '../cluster/topic-config.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { describedConfig } from './described-config.ts'
import { errorCodeOf } from './partition-lookup.ts'

const USE_DEFAULT = -1

type CreatableTopic = CreateTopicsRequest['topics'][number]
type TopicResult = ResponseInput<typeof createTopics>['topics'][number]

export const createTopicsHandler: ApiHandler = handlerFor(createTopics, handleCreateTopics)

function handleCreateTopics(context: RequestContext, request: CreateTopicsRequest): Outcome<typeof createTopics> {
  const named = new Map<string, number>()
  for (const { name } of request.topics) named.set(name, (named.get(name) ?? 0) + 1)

  const topics = request.topics.map((creatable): TopicResult => {
    try {
      if ((named.get(creatable.name) ?? 0) > 1) refuse(ErrorCode.INVALID_REQUEST, 'the topic is named twice')
      return created(create(context, creatable, request.validateOnly))
    } catch (error) {
      const errorMessage = error instanceof Error ? error.message : null
      return { name: creatable.name, errorCode: errorCodeOf(error), errorMessage, configs: null }
    }
  })
  return { response: { throttleTimeMs: 0, topics } }
}

function create(context: RequestContext, creatable: CreatableTopic, validateOnly: boolean): Topic {
  const { name, numPartitions, replicationFactor, assignments, configs } = creatable
  const config = Object.fromEntries(
    configs.flatMap((entry) => (entry.value === null ? [] : [[entry.name, entry.value]])),
  )
  if (assignments.length > 0) {
    if (numPartitions !== USE_DEFAULT || replicationFactor !== USE_DEFAULT) {
      refuse(ErrorCode.INVALID_REQUEST, 'both an assignment and a number of partitions or replicas')
    }
    return context.cluster.createTopic({ name, partitions: replicasFrom(context, assignments), config }, validateOnly)
  }
  const partitions = numPartitions === USE_DEFAULT ? context.config.defaultPartitions : numPartitions
  const replicas = replicationFactor === USE_DEFAULT ? {} : { replicationFactor }
  return context.cluster.createTopic({ name, partitions, ...replicas, config }, validateOnly)
}

/** The brokers of each partition, the leader first. */
function replicasFrom(context: RequestContext, assignments: CreatableTopic['assignments']): number[][] {
  const replicas = assignments.map((_, index) => {
    const { brokerIds = [] } = assignments.find(({ partitionIndex }) => partitionIndex === index) ?? {}
    return brokerIds
  })
  const [first = []] = replicas
  const isPossible = replicas.every(
    (brokerIds) =>
      brokerIds.length > 0 &&
      brokerIds.length === first.length &&
      new Set(brokerIds).size === brokerIds.length &&
      brokerIds.every((id) => context.cluster.isAlive(id)),
  )
  if (isPossible) return replicas
  return refuse(
    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
    'partitions must count from 0, each on equally many brokers of the cluster',
  )
}

function created(topic: Topic): TopicResult {
  return {
    name: topic.name,
    topicId: topic.id,
    errorCode: ErrorCode.NONE,
    errorMessage: null,
    numPartitions: topic.partitions.length,
    replicationFactor: topic.replicationFactor,
    configs: configEntries(topic.givenConfig).map(describedConfig),
  }
}

function refuse(errorCode: ErrorCode, message: string): never {
  throw new RequestRefused(errorCode, message)
}
