import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import {
  isEpochExhausted,
  type ProducerIdAndEpoch,
  type TransactionMetadata,
  type TransactionResult,
} from './transaction-metadata.ts'
import { bumpsEpoch, type TransactionVersion } from './transaction-version.ts'

/** Whether a transaction is to be ended, or was ended by this very request before. */
export type EndVerdict = 'end' | 'ended-before'

/**
 * Judges the end of a transaction that a producer asks for.
 *
 * @throws RequestRefused
 */
export function endVerdict(
  metadata: TransactionMetadata,
  producer: ProducerIdAndEpoch,
  result: TransactionResult,
  version: TransactionVersion,
): EndVerdict {
  return bumpsEpoch(version) ? endWithEpochBump(metadata, producer, result) : end(metadata, producer, result)
}

/** @source Kafka 4.3.1 TransactionCoordinator.endTransactionWithTV1 */
function end(metadata: TransactionMetadata, producer: ProducerIdAndEpoch, result: TransactionResult): EndVerdict {
  refuseOther(metadata, producer)
  if (producer.producerEpoch !== metadata.producerEpoch) refuseFenced(metadata, producer)
  if (metadata.isPrepared) refuseConcurrent(metadata)
  if (metadata.state === 'Ongoing') return 'end'
  return isDone(metadata, result) ? 'ended-before' : refuseState(metadata, result)
}

/**
 * Every end gives another epoch, so that a request that comes again is known by its old one. An abort of nothing is
 * taken too: the producer cannot know whether a partition was added for it.
 *
 * @source Kafka 4.3.1 TransactionCoordinator.endTransaction, KIP-890
 */
function endWithEpochBump(
  metadata: TransactionMetadata,
  producer: ProducerIdAndEpoch,
  result: TransactionResult,
): EndVerdict {
  if (metadata.isPrepared) refuseConcurrent(metadata)
  const isOfFormerId = producer.producerId === metadata.previousProducerId && metadata.producerEpoch === 0
  const isOverflow = isOfFormerId && isEpochExhausted(producer.producerEpoch)
  const isAgain = isOverflow || metadata.producerEpoch === producer.producerEpoch + 1
  const isPresent = metadata.producerEpoch === producer.producerEpoch
  const isComplete = metadata.state === 'CompleteCommit' || metadata.state === 'CompleteAbort'

  if (!isOverflow) refuseOther(metadata, producer)
  if (!isPresent && !(isAgain && isComplete)) refuseFenced(metadata, producer)
  if (isAgain) return isDone(metadata, result) ? 'ended-before' : refuseState(metadata, result)
  return metadata.state === 'Ongoing' || result === 'abort' ? 'end' : refuseState(metadata, result)
}

function isDone({ state }: TransactionMetadata, result: TransactionResult): boolean {
  return state === (result === 'commit' ? 'CompleteCommit' : 'CompleteAbort')
}

export function refuseOther(metadata: TransactionMetadata, { producerId }: ProducerIdAndEpoch): void {
  if (metadata.producerId === producerId) return
  const message = `${metadata.transactionalId} has producer id ${metadata.producerId} and not ${producerId}`
  throw new RequestRefused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, message)
}

export function refuseFenced(metadata: TransactionMetadata, { producerEpoch }: ProducerIdAndEpoch): never {
  const message = `${metadata.transactionalId} has epoch ${metadata.producerEpoch} and not ${producerEpoch}`
  throw new RequestRefused(ErrorCode.PRODUCER_FENCED, message)
}

export function refuseConcurrent({ transactionalId, state }: TransactionMetadata): never {
  throw new RequestRefused(ErrorCode.CONCURRENT_TRANSACTIONS, `${transactionalId} is in ${state}`)
}

function refuseState({ transactionalId, state }: TransactionMetadata, result: TransactionResult): never {
  throw new RequestRefused(ErrorCode.INVALID_TXN_STATE, `no ${result} of ${transactionalId}, which is in ${state}`)
}
