import type { Cluster } from '../cluster/cluster.ts'
import { ErrorCode } from '../error-code.ts'
import type { BrokerPorts } from '../ports.ts'
import { RequestRefused } from '../request-refused.ts'
import { endVerdict, refuseConcurrent, refuseFenced, refuseOther } from './end-verdict.ts'
import type { TopicPartition } from './topic-partition.ts'
import type { CoordinatedTransaction } from './transaction-log.ts'
import { TransactionMarkers } from './transaction-markers.ts'
import {
  isEpochExhausted,
  type ProducerIdAndEpoch,
  TransactionMetadata,
  type TransactionResult,
} from './transaction-metadata.ts'
import { TransactionTimers } from './transaction-timers.ts'
import { bumpsEpoch, type TransactionVersion } from './transaction-version.ts'

export interface TransactionCoordinatorOptions {
  readonly nodeId: number
  readonly cluster: Cluster
  readonly ports: BrokerPorts
  /** The longest timeout a producer may ask for (transaction.max.timeout.ms). */
  readonly maxTimeoutMs: number
  /** Between the decision of an outcome and the first marker of it. */
  readonly markerDelayMs: number
  /** The broker's process runs. */
  readonly isRunning: () => boolean
}

/**
 * The transactions that one broker coordinates. What it knows of them is the cluster's, so that another broker may go on
 * with them; time is its own.
 *
 * @source Kafka 4.3.1 kafka.coordinator.transaction.TransactionCoordinator
 */
export class TransactionCoordinator {
  readonly #nodeId: number
  readonly #cluster: Cluster
  readonly #ports: BrokerPorts
  readonly #maxTimeoutMs: number
  readonly #markerDelayMs: number
  readonly #isRunning: () => boolean
  readonly #markers: TransactionMarkers
  /** Transactions that are aborted when they take too long. */
  readonly #timeouts: TransactionTimers
  /** Transactions whose markers wait for their time. */
  readonly #delays: TransactionTimers

  constructor({ nodeId, cluster, ports, maxTimeoutMs, markerDelayMs, isRunning }: TransactionCoordinatorOptions) {
    this.#nodeId = nodeId
    this.#cluster = cluster
    this.#ports = ports
    this.#maxTimeoutMs = maxTimeoutMs
    this.#markerDelayMs = markerDelayMs
    this.#isRunning = isRunning
    this.#markers = new TransactionMarkers(cluster, ports)
    this.#timeouts = new TransactionTimers(ports)
    this.#delays = new TransactionTimers(ports)
  }

