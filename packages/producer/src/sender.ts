import { produce } from '@linger/protocol'
import type { Admission } from './accumulate/admission.ts'
import type { BufferMemory } from './accumulate/buffer-memory.ts'
import type { PartitionQueue } from './accumulate/partition-queue.ts'
import type { RecordAccumulator } from './accumulate/record-accumulator.ts'
import type { BatchJudge } from './ack/batch-judge.ts'
import type { BatchCompressor } from './batch/batch-compressor.ts'
import type { BrokerRequests } from './admin/broker-requests.ts'
import type { Alarms } from './alarms.ts'
import type { ProducerBatch } from './batch/producer-batch.ts'
import type { BrokerNode } from './cluster/broker-node.ts'
import type { Cluster } from './cluster/cluster.ts'
import type { Metadata } from './cluster/metadata.ts'
import type { Connection } from './network/connection.ts'
import type { BatchStamp } from './idempotence/batch-stamp.ts'
import type { ProducerMeters } from './observe/producer-meters.ts'
import type { StatisticsFeed } from './observe/statistics-feed.ts'
import type { Clock } from './ports/clock.ts'
import { encodeProduceRequest, type ProduceTopic, TOPIC_ID_VERSION } from './request/produce-request.ts'
import { ProduceExchange } from './request/produce-exchange.ts'
import type { TelemetryReporter } from './telemetry/telemetry-reporter.ts'
import type { TimedRecords } from './timed/timed-records.ts'
import type { TransactionManager } from './transaction/transaction-manager.ts'

/** While a connection has requests in flight, less than this waits for company... */
const COMPANY_BYTES = 64 * 1024

/** ...for this long at most. */
const COMPANY_MS = 1

/**
 * A batch costs some microseconds whatever is in it. Where many partitions are ready at once, the next request waits
 * until this much time per batch has passed since the last one, so that batches fill instead.
 */
const PACE_MS_PER_BATCH = 0.03

/** Shorter waits than this are not worth a timer: a few partitions never wait. */
const PACE_MS_MIN = 1

/** From this version on a Produce request adds its partitions to the transaction (KIP-890). */
const TRANSACTIONS_V2_VERSION = 12

export interface SenderOptions {
  readonly clientId: string
  readonly acks: 0 | 1 | -1
  readonly transactionalId: string | undefined
  readonly acksTimeoutMs: number
  readonly maxProduceRequestBytes: number
}

export interface SenderDeps {
  readonly clock: Clock
  readonly memory: BufferMemory
  readonly accumulator: RecordAccumulator
  readonly admission: Admission
  readonly cluster: Cluster
  readonly metadata: Metadata
  readonly stamp: BatchStamp
  /** Undefined when nothing is compressed. */
  readonly compressor: BatchCompressor | undefined
  readonly judge: BatchJudge
  /** Undefined when the producer is not transactional. */
  readonly transactions: TransactionManager | undefined
  readonly requests: BrokerRequests
  readonly alarms: Alarms
  /** Memory was given back: whoever waits for it may try. */
  readonly onMemoryReleased: () => void
  readonly meters: ProducerMeters
  readonly statistics: StatisticsFeed
  /** Undefined when no metrics are pushed to brokers. */
  readonly telemetry: TelemetryReporter | undefined
  readonly timed: TimedRecords
  readonly options: SenderOptions
}

/**
 * Moves batches from the accumulator to the brokers.
 *
 * Whatever may make progress possible (a full batch, an answer, new metadata, a timer) calls `wake()` and nothing
 * else. Only `#run()` sends, so the order of sends is decided in one place, and nothing re-enters it.
 */
export class Sender {
  readonly #deps: SenderDeps
  /** Partitions with a batch to send that must wait: for a leader, the end of a back-off, or their transaction. */
  readonly #held = new Set<PartitionQueue>()
  #isScheduled = false
  /** The clock rang since the last run. */
  #isRung = false
  #isClosed = false

