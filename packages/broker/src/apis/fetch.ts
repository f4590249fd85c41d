import { fetch, type FetchRequest, type ResponseInput } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import type { PartitionLog } from '../log/partition-log.ts'
import { offsetAfter } from '../log/record-batch-header.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf, FIRST_VERSION_WITH_TOPIC_ID, leaderPartition, topicFor } from './partition-lookup.ts'

const NO_SESSION = 0
const READ_COMMITTED = 1

type FetchResponse = ResponseInput<typeof fetch>
type PartitionResponse = FetchResponse['responses'][number]['partitions'][number]
type AbortedTransaction = NonNullable<PartitionResponse['abortedTransactions']>[number]
type FetchTopic = FetchRequest['topics'][number]
type FetchPartition = FetchTopic['partitions'][number]

/** What the log had for a request at one moment. */
interface Reading {
  readonly response: FetchResponse
  readonly sizeBytes: number
  /** An error is told at once, whatever else is still waited for. */
  readonly hasError: boolean
}

export const fetchHandler: ApiHandler = handlerFor(fetch, handleFetch)

/** Every fetch is a full one. A client that asks for a session gets none, and asks for all its partitions each time. */
function handleFetch(context: RequestContext, request: FetchRequest): Outcome<typeof fetch> {
  if (request.sessionId !== NO_SESSION) {
    return { response: { throttleTimeMs: 0, errorCode: ErrorCode.FETCH_SESSION_ID_NOT_FOUND, responses: [] } }
  }
  const attempt = (): FetchResponse | undefined => {
    const reading = readAll(context, request)
    return reading.hasError || reading.sizeBytes >= request.minBytes ? reading.response : undefined
  }
  const response = attempt()
  if (response !== undefined) return { response }
  if (request.maxWaitMs <= 0 || request.topics.length === 0) return { response: readAll(context, request).response }
  return {
    pending: context.delayed.wait({
      attempt,
      giveUp: () => readAll(context, request).response,
      maxWaitMs: request.maxWaitMs,
    }),
  }
}

function readAll(context: RequestContext, request: FetchRequest): Reading {
  const maxBytes = Math.min(request.maxBytes, context.config.fetchMaxBytes)
  let sizeBytes = 0
  let hasError = false
  const isCommittedOnly = request.isolationLevel === READ_COMMITTED
  const responses = request.topics.map((topic) => ({
    topic: topic.topic,
    topicId: topic.topicId,
    partitions: topic.partitions.map((wanted) => {
      const partition = readPartition(context, topic, wanted, maxBytes - sizeBytes, {
        isFirst: sizeBytes === 0,
        isCommittedOnly,
      })
      sizeBytes += partition.records?.length ?? 0
      hasError ||= partition.errorCode !== ErrorCode.NONE
      return partition
    }),
  }))
  return { response: { throttleTimeMs: 0, sessionId: NO_SESSION, responses }, sizeBytes, hasError }
}

/** How far into a log a request may look. */
interface Reach {
  /** Nothing was found yet, so one batch must come even if it is over the limits (KIP-74). */
  readonly isFirst: boolean
  /** No further than to the last stable offset (KIP-98). */
  readonly isCommittedOnly: boolean
}

function readPartition(
  context: RequestContext,
  topic: FetchTopic,
  wanted: FetchPartition,
  remainingBytes: number,
  { isFirst, isCommittedOnly }: Reach,
): PartitionResponse {
  try {
    const isById = context.apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
    const found = topicFor(context.metadata, { name: topic.topic, topicId: topic.topicId, isById })
    const { log, highWatermark } = leaderPartition(context, found, wanted.partition, wanted.currentLeaderEpoch)
    const offset = Number(wanted.fetchOffset)
    if (offset < log.startOffset || offset > log.endOffset) {
      throw new RequestRefused(ErrorCode.OFFSET_OUT_OF_RANGE, `offset ${offset}: the log ends at ${log.endOffset}`)
    }
    const maxBytes = Math.max(0, Math.min(wanted.partitionMaxBytes, remainingBytes))
    const lastStableOffset = log.transactions.lastStableOffset(highWatermark)
    const records = log.read(offset, maxBytes, isFirst, isCommittedOnly ? lastStableOffset : highWatermark)
    return {
      partitionIndex: wanted.partition,
      errorCode: ErrorCode.NONE,
      highWatermark: BigInt(highWatermark),
      lastStableOffset: BigInt(lastStableOffset),
      logStartOffset: BigInt(log.startOffset),
      abortedTransactions: isCommittedOnly ? abortedTransactions(log, offset, records) : null,
      records,
    }
  } catch (error) {
    return {
      partitionIndex: wanted.partition,
      errorCode: errorCodeOf(error),
      highWatermark: -1n,
      abortedTransactions: null,
      records: new Uint8Array(),
    }
  }
}

/** A consumer passes over their records, until it meets the marker of each. */
function abortedTransactions(log: PartitionLog, fromOffset: number, records: Uint8Array): AbortedTransaction[] {
  if (records.length === 0) return []
  const aborted = log.transactions.abortedIn(fromOffset, offsetAfter(records))
  return aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset: BigInt(firstOffset) }))
}