  /**
   * Id and epoch for a producer that begins. One that was in a transaction is fenced by that, and its transaction is
   * aborted first.
   *
   * @param expected what the producer believes to have, if it says so
   * @throws RequestRefused
   */
  initProducerId(transactionalId: string, timeoutMs: number, expected?: ProducerIdAndEpoch): ProducerIdAndEpoch {
    if (timeoutMs <= 0 || timeoutMs > this.#maxTimeoutMs) {
      const message = `${timeoutMs} ms: 1 to ${this.#maxTimeoutMs}`
      throw new RequestRefused(ErrorCode.INVALID_TRANSACTION_TIMEOUT, message)
    }
    const transaction = this.#find(transactionalId) ?? this.#create(transactionalId, timeoutMs)
    const { metadata } = transaction
    if (metadata.isPrepared) refuseConcurrent(metadata)
    if (expected !== undefined) refuseStranger(metadata, expected)
    if (metadata.state === 'Ongoing') {
      this.#abortFenced(transaction)
      refuseConcurrent(metadata)
    }
    const hasLastEpoch = expected === undefined || expected.producerEpoch === metadata.producerEpoch
    if (isEpochExhausted(metadata.producerEpoch) && hasLastEpoch) {
      metadata.rotateProducerId(this.#cluster.allocateProducerId(), timeoutMs, expected !== undefined)
    } else metadata.incrementEpoch(timeoutMs, expected?.producerEpoch)
    return { producerId: metadata.producerId, producerEpoch: metadata.producerEpoch }
  }

  /**
   * The partitions belong to the producer's transaction, which begins with the first.
   *
   * @throws RequestRefused
   */
  addPartitions(
    transactionalId: string,
    producer: ProducerIdAndEpoch,
    partitions: readonly TopicPartition[],
    version: TransactionVersion,
  ): void {
    const transaction = this.#find(transactionalId) ?? refuseUnknown(transactionalId)
    const { metadata } = transaction
    if (metadata.isPrepared) refuseConcurrent(metadata)
    refuseFormer(metadata, producer)
    if (metadata.state === 'Ongoing' && partitions.every((partition) => metadata.contains(partition))) return
    metadata.addPartitions(partitions, version, this.#ports.now())
    this.#watch(transaction)
  }

  /**
   * Those of the partitions that do not belong to the producer's transaction.
   *
   * @throws RequestRefused
   */
  missingPartitions(
    transactionalId: string,
    producer: ProducerIdAndEpoch,
    partitions: readonly TopicPartition[],
  ): readonly TopicPartition[] {
    const { metadata } = this.#find(transactionalId) ?? refuseUnknown(transactionalId)
    refuseFormer(metadata, producer)
    if (metadata.isPrepared) refuseConcurrent(metadata)
    return partitions.filter((partition) => !metadata.contains(partition))
  }

  /**
   * Decides the outcome of a transaction. Its markers come later, and the next transaction waits for them.
   *
   * @returns id and epoch for the next one
   * @throws RequestRefused
   */
  endTransaction(
    transactionalId: string,
    producer: ProducerIdAndEpoch,
    result: TransactionResult,
    version: TransactionVersion,
  ): ProducerIdAndEpoch {
    const transaction = this.#find(transactionalId) ?? refuseUnknown(transactionalId)
    const { metadata } = transaction
    if (endVerdict(metadata, producer, result, version) === 'ended-before') {
      return { producerId: metadata.producerId, producerEpoch: metadata.producerEpoch }
    }
    return this.#end(transaction, result, version)
  }

  /** @throws RequestRefused where it is coordinated elsewhere, is not loaded yet or not known */
  describe(transactionalId: string): TransactionMetadata {
    const transaction = this.#find(transactionalId)
    if (transaction !== undefined) return transaction.metadata
    throw new RequestRefused(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, `nothing is known of ${transactionalId}`)
  }

  /** All that it coordinates. */
  list(): readonly TransactionMetadata[] {
    const { transactions } = this.#cluster
    return [...transactions.values()].map(({ metadata }) => metadata).filter((one) => this.#coordinates(one))
  }

  /** Others may have coordinated before, leaders may be there again: goes on with what waits for that. */
  onClusterChanged(): void {
    for (const transaction of this.#cluster.transactions.values()) this.#watch(transaction)
  }

  /** The process is gone. */
  stop(): void {
    this.#timeouts.cancelAll()
    this.#delays.cancelAll()
    this.#markers.forgetAll()
  }

  #end(
    transaction: CoordinatedTransaction,
    result: TransactionResult,
    version: TransactionVersion,
  ): ProducerIdAndEpoch {
    const { metadata } = transaction
    const needsId = bumpsEpoch(version) && isEpochExhausted(metadata.producerEpoch)
    const nextProducerId = needsId ? this.#cluster.allocateProducerId() : undefined
    metadata.prepareEnd(result, version, this.#ports.now(), nextProducerId)
    const { next } = metadata
    if (this.#markerDelayMs > 0) this.#delays.start(metadata, this.#markerDelayMs, () => this.#watch(transaction))
    this.#watch(transaction)
    return next
  }

  /** Nobody but a newer epoch may write to its partitions from now on. */
  #abortFenced(transaction: CoordinatedTransaction): void {
    const { transactionVersion } = this.#cluster.features
    if (!bumpsEpoch(transactionVersion)) transaction.metadata.fence()
    this.#end(transaction, 'abort', transactionVersion)
  }

  /** Does what a transaction waits for, if it can be done now. */
  #watch(transaction: CoordinatedTransaction): void {
    const { metadata } = transaction
    const isOurs = this.#isRunning() && this.#coordinates(metadata)
    if (!isOurs || metadata.state !== 'Ongoing') this.#timeouts.cancel(metadata)
    if (!isOurs || !metadata.isPrepared) {
      this.#delays.cancel(metadata)
      this.#markers.forget(transaction)
    }
    if (!isOurs) return
    this.#takeOver(transaction)
    if (metadata.state === 'Ongoing') {
      const remainingMs = metadata.startedAtMs + metadata.timeoutMs - this.#ports.now()
      this.#timeouts.start(metadata, Math.max(0, remainingMs), () => this.#onTimeout(transaction))
    }
    if (metadata.isPrepared && !this.#delays.has(metadata)) this.#writeMarkers(transaction)
  }

  #onTimeout(transaction: CoordinatedTransaction): void {
    const { metadata } = transaction
    if (this.#isRunning() && this.#coordinates(metadata) && metadata.state === 'Ongoing') {
      this.#abortFenced(transaction)
    }
  }

  #writeMarkers(transaction: CoordinatedTransaction): void {
    const hasWritten = this.#markers.write(transaction)
    const isComplete = transaction.metadata.partitions.length === 0
    if (isComplete) transaction.metadata.complete()
    // Consumers wait for the marker, and the next transaction for the last of them.
    if (hasWritten || isComplete) this.#cluster.changed()
  }

  #takeOver(transaction: CoordinatedTransaction): void {
    if (transaction.coordinatorId === this.#nodeId) return
    transaction.coordinatorId = this.#nodeId
    transaction.coordinatorEpoch++
  }

  #coordinates({ transactionalId }: TransactionMetadata): boolean {
    const coordinatorId = this.#cluster.coordinatorFor(transactionalId)?.nodeId
    return coordinatorId === this.#nodeId && !this.#cluster.isLoading(transactionalId)
  }

  /** @source Kafka 4.3.1 TransactionStateManager.getAndMaybeAddTransactionState */
  #find(transactionalId: string): CoordinatedTransaction | undefined {
    if (this.#cluster.coordinatorFor(transactionalId)?.nodeId !== this.#nodeId) {
      throw new RequestRefused(
        ErrorCode.NOT_COORDINATOR,
        `broker ${this.#nodeId} does not coordinate ${transactionalId}`,
      )
    }
    if (this.#cluster.isLoading(transactionalId)) {
      throw new RequestRefused(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS, `${transactionalId} is not loaded yet`)
    }
    return this.#cluster.transactions.get(transactionalId)
  }

