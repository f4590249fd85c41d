import type { RecordAccumulator } from '../accumulate/record-accumulator.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { backoffMs, firstBackoffMs } from '../backoff.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Metadata, NamedLeader } from '../cluster/metadata.ts'
import type { Logger } from '../config/producer-config.ts'
import type { KafkaError } from '../errors.ts'
import type { BatchStamp, SequenceStep } from '../idempotence/batch-stamp.ts'
import { OldRecordsWarning } from '../idempotence/old-records-warning.ts'
import type { ProducerMeters } from '../observe/producer-meters.ts'
import type { Connection } from '../network/connection.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { NodeEndpoint, PartitionAnswer, ProduceEvents } from '../request/produce-exchange.ts'
import {
  attemptRefused,
  deliveryTimeout,
  endedAfterTimeout,
  errorPerRecord,
  lost,
  refused,
  unsupported,
} from './batch-errors.ts'
import { produceDecision, type BatchFacts } from './produce-decision.ts'

export interface BatchJudgeOptions {
  readonly deliveryTimeoutMs: number
  readonly retries: number
  readonly retryBackoffMs: number
  readonly retryBackoffMaxMs: number
  readonly acks: 0 | 1 | -1
  readonly logger: Logger
}

export interface BatchJudgeDeps {
  readonly clock: Clock
  readonly random: Random
  readonly accumulator: RecordAccumulator
  readonly metadata: Metadata
  readonly stamp: BatchStamp
  readonly meters: ProducerMeters
  readonly options: BatchJudgeOptions
  readonly onReady: (partition: PartitionQueue) => void
  /** A batch fails: what is told of it, since it may take its transaction with it. */
  readonly asFailed: (error: KafkaError) => KafkaError
  /** The producer can never send again. */
  readonly onFatal: (error: KafkaError) => void
  /** A listener threw. */
  readonly onThrow: (error: unknown) => void
}

/**
 * Ends a batch or sends it round again, after an answer, a lost connection or the end of its time. A retry keeps
 * its bytes and goes to the front of its partition.
 */
export class BatchJudge implements ProduceEvents {
  readonly #deps: BatchJudgeDeps
  readonly #oldRecords: OldRecordsWarning

  constructor(deps: BatchJudgeDeps) {
    this.#deps = deps
    this.#oldRecords = new OldRecordsWarning(deps.options.logger)
  }

  onAnswer(batch: ProducerBatch, answer: PartitionAnswer): void {
    if (!batch.isSettled) this.#decide(batch, answer) // else it expired while it was on the wire
  }

  onLeaderNamed(partition: PartitionQueue, leader: NamedLeader, endpoints: readonly NodeEndpoint[]): void {
    this.#deps.metadata.onLeaderNamed(partition, leader, endpoints)
  }

