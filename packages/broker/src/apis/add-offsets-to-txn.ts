import { addOffsetsToTxn, type AddOffsetsToTxnRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { ConsumerOffsets } from '../group/consumer-offsets.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { fencedCodeOf } from './fenced-code.ts'

const FIRST_VERSION_WITH_FENCED = 2
const TRANSACTION_VERSION = 0

export const addOffsetsToTxnHandler: ApiHandler = handlerFor(addOffsetsToTxn, handleAddOffsetsToTxn)

/** @source Kafka 4.3.1 KafkaApis.handleAddOffsetsToTxnRequest */
function handleAddOffsetsToTxn(
  context: RequestContext,
  request: AddOffsetsToTxnRequest,
): Outcome<typeof addOffsetsToTxn> {
  const { transactionalId, groupId, ...producer } = request
  let errorCode: ErrorCode = ErrorCode.NONE
  try {
    if (transactionalId === '') throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'no transactional id')
    const partition = ConsumerOffsets.partitionFor(groupId)
    context.transactions.addPartitions(transactionalId, producer, [partition], TRANSACTION_VERSION)
  } catch (error) {
    errorCode = fencedCodeOf(error, context.apiVersion >= FIRST_VERSION_WITH_FENCED)
  }
  return { response: { throttleTimeMs: 0, errorCode } }
}