  #create(transactionalId: string, timeoutMs: number): CoordinatedTransaction {
    const metadata = new TransactionMetadata(transactionalId, this.#cluster.allocateProducerId(), timeoutMs)
    const transaction = { metadata, coordinatorId: this.#nodeId, coordinatorEpoch: 0 }
    this.#cluster.transactions.set(transactionalId, transaction)
    return transaction
  }
}

/** A producer id that the transactional id does not have, nor had just before. */
function refuseStranger(metadata: TransactionMetadata, { producerId, producerEpoch }: ProducerIdAndEpoch): void {
  const isFormer = producerId === metadata.previousProducerId && isEpochExhausted(producerEpoch)
  if (metadata.isNew || producerId === metadata.producerId || isFormer) return
  throw new RequestRefused(ErrorCode.PRODUCER_FENCED, `${metadata.transactionalId} has another producer id`)
}

function refuseFormer(metadata: TransactionMetadata, producer: ProducerIdAndEpoch): void {
  refuseOther(metadata, producer)
  if (metadata.producerEpoch !== producer.producerEpoch) refuseFenced(metadata, producer)
}

function refuseUnknown(transactionalId: string): never {
  throw new RequestRefused(ErrorCode.INVALID_PRODUCER_ID_MAPPING, `nothing is known of ${transactionalId}`)
}