  constructor(deps: SenderDeps) {
    this.#deps = deps
  }

  /** Any number of calls in one tick make one run after it. */
  wake(): void {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    this.#deps.clock.soon(this.#runScheduled)
  }

  /** A connection has written its request: whoever found it busy may try again. */
  onWritable(node: BrokerNode): void {
    const { metadata, stamp, transactions, requests } = this.#deps
    const isWanted = metadata.isWanted || !stamp.isReady || transactions?.isWaiting === true || requests.isWaiting
    if (node.readyPartitions.length > 0 || isWanted) this.wake()
  }

  /** The partition has a batch that may leave, or may have: it is queued at its leader, unless it must wait. */
  onReady(partition: PartitionQueue): void {
    this.#deps.compressor?.beginAhead(partition)
    if (partition.isQueued || partition.inFlight !== undefined) return
    const nowMs = this.#deps.clock.now()
    const isAdmitted = this.#isAdmitted(partition)
    if (partition.leader === undefined || partition.retryAtMs > nowMs || !isAdmitted) {
      this.#held.add(partition)
      if (partition.leader === undefined) this.#deps.metadata.refresh()
    } else {
      partition.leader.enqueue(partition, nowMs)
    }
    this.wake()
  }

  /** A batch was compressed: it may be the one that its partition waits for. */
  onCompressed(partition: PartitionQueue): void {
    if (this.#isClosed) return
    if (partition.closed.length > 0 || partition.open !== undefined) this.onReady(partition)
    else this.wake() // its raw bytes were given back
  }

  /** Nothing is sent to a partition that its transaction does not include yet. */
  #isAdmitted(partition: PartitionQueue): boolean {
    return this.#deps.transactions?.admit(partition) ?? true
  }

  /** What stands in the old leader's queue is void; the partition asks anew. */
  onLeaderChanged(partition: PartitionQueue): void {
    partition.isQueued = false
    partition.retryAtMs = 0 // another broker: nothing to wait for
    if (!partition.isEmpty) this.onReady(partition)
  }

  close(): void {
    this.#isClosed = true
    this.#deps.clock.wakeAt(Infinity, () => {})
  }