  #decide(batch: ProducerBatch, answer: PartitionAnswer): void {
    const { stamp, metadata, clock } = this.#deps
    const decision = produceDecision(answer.errorCode, this.#factsOf(batch, answer))
    switch (decision.kind) {
      case 'acknowledge':
        this.#acknowledge(
          batch,
          decision.offsetIsKnown ? offsetOf(answer.baseOffset) : undefined,
          Number(answer.logAppendTimeMs),
          offsetOf(answer.logStartOffset),
        )
        break
      case 'retry':
        if (decision.refreshMetadata) metadata.refresh()
        batch.mayBeWritten = decision.mayBeWritten
        batch.lastError = attemptRefused(answer)
        this.#retry(batch, firstBackoffMs(answer.errorCode, this.#deps.options.retryBackoffMs))
        break
      case 'restamp':
        stamp.onFailed(batch, decision.identity)
        batch.unseal()
        batch.lastError = attemptRefused(answer)
        this.#retry(batch)
        break
      case 'split':
        stamp.onFailed(batch, 'rewind')
        this.#deps.accumulator.split(batch)
        this.#deps.meters.splitBatches.record(1, clock.now())
        this.#leaveFlight(batch)
        break
      case 'fail': {
        if (decision.refreshMetadata) metadata.refresh()
        const error = refused(batch, answer, decision, clock.now() - batch.createdMs)
        this.#failEach(batch, errorPerRecord(this.#deps.asFailed(error), answer), decision.identity)
        if (decision.fatal) this.#deps.onFatal(error)
        break
      }
    }
  }

  onHandedOver(batch: ProducerBatch): void {
    if (!batch.isSettled) this.#acknowledge(batch, undefined, -1, undefined)
  }

  /** Bytes may have reached the broker, so the batch may be in its log; nothing less is known. */
  onLost(batch: ProducerBatch, error: Error): void {
    if (batch.isSettled) return
    this.#deps.metadata.refresh()
    batch.mayBeWritten = true
    batch.lastError = error
    if (this.#deps.options.acks !== 0 && this.#mayRetry(batch)) this.#retry(batch)
    else this.#fail(batch, lost(batch, this.#ageOf(batch), 'unknown', error), 'bump')
  }

  onAnswered(node: BrokerNode, sentMs: number, throttleTimeMs: number): void {
    const nowMs = this.#deps.clock.now()
    node.meters.onProduced(nowMs - sentMs, throttleTimeMs, nowMs)
    if (throttleTimeMs > 0) node.throttle(throttleTimeMs)
  }

  /** The broker of this batch speaks no Produce version that we do. */
  onUnsupported(batch: ProducerBatch): void {
    if (batch.isSettled) return // by whoever was told of one before
    this.#fail(batch, unsupported(batch), batch.mayBeWritten ? 'bump' : 'rewind')
  }

  /** When the next batch's time is over. */
  get deadlineMs(): number {
    const batch = this.#deps.accumulator.oldestBatch
    return batch === undefined ? Infinity : batch.createdMs + this.#deps.options.deliveryTimeoutMs
  }

  /**
   * Fails what is older than the delivery timeout. One in flight takes its connection with it: its late answer, or
   * its late bytes, must not meet what comes after.
   */
  expire(nowMs: number): void {
    const connections = new Set<Connection>()
    for (
      let batch = this.#deps.accumulator.oldestBatch;
      batch !== undefined;
      batch = this.#deps.accumulator.oldestBatch
    ) {
      if (batch.createdMs + this.#deps.options.deliveryTimeoutMs > nowMs) break
      const { partition } = batch
      const isInFlight = partition.inFlight === batch
      batch.mayBeWritten ||= isInFlight
      const outcome = batch.mayBeWritten ? 'unknown' : 'never'
      const error = deliveryTimeout(
        batch,
        nowMs - batch.createdMs,
        outcome,
        batch.lastError ?? batch.partition.leader?.lastError,
      )
      partition.remove(batch)
      this.#fail(batch, error, outcome === 'unknown' ? 'bump' : 'rewind')
      if (isInFlight && batch.sentTo !== undefined) connections.add(batch.sentTo)
    }
    // Only now, so that each batch that expired has an error of its own.
    for (const connection of connections) connection.close(endedAfterTimeout(connection))
  }

  /** Fails every batch there is: the producer ends. What is on the wire may still arrive. */
  failAll(errorFor: (outcome: 'never' | 'unknown') => KafkaError): void {
    for (
      let batch = this.#deps.accumulator.oldestBatch;
      batch !== undefined;
      batch = this.#deps.accumulator.oldestBatch
    ) {
      const isUnknown = batch.partition.inFlight === batch || batch.mayBeWritten
      batch.partition.remove(batch)
      const error = errorFor(isUnknown ? 'unknown' : 'never')
      this.#failEach(batch, () => error, 'rewind')
    }
  }

  /** Fails every batch that surely was not written and is not on its way: its transaction is aborted. */
  dropUnsent(error: KafkaError): void {
    for (const { queues } of this.#deps.metadata.topics) {
      for (const partition of queues) {
        const waiting = partition.open === undefined ? partition.closed : [...partition.closed, partition.open]
        for (const batch of waiting.filter(({ mayBeWritten }) => !mayBeWritten)) {
          if (batch.isSettled) continue // by whoever was told of one before
          partition.remove(batch)
          this.#failEach(batch, () => error, 'rewind')
        }
      }
    }
  }

  #factsOf(batch: ProducerBatch, { logStartOffset }: PartitionAnswer): BatchFacts {
    return {
      isIdempotent: this.#deps.stamp.isIdempotent,
      isTransactional: this.#deps.stamp.isTransactional,
      mayBeWritten: batch.mayBeWritten,
      mayRetry: this.#mayRetry(batch),
      maySplit: batch.recordCount > 1 && this.#isInTime(batch),
      isLogStartKnown: logStartOffset >= 0n,
    }
  }

  #mayRetry(batch: ProducerBatch): boolean {
    return batch.attempts <= this.#deps.options.retries && this.#isInTime(batch)
  }

  #isInTime(batch: ProducerBatch): boolean {
    return this.#ageOf(batch) < this.#deps.options.deliveryTimeoutMs
  }

  #ageOf(batch: ProducerBatch): number {
    return this.#deps.clock.now() - batch.createdMs
  }

  #acknowledge(
    batch: ProducerBatch,
    baseOffset: number | undefined,
    logAppendTimeMs: number,
    logStartOffset: number | undefined,
  ): void {
    batch.partition.retryAtMs = 0
    this.#leaveFlight(batch)
    batch.acknowledge(baseOffset, logAppendTimeMs, logStartOffset, this.#deps.onThrow)
    batch.group.leave(batch.liveCount)
  }

  #fail(batch: ProducerBatch, error: KafkaError, step: SequenceStep): void {
    const failed = this.#deps.asFailed(error)
    this.#failEach(batch, () => failed, step)
  }

  #failEach(batch: ProducerBatch, errorOf: (index: number) => KafkaError, step: SequenceStep): void {
    const { stamp, meters, clock } = this.#deps
    stamp.onFailed(batch, step)
    this.#leaveFlight(batch)
    meters.onFailed(batch.partition.topic, batch.liveCount, clock.now())
    batch.fail(errorOf, this.#deps.onThrow)
    batch.group.leave(batch.liveCount)
  }

  #retry(batch: ProducerBatch, firstMs: number = this.#deps.options.retryBackoffMs): void {
    const { clock, random, options, meters, stamp } = this.#deps
    const { partition } = batch
    const nowMs = clock.now()
    meters.onRetried(batch, nowMs)
    if (batch.mayBeWritten && stamp.isIdempotent && !stamp.isTransactional)
      this.#oldRecords.onRetry(batch, clock.wallTime())
    partition.retryAtMs = nowMs + backoffMs(batch.attempts, firstMs, options.retryBackoffMaxMs, random)
    partition.closed.unshift(batch)
    this.#leaveFlight(batch)
  }

  /** The partition may send its next batch. */
  #leaveFlight(batch: ProducerBatch): void {
    const { partition } = batch
    if (partition.inFlight === batch) partition.inFlight = undefined
    if (partition.closed.length > 0 || partition.open !== undefined) this.#deps.onReady(partition)
  }
}

/** An offset past 2^53 would be rounded: unknown is the truth then. */
function offsetOf(answered: bigint): number | undefined {
  const offset = Number(answered)
  return offset >= 0 && Number.isSafeInteger(offset) ? offset : undefined
}
