import { produce, type ProduceRequest, type ResponseInput } from '@linger/protocol'
import type { PartitionView } from '../cluster/partition.ts'
import { ErrorCode } from '../error-code.ts'
import { BatchField, readRecordBatchHeader } from '../log/record-batch-header.ts'
import { RecordsRefused } from '../log/records-refused.ts'
import { RequestRefused } from '../request-refused.ts'
import { nameOf } from '../transaction/topic-partition.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { appendAfterMarkers, hasConcurrentTransaction, refusedAsWhole } from './awaited-markers.ts'
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

type ProduceResponses = ResponseInput<typeof produce>['responses']
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

function handleProduce(context: RequestContext, request: ProduceRequest): Outcome<typeof produce> {
  try {
    const refused = admitTransactionalBatches(context, request)
    if (request.acks === 0 || !hasConcurrentTransaction(refused)) return append(context, request, refused)
    return appendAfterMarkers(context, request, (kept, stillRefused) => append(context, kept, stillRefused))
  } catch (error) {
    const response = refusedAsWhole(request, errorCodeOf(error))
    return request.acks === 0 ? withoutResponse(response.responses) : { response }
  }
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
    if (refused.size > 0) refuseOutsideTransaction(refused.get(nameOf({ topic: topic.name, partition: index })))
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
