import type { produce, ProduceRequest, ResponseInput } from '@linger/protocol'
import type { DelayedResponse } from '../delayed-operations.ts'
import { ErrorCode } from '../error-code.ts'
import type { Outcome, RequestContext } from './api-handler.ts'
import { admitTransactionalBatches, type RefusedPartitions } from './transactional-batches.ts'

/** Longer than it takes to write markers, as a rule. @source Kafka add.partitions.to.txn.retry.backoff.max.ms */
const WAIT_MS = 100

type Append = (request: ProduceRequest, refused: RefusedPartitions) => Outcome<typeof produce>

/**
 * The markers of the producer's last transaction are not written: the first records of its next one wait for them, for
 * a while, and are appended even if nobody waits for the answer any more.
 *
 * @source Kafka 4.3.1 ReplicaManager.maybeRetryOnConcurrentTransactions
 */
export function appendAfterMarkers(
  context: RequestContext,
  request: ProduceRequest,
  append: Append,
): Outcome<typeof produce> {
  const isRunning = (): boolean => context.cluster.isRunning(context.nodeId)
  const kept = withOwnRecords(request)
  let refused = admitTransactionalBatches(context, kept)
  const admission = context.delayed.wait<RefusedPartitions>({
    attempt: () => {
      if (!isRunning()) return undefined
      refused = admitTransactionalBatches(context, kept)
      return hasConcurrentTransaction(refused) ? undefined : refused
    },
    giveUp: () => refused,
    maxWaitMs: WAIT_MS,
  })
  const pending: DelayedResponse<ResponseInput<typeof produce>> = {
    settle: () => {},
    cancel: () => {
      pending.settle = () => {}
    },
  }
  admission.settle = () => {
    if (!isRunning()) {
      pending.settle(refusedAsWhole(kept, ErrorCode.CONCURRENT_TRANSACTIONS))
      return
    }
    const outcome = append(kept, refused)
    if (outcome === 'no-response' || 'closeReason' in outcome) throw new Error('acks=0 waits for nothing')
    if ('response' in outcome) pending.settle(outcome.response)
    else outcome.pending.settle = (response) => pending.settle(response)
  }
  return { pending }
}

export function hasConcurrentTransaction(refused: RefusedPartitions): boolean {
  return [...refused.values()].includes(ErrorCode.CONCURRENT_TRANSACTIONS)
}

/** @source Kafka ProduceRequest.getErrorResponse */
export function refusedAsWhole(request: ProduceRequest, errorCode: ErrorCode): ResponseInput<typeof produce> {
  return {
    responses: request.topicData.map(({ name, topicId, partitionData }) => ({
      name,
      topicId,
      partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1n, recordErrors: [] })),
    })),
  }
}

/** The bytes of a request are overwritten by the next one. */
function withOwnRecords(request: ProduceRequest): ProduceRequest {
  return {
    ...request,
    topicData: request.topicData.map((topicData) => ({
      ...topicData,
      partitionData: topicData.partitionData.map(({ index, records }) => ({
        index,
        records: records === null ? null : Uint8Array.from(records),
      })),
    })),
  }
}
