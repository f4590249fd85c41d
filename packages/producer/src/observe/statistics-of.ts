import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { Topic } from '../accumulate/topic.ts'
import type { ProducerBatch } from '../batch/producer-batch.ts'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Engine } from '../engine.ts'
import type { BrokerStatistics, PartitionStatistics, Statistics, TopicStatistics } from './statistics.ts'
import { NodeWindows, TopicWindows } from './windows.ts'

/** Where and when statistics are taken. */
export interface StatisticsMoment {
  readonly clientId: string
  readonly nowMs: number
  readonly wallTimeMs: number
  readonly ageMs: number
}

/** Reads everything, and begins new windows. */
export function statisticsOf(engine: Engine, { clientId, nowMs, wallTimeMs, ageMs }: StatisticsMoment): Statistics {
  const { flushes, memory, metadata, cluster, meters } = engine
  const topics = [...metadata.topics]
  const unsettled = topics.flatMap(({ queues }) => queues.flatMap(batchesOf))
  const metadataAgeMs = metadata.isKnown ? nowMs - metadata.updatedAtMs : 0
  return {
    name: clientId,
    client_id: clientId,
    type: 'producer',
    ts: inMicroseconds(nowMs),
    time: Math.floor(wallTimeMs / 1000),
    age: inMicroseconds(ageMs),
    msg_cnt: flushes.unsettledCount,
    msg_size: unsettled.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    msg_max: 0,
    msg_size_max: memory.limitBytes,
    tx: meters.requestBytes.count,
    tx_bytes: meters.requestBytes.total,
    rx: meters.responseBytes.count,
    rx_bytes: meters.responseBytes.total,
    txmsgs: meters.sentRecords.total,
    txmsg_bytes: meters.sentBytes.total,
    metadata_cache_cnt: topics.filter(({ isKnown }) => isKnown).length,
    brokers: Object.fromEntries(cluster.nodes.map((node) => [nameOf(node), brokerStatistics(node, topics)])),
    topics: Object.fromEntries(topics.map((topic) => [topic.name, topicStatistics(topic, metadataAgeMs)])),
  }
}

function brokerStatistics(node: BrokerNode, topics: readonly Topic[]): BrokerStatistics {
  const { id, address, meters } = node
  const led = topics.flatMap(({ partitions }) => partitions.filter(({ leader }) => leader === node))
  const windows = meters.windows ?? new NodeWindows()
  return {
    name: nameOf(node),
    nodeid: id,
    nodename: `${address.host}:${address.port}`,
    source: id < 0 ? 'configured' : 'learned',
    state: node.connection?.isSetUp === true ? 'UP' : node.isDisconnected ? 'DOWN' : 'CONNECT',
    outbuf_cnt: node.readyPartitions.length,
    waitresp_cnt: node.inFlightCount,
    tx: meters.requestBytes.count,
    txbytes: meters.requestBytes.total,
    rx: meters.responseBytes.count,
    rxbytes: meters.responseBytes.total,
    connects: meters.connects.count,
    disconnects: meters.disconnects.count,
    int_latency: windows.queueTimeUs.take(),
    rtt: windows.produceLatencyUs.take(),
    throttle: windows.throttleMs.take(),
    toppars: Object.fromEntries(led.map(({ name, topic, index }) => [name, { topic: topic.name, partition: index }])),
  }
}

function topicStatistics({ name, partitions, meters }: Topic, metadataAgeMs: number): TopicStatistics {
  const windows = meters.windows ?? new TopicWindows()
  return {
    topic: name,
    metadata_age: partitions.length === 0 ? 0 : Math.round(metadataAgeMs),
    batchsize: windows.batchBytes.take(),
    batchcnt: windows.batchRecords.take(),
    partitions: Object.fromEntries(
      partitions.map((queue) => [String(queue.index), partitionStatistics(queue, windows)]),
    ),
  }
}

function partitionStatistics(queue: PartitionQueue, windows: TopicWindows): PartitionStatistics {
  const { index, leader, open, closed, inFlight } = queue
  const sent = windows.sent.get(index)
  return {
    partition: index,
    broker: leader?.id ?? -1,
    leader: leader?.id ?? -1,
    msgq_cnt: open?.liveCount ?? 0,
    msgq_bytes: open?.sizeBytes ?? 0,
    xmit_msgq_cnt: closed.reduce((sum, { liveCount }) => sum + liveCount, 0),
    xmit_msgq_bytes: closed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    msgs_inflight: inFlight?.liveCount ?? 0,
    txmsgs: sent?.records ?? 0,
    txbytes: sent?.bytes ?? 0,
  }
}

function batchesOf({ open, closed, inFlight }: PartitionQueue): ProducerBatch[] {
  return [...closed, ...(open === undefined ? [] : [open]), ...(inFlight === undefined ? [] : [inFlight])]
}

function nameOf({ id, address }: BrokerNode): string {
  return id < 0 ? `${address.host}:${address.port}/bootstrap` : `${address.host}:${address.port}/${id}`
}

function inMicroseconds(durationMs: number): number {
  return Math.round(durationMs * 1000)
}
