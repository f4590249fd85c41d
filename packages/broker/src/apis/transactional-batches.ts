import type { ProduceRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import {
  BatchField,
  NO_PRODUCER_ID,
  readRecordBatchHeader,
  type RecordBatchHeader,
  TRANSACTIONAL_BIT,
} from '../log/record-batch-header.ts'
import { RequestRefused } from '../request-refused.ts'
import { type AdmissionRule, admitPartitions } from '../transaction/admitted-partitions.ts'
import { nameOf, type TopicPartition } from '../transaction/topic-partition.ts'
import type { RequestContext } from './api-handler.ts'
import { FIRST_VERSION_WITH_TOPIC_ID, leaderPartition, topicFor } from './partition-lookup.ts'

/** Why partitions of a request must not be written to, by name. */
export type RefusedPartitions = ReadonlyMap<string, ErrorCode>

const NONE_REFUSED: RefusedPartitions = new Map()

interface TransactionalBatch extends TopicPartition {
  readonly header: RecordBatchHeader
}

/** What a producer can do nothing about, and is to try again. @source Kafka 4.3.1 ReplicaManager.handleProduceAppend */
const UNDECIDED: ReadonlySet<ErrorCode> = new Set([
  ErrorCode.COORDINATOR_LOAD_IN_PROGRESS,
  ErrorCode.COORDINATOR_NOT_AVAILABLE,
  ErrorCode.NOT_COORDINATOR,
])

/**
 * Asks for the partitions in which the request begins a transaction. Where one has begun, the log knows it.
 *
 * @throws RequestRefused when the request as a whole is wrong
 * @source Kafka 4.3.1 KafkaApis.handleProduceRequest, ReplicaManager.handleProduceAppend
 */
export function admitTransactionalBatches(context: RequestContext, request: ProduceRequest): RefusedPartitions {
  const batches = transactionalBatches(context, request)
  const [first] = batches
  if (first === undefined) return NONE_REFUSED
  const { producerId, producerEpoch } = first.header
  if (batches.some(({ header }) => header.producerId !== producerId || header.producerEpoch !== producerEpoch)) {
    throw new RequestRefused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, 'batches of several producers')
  }
  const rule = ruleFor(context.apiVersion)
  const refused = new Map<string, ErrorCode>()
  const unknown = batches.filter((batch) => {
    const answer = judgeByLog(context, batch, rule)
    if (answer === 'stale') refused.set(nameOf(batch), ErrorCode.INVALID_PRODUCER_EPOCH)
    return answer === 'unknown'
  })
  const { transactionalId } = request
  const notAdmitted = admitPartitions(context.cluster, transactionalId ?? '', first.header, unknown, rule)
  for (const [name, errorCode] of notAdmitted) refused.set(name, toldCode(errorCode, rule))
  return refused
}

/** @throws RequestRefused TRANSACTIONAL_ID_AUTHORIZATION_FAILED */
function transactionalBatches(context: RequestContext, request: ProduceRequest): TransactionalBatch[] {
  const batches = request.topicData.flatMap((topicData) =>
    topicData.partitionData.flatMap(({ index, records }) => {
      if (records === null || !isTransactional(records)) return []
      const isById = context.apiVersion >= FIRST_VERSION_WITH_TOPIC_ID
      const topic = isById ? context.metadata.topicWithId(topicData.topicId)?.name : topicData.name
      return [{ topic: topic ?? '', partition: index, header: readRecordBatchHeader(records) }]
    }),
  )
  if (batches.length > 0 && request.transactionalId === null) {
    const message = 'a transactional batch without transactional id'
    throw new RequestRefused(ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, message)
  }
  return batches
}

/** The bits that mean something stand in the second byte of the attributes. */
function isTransactional(records: Uint8Array): boolean {
  return records.length >= BatchField.RECORDS && ((records[BatchField.ATTRIBUTES + 1] ?? 0) & TRANSACTIONAL_BIT) !== 0
}

/** What the partition itself knows; one that is not led here is refused later. */
function judgeByLog(
  context: RequestContext,
  { topic: name, partition: index, header }: TransactionalBatch,
  rule: AdmissionRule,
): 'ongoing' | 'stale' | 'unknown' | 'not-led' {
  try {
    const topic = topicFor(context.metadata, { name, topicId: '', isById: false })
    const { log } = leaderPartition(context, topic, index)
    const { producerId, producerEpoch } = header
    if (producerId === NO_PRODUCER_ID) return 'ongoing'
    if (producerEpoch < (log.producers.get(producerId)?.epoch ?? 0)) return 'stale'
    if (log.hasOngoingTransaction(producerId, producerEpoch)) return 'ongoing'
    log.startVerification(header, rule === 'add')
    return 'unknown'
  } catch (error) {
    if (error instanceof RequestRefused) return 'not-led'
    throw error
  }
}

function toldCode(errorCode: ErrorCode, rule: AdmissionRule): ErrorCode {
  const isUndecided = UNDECIDED.has(errorCode) || (errorCode === ErrorCode.CONCURRENT_TRANSACTIONS && rule !== 'add')
  return isUndecided ? ErrorCode.NOT_ENOUGH_REPLICAS : errorCode
}

/** @source Kafka 4.3.1 AddPartitionsToTxnManager.produceRequestVersionToTransactionSupportedOperation */
function ruleFor(apiVersion: number): AdmissionRule {
  if (apiVersion > 11) return 'add'
  return apiVersion > 10 ? 'verify' : 'verify-as-before'
}
