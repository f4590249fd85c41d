import { type ResponseInput, txnOffsetCommit, type TxnOffsetCommitRequest } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { type CommittedOffset, ConsumerOffsets } from '../group/consumer-offsets.ts'
import { RequestRefused } from '../request-refused.ts'
import { type AdmissionRule, admitPartitions } from '../transaction/admitted-partitions.ts'
import { byTopic, type TopicPartition } from '../transaction/topic-partition.ts'
import { type ApiHandler, handlerFor, type Outcome, type RequestContext } from './api-handler.ts'
import { refuseUnlessGroupCoordinator } from './group-coordinator.ts'
import { errorCodeOf } from './partition-lookup.ts'

/** @source Kafka OffsetConfig.maxMetadataSize (offset.metadata.max.bytes) */
const METADATA_LETTERS_MAX = 4096

type TopicResult = ResponseInput<typeof txnOffsetCommit>['topics'][number]

export const txnOffsetCommitHandler: ApiHandler = handlerFor(txnOffsetCommit, handleTxnOffsetCommit)

/** @source Kafka 4.3.1 KafkaApis.handleTxnOffsetCommitRequest, GroupCoordinatorService.commitTransactionalOffsets */
function handleTxnOffsetCommit(
  context: RequestContext,
  request: TxnOffsetCommitRequest,
): Outcome<typeof txnOffsetCommit> {
  const offsets = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({
      topic: name,
      partition: partition.partitionIndex,
      offset: partition.committedOffset,
      leaderEpoch: partition.committedLeaderEpoch,
      metadata: partition.committedMetadata,
    })),
  )
  const exists = ({ topic, partition }: TopicPartition): boolean =>
    context.metadata.topicNamed(topic)?.partitions[partition] !== undefined
  const isShort = ({ metadata }: CommittedOffset): boolean => (metadata?.length ?? 0) <= METADATA_LETTERS_MAX
  const known = offsets.filter(exists)
  const errorCode = known.length === 0 ? ErrorCode.NONE : commit(context, request, known.filter(isShort))

  const codeOf = (offset: CommittedOffset): ErrorCode => {
    if (!exists(offset)) return ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
    return errorCode === ErrorCode.NONE && !isShort(offset) ? ErrorCode.OFFSET_METADATA_TOO_LARGE : errorCode
  }
  return { response: { throttleTimeMs: 0, topics: results(offsets, codeOf) } }
}

function commit(
  context: RequestContext,
  request: TxnOffsetCommitRequest,
  offsets: readonly CommittedOffset[],
): ErrorCode {
  const { transactionalId, groupId, producerId, producerEpoch } = request
  const { cluster, apiVersion } = context
  const { consumerOffsets } = cluster
  const producer = { producerId, producerEpoch }
  try {
    if (groupId === '') throw new RequestRefused(ErrorCode.INVALID_GROUP_ID, 'no group id')
    refuseUnlessGroupCoordinator(context, groupId)
    consumerOffsets.checkEpoch(groupId, producer)
    if (!consumerOffsets.hasOngoingTransaction(groupId, producer)) {
      const rule = ruleFor(apiVersion)
      const refused = admitPartitions(cluster, transactionalId, producer, [ConsumerOffsets.partitionFor(groupId)], rule)
      for (const errorCode of refused.values()) throw new RequestRefused(errorCode, `no part of ${transactionalId}`)
    }
    consumerOffsets.validateCommit(groupId, request.generationId, request.memberId, request.groupInstanceId)
    consumerOffsets.addPending(groupId, producer, offsets)
    return ErrorCode.NONE
  } catch (error) {
    return errorCodeOf(error)
  }
}

function results(offsets: readonly CommittedOffset[], codeOf: (offset: CommittedOffset) => ErrorCode): TopicResult[] {
  return byTopic(offsets).map(([name, of]) => ({
    name,
    partitions: of.map((offset) => ({ partitionIndex: offset.partition, errorCode: codeOf(offset) })),
  }))
}

/** @source Kafka 4.3.1 AddPartitionsToTxnManager.txnOffsetCommitRequestVersionToTransactionSupportedOperation */
function ruleFor(apiVersion: number): AdmissionRule {
  if (apiVersion > 4) return 'add'
  return apiVersion > 3 ? 'verify' : 'verify-as-before'
}
