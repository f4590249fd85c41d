import { addPartitionsToTxn, type AddPartitionsToTxnRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import type { TopicPartition } from '../transaction/topic-partition.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { fencedCodeOf } from './fenced-code.ts'

const FIRST_VERSION_WITH_FENCED = 2
/** By the old protocol, whatever the cluster has agreed on: newer producers do not ask. */
const TRANSACTION_VERSION = 0

type TopicResult = ResponseInput<typeof addPartitionsToTxn>['resultsByTopicV3AndBelow'][number]

export const addPartitionsToTxnHandler: ApiHandler = handlerFor(addPartitionsToTxn, handleAddPartitionsToTxn)

/**
 * All partitions or none: where one does not exist, the others are not attempted.
 *
 * @source Kafka 4.3.1 KafkaApis.handleAddPartitionsToTxnRequest
 */
function handleAddPartitionsToTxn(
  context: RequestContext,
  request: AddPartitionsToTxnRequest,
): Outcome<typeof addPartitionsToTxn> {
  const { v3AndBelowTopics: topics, v3AndBelowTransactionalId: transactionalId } = request
  const wanted = topics.flatMap(({ name, partitions }) => partitions.map((partition) => ({ topic: name, partition })))
  const exists = ({ topic, partition }: TopicPartition): boolean =>
    context.metadata.topicNamed(topic)?.partitions[partition] !== undefined
  if (!wanted.every(exists)) {
    const codeOf = (partition: TopicPartition): ErrorCode =>
      exists(partition) ? ErrorCode.OPERATION_NOT_ATTEMPTED : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return { response: { throttleTimeMs: 0, resultsByTopicV3AndBelow: results(request, codeOf) } }
  }
  const { v3AndBelowProducerId: producerId, v3AndBelowProducerEpoch: producerEpoch } = request
  let errorCode: ErrorCode = ErrorCode.NONE
  try {
    if (transactionalId === '') throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'no transactional id')
    context.transactions.addPartitions(transactionalId, { producerId, producerEpoch }, wanted, TRANSACTION_VERSION)
  } catch (error) {
    errorCode = fencedCodeOf(error, context.apiVersion >= FIRST_VERSION_WITH_FENCED)
  }
  return { response: { throttleTimeMs: 0, resultsByTopicV3AndBelow: results(request, () => errorCode) } }
}

function results(
  { v3AndBelowTopics: topics }: AddPartitionsToTxnRequest,
  codeOf: (partition: TopicPartition) => ErrorCode,
): TopicResult[] {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partition) => ({
      partitionIndex: partition,
      partitionErrorCode: codeOf({ topic: name, partition }),
    })),
  }))
}
