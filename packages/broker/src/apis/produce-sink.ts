import { produce, type ProduceRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { BatchField } from '../log/record-batch-header.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { errorCodeOf, FIRST_VERSION_WITH_TOPIC_ID, leaderPartition, topicFor } from './partition-lookup.ts'

/**
 * Produce for measuring clients: offsets are right and counted, and nothing is stored, checked or even read but the
 * record count. Sequences are not judged, so this never tells whether a client is correct.
 */
export const produceSinkHandler: ApiHandler = handlerFor(produce, countRecords, { minVersionAdvertised: 0 })

function countRecords(context: RequestContext, request: ProduceRequest): Outcome<typeof produce> {
  const isById = context.apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
  const responses = request.topicData.map((topicData) => ({
    name: topicData.name,
    topicId: topicData.topicId,
    partitionResponses: topicData.partitionData.map(({ index, records }) => {
      try {
        const partition = leaderPartition(context, topicFor(context.metadata, { ...topicData, isById }), index)
        const baseOffset = partition.log.countWithoutKeeping(recordCount(records))
        return {
          index,
          errorCode: ErrorCode.NONE,
          baseOffset: BigInt(baseOffset),
          logStartOffset: 0n,
          recordErrors: [],
        }
      } catch (error) {
        return { index, errorCode: errorCodeOf(error), baseOffset: -1n, recordErrors: [] }
      }
    }),
  }))
  return request.acks === 0 ? 'no-response' : { response: { responses } }
}

function recordCount(records: Uint8Array | null): number {
  if (records === null || records.length < BatchField.RECORDS) return 0
  return new DataView(records.buffer, records.byteOffset).getInt32(BatchField.RECORD_COUNT)
}
