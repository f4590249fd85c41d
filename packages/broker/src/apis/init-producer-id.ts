import { initProducerId, type InitProducerIdRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'

const NO_PRODUCER_ID = -1n
const NO_PRODUCER_EPOCH = -1

export const initProducerIdHandler: ApiHandler = handlerFor(initProducerId, handleInitProducerId)

/**
 * Without a transactional id every call gives a fresh id and epoch 0, whatever id and epoch the client says it has: there
 * is nobody to bump an epoch for. An idempotent producer bumps its epoch by itself (KIP-360).
 *
 * @source Kafka TransactionCoordinator.handleInitProducerId
 */
function handleInitProducerId(context: RequestContext, request: InitProducerIdRequest): Outcome<typeof initProducerId> {
  const { transactionalId, producerId, producerEpoch } = request
  if ((producerId === NO_PRODUCER_ID) !== (producerEpoch === NO_PRODUCER_EPOCH) || transactionalId === '') {
    return refused(ErrorCode.INVALID_REQUEST)
  }
  // There is no transaction coordinator here.
  if (transactionalId !== null) return refused(ErrorCode.UNSUPPORTED_VERSION)
  const fresh = { producerId: context.cluster.allocateProducerId(), producerEpoch: 0 }
  return { response: { throttleTimeMs: 0, errorCode: ErrorCode.NONE, ...fresh } }
}

function refused(errorCode: ErrorCode): Outcome<typeof initProducerId> {
  return { response: { throttleTimeMs: 0, errorCode, producerEpoch: NO_PRODUCER_EPOCH } }
}
