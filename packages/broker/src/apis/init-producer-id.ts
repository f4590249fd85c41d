import { initProducerId, type InitProducerIdRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import type { ProducerIdAndEpoch } from '../transaction/transaction-metadata.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { fencedCodeOf } from './fenced-code.ts'

const NO_PRODUCER_ID = -1n
const NO_PRODUCER_EPOCH = -1
const FIRST_VERSION_WITH_FENCED = 4

export const initProducerIdHandler: ApiHandler = handlerFor(initProducerId, handleInitProducerId)

/**
 * Without a transactional id every call gives a fresh id and epoch 0, whatever id and epoch the client says it has: there
 * is nobody to bump an epoch for. An idempotent producer bumps its epoch by itself (KIP-360).
 *
 * @source Kafka TransactionCoordinator.handleInitProducerId
 */
function handleInitProducerId(context: RequestContext, request: InitProducerIdRequest): Outcome<typeof initProducerId> {
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request
  const isUnknown = producerId === NO_PRODUCER_ID
  if (isUnknown !== (producerEpoch === NO_PRODUCER_EPOCH) || transactionalId === '') {
    return refused(ErrorCode.INVALID_REQUEST)
  }
  if (transactionalId === null) return given({ producerId: context.cluster.allocateProducerId(), producerEpoch: 0 })
  const expected = isUnknown ? undefined : { producerId, producerEpoch }
  try {
    return given(context.transactions.initProducerId(transactionalId, transactionTimeoutMs, expected))
  } catch (error) {
    return refused(fencedCodeOf(error, context.apiVersion >= FIRST_VERSION_WITH_FENCED))
  }
}

function given(producer: ProducerIdAndEpoch): Outcome<typeof initProducerId> {
  return { response: { throttleTimeMs: 0, errorCode: ErrorCode.NONE, ...producer } }
}

function refused(errorCode: ErrorCode): Outcome<typeof initProducerId> {
  return { response: { throttleTimeMs: 0, errorCode, producerEpoch: NO_PRODUCER_EPOCH } }
}
