import { listOffsets, type ListOffsetsRequest, type ResponseInput } from '@linger/protocol'
import type { PartitionView } from '../cluster/partition.ts'
import { ErrorCode } from '../error-code.ts'
import { offsetForTimestamp, offsetOfMaxTimestamp, type TimestampOffset } from '../log/timestamp-lookup.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf, leaderPartition, topicFor } from './partition-lookup.ts'

/** Timestamps that are not times. @source Kafka ListOffsetsRequest */
const LATEST = -1
const EARLIEST = -2
const MAX_TIMESTAMP = -3
const EARLIEST_LOCAL = -4
const LATEST_TIERED = -5

const READ_COMMITTED = 1
const FIRST_VERSION_WITH_LEADER_EPOCH = 4

const NOT_FOUND: TimestampOffset = { timestamp: -1, offset: -1 }

type PartitionResponse = ResponseInput<typeof listOffsets>['topics'][number]['partitions'][number]
type PartitionRequest = ListOffsetsRequest['topics'][number]['partitions'][number]

export const listOffsetsHandler: ApiHandler = handlerFor(listOffsets, handleListOffsets)

function handleListOffsets(context: RequestContext, request: ListOffsetsRequest): Outcome<typeof listOffsets> {
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((wanted) => offsetFor(context, name, wanted, request)),
  }))
  return { response: { throttleTimeMs: 0, topics } }
}

function offsetFor(
  context: RequestContext,
  name: string,
  wanted: PartitionRequest,
  request: ListOffsetsRequest,
): PartitionResponse {
  const { partitionIndex } = wanted
  try {
    const topic = topicFor(context.metadata, { name, topicId: '', isById: false })
    const partition = leaderPartition(context, topic, partitionIndex, wanted.currentLeaderEpoch)
    const { timestamp, offset } = lookUp(partition, Number(wanted.timestamp), request)
    const { leaderEpoch } = partition
    return {
      partitionIndex,
      errorCode: ErrorCode.NONE,
      timestamp: BigInt(timestamp),
      offset: BigInt(offset),
      ...(context.apiVersion >= FIRST_VERSION_WITH_LEADER_EPOCH && offset !== NOT_FOUND.offset ? { leaderEpoch } : {}),
    }
  } catch (error) {
    return { partitionIndex, errorCode: errorCodeOf(error) }
  }
}

/** A consumer hears of nothing that it could not fetch. @source Kafka UnifiedLog.fetchOffsetByTimestamp */
function lookUp(
  { log, highWatermark }: PartitionView,
  timestamp: number,
  { isolationLevel }: ListOffsetsRequest,
): TimestampOffset {
  const isCommittedOnly = isolationLevel === READ_COMMITTED
  const end = isCommittedOnly ? log.transactions.lastStableOffset(highWatermark) : highWatermark
  const before = (found: TimestampOffset | undefined): TimestampOffset =>
    found === undefined || found.offset >= end ? NOT_FOUND : found
  switch (timestamp) {
    case LATEST:
      return { timestamp: -1, offset: end }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { timestamp: -1, offset: log.startOffset }
    case MAX_TIMESTAMP:
      return before(offsetOfMaxTimestamp(log))
    case LATEST_TIERED:
      return NOT_FOUND
    default:
      if (timestamp < 0) throw new RequestRefused(ErrorCode.UNSUPPORTED_VERSION, `timestamp ${timestamp}`)
      return before(offsetForTimestamp(log, timestamp))
  }
}
