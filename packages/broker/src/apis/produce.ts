import { produce, type ProduceRequest, type ResponseInput } from '@linger/protocol'
import type { PartitionView } from '../cluster/partition.ts'
import { ErrorCode } from '../error-code.ts'
import { BatchField, readRecordBatchHeader } from '../log/record-batch-header.ts'
import { RecordsRefused } from '../log/records-refused.ts'
import type { DelayedResponse } from '../delayed-operations.ts'
import { RequestRefused } from '../request-refused.ts'
import { nameOf } from '../transaction/topic-partition.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { AwaitedReplication } from './awaited-replication.ts'
import { withCurrentLeaders } from './current-leaders.ts'
import { errorCodeOf, FIRST_VERSION_WITH_TOPIC_ID, leaderPartition, topicFor } from './partition-lookup.ts'
import { admitTransactionalBatches, type RefusedPartitions } from './transactional-batches.ts'

const ACKS_ALL = -1
const FIRST_VERSION_WITH_ZSTD = 7

/** What Kafka takes for an everyday refusal. */
const WITHOUT_LOG_START: ReadonlySet<ErrorCode> = new Set([ErrorCode.CORRUPT_MESSAGE, ErrorCode.MESSAGE_TOO_LARGE])

/** What Kafka explains, of all that is refused before the log. */
const WITH_MESSAGE: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.CORRUPT_MESSAGE,
  ErrorCode.INVALID_TXN_STATE,
  ErrorCode.NOT_ENOUGH_REPLICAS,
])

type ProduceResponse = ResponseInput<typeof produce>
type ProduceResponses = ProduceResponse['responses']
type PartitionResponse = ProduceResponses[number]['partitionResponses'][number]
type TopicData = ProduceRequest['topicData'][number]
type PartitionData = TopicData['partitionData'][number]

/** What becomes of the batches of one request. */
interface Appending {
  readonly refused: RefusedPartitions
  readonly replication: AwaitedReplication
}

/** Version 0 is told to clients though 3 is the first that is spoken: librdkafka looks for it (KAFKA-18659). */
export const produceHandler: ApiHandler = handlerFor(produce, handleProduce, { minVersionAdvertised: 0 })

/** Longer than it takes to write markers, as a rule. @source Kafka add.partitions.to.txn.retry.backoff.max.ms */
const TRANSACTION_WAIT_MS = 100

function handleProduce(context: RequestContext, request: ProduceRequest): Outcome<typeof produce> {
  try {
    const refused = admitTransactionalBatches(context, request)
    const isConcurrent = hasConcurrentTransaction(refused)
    return isConcurrent && request.acks !== 0 ? appendLater(context, request) : append(context, request, refused)
  } catch (error) {
    return refusedAsWhole(request, errorCodeOf(error))
  }
}

/**
 * The markers of the producer's last transaction are not written: its next one waits for them for a while.
 *
 * @source Kafka 4.3.1 ReplicaManager.maybeRetryOnConcurrentTransactions
 */
function appendLater(context: RequestContext, request: ProduceRequest): Outcome<typeof produce> {
  const kept = withOwnRecords(request)
  const admission = context.delayed.wait<RefusedPartitions>({
    attempt: () => {
      if (!context.cluster.isRunning(context.nodeId)) return undefined
      const refused = admitTransactionalBatches(context, kept)
      return hasConcurrentTransaction(refused) ? undefined : refused
    },
    giveUp: () => admitTransactionalBatches(context, kept),
    maxWaitMs: TRANSACTION_WAIT_MS,
  })
  const pending: DelayedResponse<ProduceResponse> = { settle: () => {}, cancel: () => admission.cancel() }
  admission.settle = (refused) => {
    const outcome = append(context, kept, refused)
    if (outcome === 'no-response' || 'closeReason' in outcome) throw new Error('acks=0 waits for nothing')
    if ('response' in outcome) pending.settle(outcome.response)
    else {
      outcome.pending.settle = (response) => pending.settle(response)
      pending.cancel = () => outcome.pending.cancel()
    }
  }
  return { pending }
}

function append(context: RequestContext, request: ProduceRequest, refused: RefusedPartitions): Outcome<typeof produce> {
  const replication = new AwaitedReplication(context)
  const named = request.topicData.filter(({ partitionData }) => partitionData.length > 0)
  const responses = named.map((topicData) => ({
    name: topicData.name,
    topicId: topicData.topicId,
    partitionResponses: topicData.partitionData.map((data) =>
      appendTo(context, request, topicData, data, { refused, replication }),
    ),
  }))
  context.delayed.recheck()
  if (request.acks === 0) return withoutResponse(responses)
  const respond = (): ResponseInput<typeof produce> => withCurrentLeaders(context, responses)
  if (replication.isComplete()) return { response: respond() }
  return {
    pending: context.delayed.wait({
      attempt: () => (replication.isComplete() ? respond() : undefined),
      giveUp: () => {
        replication.giveUp()
        return respond()
      },
      maxWaitMs: request.timeoutMs,
    }),
  }
}