  readonly #ring = (): void => {
    this.#isRung = true
    this.wake()
  }

  readonly #runScheduled = (): void => {
    this.#isScheduled = false
    if (!this.#isClosed) this.#run()
  }

  #run(): void {
    const { clock, memory, accumulator, cluster, metadata, stamp, requests, telemetry, timed } = this.#deps
    const nowMs = clock.now()

    if (this.#isRung) this.#expire(nowMs)
    if (timed.deadlineMs <= nowMs) timed.run(nowMs)
    accumulator.takeLingered(nowMs)
    this.#releaseHeld(nowMs)
    if (memory.takeWasReleased()) this.#deps.onMemoryReleased()
    metadata.run(nowMs)
    stamp.run(nowMs)
    if (requests.isWaiting) requests.run(nowMs)
    if (telemetry !== undefined) telemetry.run(nowMs)

    let companyDeadlineMs = Infinity
    for (const node of cluster.brokers) {
      if (node.readyPartitions.length > 0) companyDeadlineMs = Math.min(companyDeadlineMs, this.#sendTo(node, nowMs))
    }
    this.#arm(nowMs, companyDeadlineMs)
  }

  /**
   * Ends what took too long. Only when the clock rings, since all that had arrived by then was delivered before: after
   * a freeze of the process the answers are read first, and only what has none is late.
   */
  #expire(nowMs: number): void {
    const { admission, cluster, judge, metadata, requests, alarms, statistics } = this.#deps
    this.#isRung = false
    alarms.run(nowMs)
    requests.expire(nowMs)
    cluster.checkDeadlines(nowMs)
    admission.expire(nowMs)
    judge.expire(nowMs)
    metadata.expire(nowMs)
    statistics.run(nowMs)
  }

  #arm(nowMs: number, companyDeadlineMs: number): void {
    const {
      clock,
      accumulator,
      admission,
      cluster,
      metadata,
      stamp,
      judge,
      transactions,
      requests,
      alarms,
      statistics,
      telemetry,
      timed,
    } = this.#deps
    const isMetadataAwaited = metadata.isAwaited
    const isAwaited = isMetadataAwaited || transactions?.isWaiting === true || requests.isWaiting
    const metadataAtMs = metadata.deadlineMs(nowMs)
    // Whoever wanted a topic gave up. It is still looked for, as long as the process lives for something else.
    const isGivenUp = !isMetadataAwaited && metadata.isWanted
    let deadlineMs = Math.min(
      companyDeadlineMs,
      cluster.deadlineMs(nowMs, isAwaited || telemetry?.isWaiting(nowMs) === true),
      requests.deadlineMs(nowMs),
      admission.deadlineMs,
      judge.deadlineMs,
      alarms.deadlineMs,
      timed.deadlineMs,
      accumulator.lingerDeadlineMs,
      isGivenUp ? Infinity : metadataAtMs,
      stamp.deadlineMs > nowMs ? stamp.deadlineMs : Infinity,
    )
    for (const { retryAtMs } of this.#held) if (retryAtMs > nowMs) deadlineMs = Math.min(deadlineMs, retryAtMs)
    const idleDeadlineMs = Math.min(
      statistics.deadlineMs,
      telemetry?.deadlineMs(nowMs) ?? Infinity,
      isGivenUp ? Math.min(metadataAtMs, cluster.deadlineMs(nowMs, true)) : Infinity,
    )
    clock.wakeAt(Math.min(deadlineMs, idleDeadlineMs), this.#ring, deadlineMs === Infinity)
  }

  #releaseHeld(nowMs: number): void {
    for (const partition of this.#held) {
      // What it had was dropped or has expired: nothing is to be admitted for it, least of all to the next transaction.
      if (partition.isEmpty) {
        this.#held.delete(partition)
        continue
      }
      if (partition.leader === undefined || partition.retryAtMs > nowMs || !this.#isAdmitted(partition)) continue
      this.#held.delete(partition)
      this.onReady(partition)
    }
  }

  /**
   * Sends what is ready for one broker, as far as its connection takes it.
   *
   * @returns when to look again although nothing happens: the end of the wait for company
   */
  #sendTo(node: BrokerNode, nowMs: number): number {
    node.connect(nowMs)
    while (node.readyPartitions.length > 0 && node.canSend(nowMs) && this.#deps.stamp.isReady) {
      const waitUntilMs = this.#waitUntilMs(node, nowMs)
      if (nowMs < waitUntilMs) return waitUntilMs
      const batches = this.#takeBatches(node, nowMs)
      if (batches.length > 0) this.#send(node, batches, nowMs)
    }
    return Infinity
  }

  /** Until when what is ready for a broker waits for more: 0 when it does not. */
  #waitUntilMs(node: BrokerNode, nowMs: number): number {
    const { accumulator, admission } = this.#deps
    if (accumulator.isHurried || admission.isWaitedFor) return 0
    const paceMs = node.readyPartitions.length * PACE_MS_PER_BATCH
    const pacedUntilMs = paceMs < PACE_MS_MIN ? 0 : node.lastSendMs + paceMs
    const companyUntilMs = node.readySinceMs + COMPANY_MS
    const isAlone = node.inFlightCount > 0 && nowMs < companyUntilMs && !hasBytes(node, COMPANY_BYTES)
    return isAlone ? Math.max(pacedUntilMs, companyUntilMs) : pacedUntilMs
  }

  /** One batch of each ready partition, up to the size of a request; the rest stays queued. */
  #takeBatches(node: BrokerNode, nowMs: number): ProducerBatch[] {
    const { accumulator, options } = this.#deps
    const batches: ProducerBatch[] = []
    let sizeBytes = 0
    const ready = node.takeReady()
    for (const partition of ready) {
      // A leader that went and came back has the partition twice: the first place counts.
      if (partition.leader !== node || partition.inFlight !== undefined || !partition.isQueued) continue
      if (batches.length > 0 && sizeBytes + nextSizeOf(partition) > options.maxProduceRequestBytes) {
        node.enqueue(partition, nowMs)
        continue
      }
      partition.isQueued = false
      if (!accumulator.hasReadyBatch(partition, nowMs) || !this.#isCompressed(partition)) continue
      const batch = partition.takeBatch()
      if (batch === undefined) continue
      batches.push(batch)
      sizeBytes += batch.wireBytes
    }
    return batches
  }

  /** The partition's next batch is what will be sent. Else it is made so, and the partition is ready again afterwards. */
  #isCompressed(partition: PartitionQueue): boolean {
    const { compressor, accumulator } = this.#deps
    const batch = compressor === undefined ? undefined : partition.nextBatch()
    if (compressor === undefined || batch === undefined) return true
    if (!compressor.prepare(batch)) return false
    if (!accumulator.isTooLarge(batch)) return true
    accumulator.splitUnsent(batch)
    this.onReady(partition)
    return false
  }

  #send(node: BrokerNode, batches: readonly ProducerBatch[], nowMs: number): void {
    node.lastSendMs = nowMs
    const { judge, stamp, meters, transactions, options } = this.#deps
    const connection = node.connection
    const newest = this.#produceVersion(connection)
    if (connection === undefined || newest === undefined) {
      for (const batch of batches) judge.onUnsupported(batch)
      return
    }
    const version = batches.every(({ partition }) => partition.topic.id !== undefined)
      ? newest
      : Math.min(newest, TOPIC_ID_VERSION - 1)

    for (const batch of batches) {
      batch.partition.inFlight = batch
      batch.onSent(connection)
    }
    transactions?.onProduce()
    const correlationId = connection.takeCorrelationId()
    const request = encodeProduceRequest(version, {
      correlationId,
      clientId: options.clientId,
      transactionalId: options.transactionalId ?? null,
      acks: options.acks,
      timeoutMs: options.acksTimeoutMs,
      topics: byTopic(batches, stamp),
    })
    meters.onSent(batches, node.meters, nowMs)
    connection.send(correlationId, request, new ProduceExchange(version, options.acks, batches, node, nowMs, judge))
  }

  /** The newest that the broker and the transaction's version allow. */
  #produceVersion(connection: Connection | undefined): number | undefined {
    const { transactions } = this.#deps
    const newest = connection?.versionOf(produce)
    if (transactions === undefined || newest === undefined) return newest
    if (!transactions.isV2) return Math.min(newest, TRANSACTIONS_V2_VERSION - 1)
    return newest >= TRANSACTIONS_V2_VERSION ? newest : undefined
  }
}

/** True when the batches that are ready for a broker come to this much. */
function hasBytes(node: BrokerNode, wantedBytes: number): boolean {
  let bytes = 0
  for (const partition of node.readyPartitions) {
    bytes += nextSizeOf(partition)
    if (bytes >= wantedBytes) return true
  }
  return false
}

/** What the partition's next batch comes to by now. */
function nextSizeOf(partition: PartitionQueue): number {
  return (partition.closed[0] ?? partition.open)?.wireBytes ?? 0
}

/** A request names each topic once. */
function byTopic(batches: readonly ProducerBatch[], stamp: BatchStamp): ProduceTopic[] {
  const topics = new Map<
    string,
    { name: string; id: string | undefined; partitions: { index: number; records: readonly Uint8Array[] }[] }
  >()
  for (const batch of batches) {
    const { topic, index } = batch.partition
    let entry = topics.get(topic.name)
    if (entry === undefined) {
      entry = { name: topic.name, id: topic.id, partitions: [] }
      topics.set(topic.name, entry)
    }
    entry.partitions.push({ index, records: stamp.bytesOf(batch) })
  }
  return [...topics.values()]
}
