import { describeTransactions, type DescribeTransactionsRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { byTopic } from '../transaction/topic-partition.ts'
import type { TransactionMetadata } from '../transaction/transaction-metadata.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf } from './partition-lookup.ts'

type Described = ResponseInput<typeof describeTransactions>['transactionStates'][number]

export const describeTransactionsHandler: ApiHandler = handlerFor(describeTransactions, handleDescribeTransactions)

function handleDescribeTransactions(
  context: RequestContext,
  { transactionalIds }: DescribeTransactionsRequest,
): Outcome<typeof describeTransactions> {
  const transactionStates = transactionalIds.map((transactionalId) => describe(context, transactionalId))
  return { response: { throttleTimeMs: 0, transactionStates } }
}

function describe({ transactions }: RequestContext, transactionalId: string): Described {
  try {
    if (transactionalId === '') throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'no transactional id')
    const metadata = transactions.describe(transactionalId)
    return {
      errorCode: ErrorCode.NONE,
      transactionalId,
      transactionState: metadata.state,
      transactionTimeoutMs: metadata.timeoutMs,
      transactionStartTimeMs: BigInt(metadata.startedAtMs),
      producerId: metadata.producerId,
      producerEpoch: metadata.producerEpoch,
      topics: topicsOf(metadata),
    }
  } catch (error) {
    return {
      errorCode: errorCodeOf(error),
      transactionalId,
      transactionState: '',
      transactionTimeoutMs: 0,
      transactionStartTimeMs: 0n,
      producerId: 0n,
      producerEpoch: 0,
      topics: [],
    }
  }
}

function topicsOf({ partitions }: TransactionMetadata): Described['topics'] {
  return byTopic(partitions).map(([topic, of]) => ({ topic, partitions: of.map(({ partition }) => partition) }))
}
