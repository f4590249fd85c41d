import {
  codecFor,
  decodeRequest,
  encodeRequestFrame,
  encodeResponseFrame,
  produce,
  type ProduceRequest,
  type ProduceResponse,
  type ResponseInput,
} from '@linger/protocol'
import type { MatchesPartition } from './fault-scope.ts'
import { produceErrors } from './error-answers.ts'
import type { FaultyRequest, Handle } from './faulty-request.ts'
import { responseIn } from './response-in.ts'

const SIZE_BYTES = 4

type TopicResponse = ResponseInput<typeof produce>['responses'][number]
type TopicData = ProduceRequest['topicData'][number]

/** The broker sees a request without the partitions that are meant; in the answer they are there, with the error. */
export function refusedProduce(
  { received, nameOf }: FaultyRequest,
  errorCode: number,
  isMeant: MatchesPartition,
  handle: Handle,
): Handle {
  const codec = codecFor(produce, received.apiVersion)
  const { correlationId, clientId } = received

  return (frame, answer) => {
    const request = decodeRequest(codec, frame, received.bodyOffset)
    const only = (wanted: boolean): TopicData[] =>
      request.topicData.flatMap((topicData) => {
        const topic = topicData.name === '' ? nameOf(topicData.topicId) : topicData.name
        const partitionData = topicData.partitionData.filter(({ index }) => isMeant(topic, index) === wanted)
        return partitionData.length === 0 ? [] : [{ ...topicData, partitionData }]
      })
    const refused = produceErrors.refusal({ ...request, topicData: only(true) }, errorCode).responses
    const rest = { ...request, topicData: only(false) }
    const restFrame = encodeRequestFrame(codec, correlationId, clientId, rest).subarray(SIZE_BYTES)

    return handle(restFrame, (given) => {
      if (given.kind === 'none' && refused.length > 0) {
        answer({ kind: 'close', reason: `acks=0 and error ${errorCode}, a fault` })
      } else if (given.kind === 'response') {
        const response = responseIn(codec, given.frame)
        if (response === undefined) {
          answer(given)
          return
        }
        const responses = joined(response.responses, refused)
        answer({ ...given, frame: encodeResponseFrame(codec, correlationId, { ...response, responses }) })
      } else answer(given)
    })
  }
}

/** Each topic once, as Kafka answers. */
function joined(done: ProduceResponse['responses'], refused: readonly TopicResponse[]): TopicResponse[] {
  const others: TopicResponse[] = [...refused]
  const both = done.map((topic) => {
    const index = others.findIndex(({ name, topicId }) => name === topic.name && topicId === topic.topicId)
    const [same] = index < 0 ? [] : others.splice(index, 1)
    return { ...topic, partitionResponses: [...topic.partitionResponses, ...(same?.partitionResponses ?? [])] }
  })
  return [...both, ...others]
}
