import { endTxn, type EndTxnRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { fencedCodeOf } from './fenced-code.ts'

const FIRST_VERSION_WITH_FENCED = 2
/** @source KIP-890 */
const FIRST_VERSION_WITH_EPOCH_BUMP = 5

export const endTxnHandler: ApiHandler = handlerFor(endTxn, handleEndTxn)

/** @source Kafka 4.3.1 KafkaApis.handleEndTxnRequest, TransactionVersion.transactionVersionForEndTxn */
function handleEndTxn({ transactions, apiVersion }: RequestContext, request: EndTxnRequest): Outcome<typeof endTxn> {
  const { transactionalId, producerId, producerEpoch, committed } = request
  const version = apiVersion >= FIRST_VERSION_WITH_EPOCH_BUMP ? 2 : 0
  const result = committed ? 'commit' : 'abort'
  try {
    if (transactionalId === '') throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'no transactional id')
    const next = transactions.endTransaction(transactionalId, { producerId, producerEpoch }, result, version)
    return { response: { throttleTimeMs: 0, errorCode: ErrorCode.NONE, ...next } }
  } catch (error) {
    const errorCode = fencedCodeOf(error, apiVersion >= FIRST_VERSION_WITH_FENCED)
    return { response: { throttleTimeMs: 0, errorCode } }
  }
}