/** A client that wants no response learns of an error by losing its connection. */
function withoutResponse(responses: ProduceResponses): Outcome<typeof produce> {
  for (const topic of responses) {
    for (const { index, errorCode } of topic.partitionResponses) {
      if (errorCode !== ErrorCode.NONE) {
        return { closeReason: `acks=0 and error ${errorCode} for partition ${index} of ${topic.name ?? topic.topicId}` }
      }
    }
  }
  return 'no-response'
}

function appendTo(
  context: RequestContext,
  request: ProduceRequest,
  topicData: TopicData,
  data: PartitionData,
  { refused, replication }: Appending,
): PartitionResponse {
  const { index, records } = data
  let logStartOffset = -1
  try {
    refuseBadRequest(request)
    const isById = context.apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
    const topic = topicFor(context.metadata, { ...topicData, isById })
    const partition = leaderPartition(context, topic, index)
    refuseOutsideTransaction(refused.get(nameOf({ topic: topic.name, partition: index })))
    refuseUnfitBatch(context, records)
    logStartOffset = partition.log.startOffset
    if (request.acks === ACKS_ALL) refuseWithoutReplicas(partition)
    const appended = partition.log.append(records, partition.leaderEpoch, topic.config, context.ports.now())
    const response = {
      index,
      errorCode: ErrorCode.NONE,
      baseOffset: BigInt(appended.baseOffset),
      logAppendTimeMs: BigInt(appended.logAppendTimeMs),
      logStartOffset: BigInt(logStartOffset),
      recordErrors: [],
    }
    if (request.acks === ACKS_ALL) replication.expect(response, topic, partition, appended.nextOffset)
    return response
  } catch (error) {
    return refusal(index, error, logStartOffset)
  }
}

function refuseWithoutReplicas({ inSyncReplicaIds, minInsyncReplicas }: PartitionView): void {
  const inSync = inSyncReplicaIds.length
  if (inSync < minInsyncReplicas) {
    throw new RecordsRefused(ErrorCode.NOT_ENOUGH_REPLICAS, `${inSync} replicas are in sync`)
  }
}

function refuseBadRequest(request: ProduceRequest): void {
  if (request.acks < ACKS_ALL || request.acks > 1) {
    throw new RequestRefused(ErrorCode.INVALID_REQUIRED_ACKS, `acks ${request.acks}`)
  }
}

/** What only the request around a batch can tell. Too short a batch is left to the log. */
function refuseUnfitBatch(context: RequestContext, records: Uint8Array | null): void {
  if (records === null || records.length < BatchField.RECORDS) return
  const header = readRecordBatchHeader(records)
  if (header.compression === 'zstd' && context.apiVersion < FIRST_VERSION_WITH_ZSTD) {
    throw new RequestRefused(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, 'zstd needs Produce version 7')
  }
}

/** @throws RequestRefused */
function refuseOutsideTransaction(errorCode: ErrorCode | undefined): void {
  if (errorCode !== undefined) throw new RequestRefused(errorCode, 'the partition is not part of the transaction')
}

function hasConcurrentTransaction(refused: RefusedPartitions): boolean {
  return [...refused.values()].includes(ErrorCode.CONCURRENT_TRANSACTIONS)
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

/** @source Kafka ProduceRequest.getErrorResponse */
function refusedAsWhole(request: ProduceRequest, errorCode: ErrorCode): Outcome<typeof produce> {
  const responses = request.topicData.map(({ name, topicId, partitionData }) => ({
    name,
    topicId,
    partitionResponses: partitionData.map(({ index }) => ({ index, errorCode, baseOffset: -1n, recordErrors: [] })),
  }))
  return request.acks === 0 ? withoutResponse(responses) : { response: { responses } }
}

/**
 * Only errors of single records and a few others come with a message; only what the log itself refuses comes with its
 * first offset.
 *
 * @source Kafka ReplicaManager.appendRecordsToLocalLog, KafkaApis.handleProduceRequest
 */
function refusal(index: number, error: unknown, logStartOffset: number): PartitionResponse {
  const unappended = { index, baseOffset: -1n, logAppendTimeMs: -1n, logStartOffset: -1n, errorMessage: null }
  if (error instanceof RequestRefused) {
    const errorMessage = WITH_MESSAGE.has(error.errorCode) ? error.message : null
    return { ...unappended, errorCode: error.errorCode, errorMessage, recordErrors: [] }
  }
  if (!(error instanceof RecordsRefused)) throw error
  const recordErrors = error.recordErrors.map(({ batchIndex, message }) => ({
    batchIndex,
    batchIndexErrorMessage: message,
  }))
  return {
    ...unappended,
    errorCode: error.errorCode,
    ...(WITHOUT_LOG_START.has(error.errorCode) ? {} : { logStartOffset: BigInt(logStartOffset) }),
    ...(recordErrors.length === 0 ? {} : { errorMessage: error.message }),
    recordErrors,
  }
}
