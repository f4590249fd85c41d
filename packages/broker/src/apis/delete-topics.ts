import { deleteTopics, type DeleteTopicsRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf, topicFor } from './partition-lookup.ts'

const FIRST_VERSION_WITH_TOPIC_ID = 6

type Wanted = DeleteTopicsRequest['topics'][number]
type Result = ResponseInput<typeof deleteTopics>['responses'][number]

export const deleteTopicsHandler: ApiHandler = handlerFor(deleteTopics, handleDeleteTopics)

function handleDeleteTopics(context: RequestContext, request: DeleteTopicsRequest): Outcome<typeof deleteTopics> {
  const wanted =
    context.apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
      ? request.topics
      : request.topicNames.map((name) => ({ name, topicId: '' }))
  const responses = wanted.map((topic) => deleteOne(context, topic))
  return { response: { throttleTimeMs: 0, responses } }
}

function deleteOne(context: RequestContext, wanted: Wanted): Result {
  const { name, topicId } = wanted
  try {
    const topic = topicFor(context.cluster, { name: name ?? '', topicId, isById: name === null })
    context.cluster.deleteTopic(topic)
    return { name: topic.name, topicId: topic.id, errorCode: ErrorCode.NONE }
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : null
    return { name, ...(name === null ? { topicId } : {}), errorCode: errorCodeOf(error), errorMessage }
  }
}
