import type { Cluster } from '../cluster/cluster.ts'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { nameOf, type TopicPartition } from './topic-partition.ts'
import type { ProducerIdAndEpoch } from './transaction-metadata.ts'

/**
 * What a broker asks of the coordinator before it takes the first records of a transaction for a partition: that the
 * partition was added, told in the code of old or of new clients, or to add it now.
 */
export type AdmissionRule = 'verify-as-before' | 'verify' | 'add'

/**
 * Asks the coordinator of a transaction for partitions that a producer is about to write to. Answers those that it must
 * not write to, by name, and why.
 *
 * @source Kafka 4.3.1 AddPartitionsToTxnManager, KIP-890
 */
export function admitPartitions(
  cluster: Cluster,
  transactionalId: string,
  producer: ProducerIdAndEpoch,
  partitions: readonly TopicPartition[],
  rule: AdmissionRule,
): ReadonlyMap<string, ErrorCode> {
  const refuseAll = (errorCode: ErrorCode): Map<string, ErrorCode> =>
    new Map(partitions.map((partition) => [nameOf(partition), errorCode]))
  if (partitions.length === 0) return new Map()
  if (transactionalId === '') return refuseAll(ErrorCode.INVALID_REQUEST)
  try {
    const coordinator = cluster.transactionCoordinatorFor(transactionalId)
    if (rule === 'add') {
      coordinator.addPartitions(transactionalId, producer, partitions, 2)
      return new Map()
    }
    const missing = coordinator.missingPartitions(transactionalId, producer, partitions)
    const code = rule === 'verify' ? ErrorCode.TRANSACTION_ABORTABLE : ErrorCode.INVALID_TXN_STATE
    return new Map(missing.map((partition) => [nameOf(partition), code]))
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    const isFenced = error.errorCode === ErrorCode.PRODUCER_FENCED
    return refuseAll(isFenced ? ErrorCode.INVALID_PRODUCER_EPOCH : error.errorCode)
  }
}
