import { describeProducers, type DescribeProducersRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf, leaderPartition, topicFor } from './partition-lookup.ts'

const NO_TRANSACTION = -1

type PartitionResult = ResponseInput<typeof describeProducers>['topics'][number]['partitions'][number]

export const describeProducersHandler: ApiHandler = handlerFor(describeProducers, handleDescribeProducers)

function handleDescribeProducers(
  context: RequestContext,
  request: DescribeProducersRequest,
): Outcome<typeof describeProducers> {
  const topics = request.topics.map(({ name, partitionIndexes }) => ({
    name,
    partitions: partitionIndexes.map((index) => describe(context, name, index)),
  }))
  return { response: { throttleTimeMs: 0, topics } }
}

function describe(context: RequestContext, name: string, partitionIndex: number): PartitionResult {
  try {
    const topic = topicFor(context.metadata, { name, topicId: '', isById: false })
    const { log } = leaderPartition(context, topic, partitionIndex)
    const activeProducers = [...log.producers].map(([producerId, state]) => ({
      producerId,
      producerEpoch: state.epoch,
      lastSequence: state.lastSequence,
      lastTimestamp: BigInt(state.lastTimestamp),
      coordinatorEpoch: state.coordinatorEpoch,
      currentTxnStartOffset: BigInt(log.transactions.firstOffsetOf(producerId) ?? NO_TRANSACTION),
    }))
    return { partitionIndex, errorCode: ErrorCode.NONE, activeProducers }
  } catch (error) {
    const errorMessage = error instanceof Error ? error.message : null
    return { partitionIndex, errorCode: errorCodeOf(error), errorMessage, activeProducers: [] }
  }
}
