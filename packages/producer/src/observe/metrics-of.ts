import type { Engine } from '../engine.ts'
import type { Metrics, NodeMetrics, ProducerMetrics, TopicMetrics } from './metrics.ts'
import type { TopicMeters } from './topic-meters.ts'
import type { TrafficMeters } from './traffic-meters.ts'

export function metricsOf(engine: Engine, nowMs: number): Metrics {
  const topics = [...engine.metadata.topics]
  return {
    producer: ofProducer(engine, nowMs),
    topics: Object.fromEntries(topics.map(({ name, meters }) => [name, ofTopic(meters, nowMs)])),
    nodes: Object.fromEntries(engine.cluster.nodes.map(({ id, meters }) => [String(id), ofTraffic(meters, nowMs)])),
  }
}

function ofProducer({ meters, memory, admission, cluster, metadata }: Engine, nowMs: number): ProducerMetrics {
  const { nodes } = cluster
  return {
    'record-send-rate': meters.sentRecords.rate(nowMs),
    'record-send-total': meters.sentRecords.total,
    'records-per-request-avg': meters.sentRecords.average(nowMs),
    'record-size-avg': meters.sentBytes.sum(nowMs) / meters.sentRecords.sum(nowMs),
    'record-retry-rate': meters.retriedRecords.rate(nowMs),
    'record-retry-total': meters.retriedRecords.total,
    'record-error-rate': meters.failedRecords.rate(nowMs),
    'record-error-total': meters.failedRecords.total,
    'record-queue-time-avg': meters.queueTimeMs.average(nowMs),
    'record-queue-time-max': meters.queueTimeMs.max(nowMs),
    'batch-size-avg': meters.sentBytes.average(nowMs),
    'batch-size-max': meters.sentBytes.max(nowMs),
    'batch-split-rate': meters.splitBatches.rate(nowMs),
    'batch-split-total': meters.splitBatches.total,
    'compression-rate-avg': meters.compressionRate.average(nowMs),
    'produce-throttle-time-avg': meters.throttleMs.average(nowMs),
    'produce-throttle-time-max': meters.throttleMs.max(nowMs),
    'requests-in-flight': nodes.reduce((sum, { inFlightCount }) => sum + inFlightCount, 0),
    'metadata-age': metadata.isKnown ? (nowMs - metadata.updatedAtMs) / 1000 : NaN,
    'buffer-total-bytes': memory.limitBytes,
    'buffer-available-bytes': memory.availableBytes,
    'bufferpool-wait-ratio': meters.bufferWaitMs.share(nowMs),
    'bufferpool-wait-time-ns-total': meters.bufferWaitMs.totalMs(nowMs) * 1e6,
    'buffer-exhausted-rate': meters.exhaustedRecords.rate(nowMs),
    'buffer-exhausted-total': meters.exhaustedRecords.total,
    'waiting-threads': admission.memoryWaiterCount,
    'connection-count': nodes.filter(({ connection }) => connection?.isSetUp === true).length,
    'connection-creation-rate': meters.connects.rate(nowMs),
    'connection-creation-total': meters.connects.total,
    'connection-close-rate': meters.disconnects.rate(nowMs),
    'connection-close-total': meters.disconnects.total,
    'failed-authentication-rate': meters.failedAuthentications.rate(nowMs),
    'failed-authentication-total': meters.failedAuthentications.total,
    ...ofTraffic(meters, nowMs),
  }
}

function ofTopic(meters: TopicMeters, nowMs: number): TopicMetrics {
  return {
    'record-send-rate': meters.sentRecords.rate(nowMs),
    'record-send-total': meters.sentRecords.total,
    'byte-rate': meters.sentBytes.rate(nowMs),
    'byte-total': meters.sentBytes.total,
    'compression-rate': meters.compressionRate.average(nowMs),
    'record-retry-rate': meters.retriedRecords.rate(nowMs),
    'record-retry-total': meters.retriedRecords.total,
    'record-error-rate': meters.failedRecords.rate(nowMs),
    'record-error-total': meters.failedRecords.total,
  }
}

function ofTraffic({ requestBytes, responseBytes, produceLatencyMs }: TrafficMeters, nowMs: number): NodeMetrics {
  return {
    'request-latency-avg': produceLatencyMs.average(nowMs),
    'request-latency-max': produceLatencyMs.max(nowMs),
    'request-rate': requestBytes.countRate(nowMs),
    'request-total': requestBytes.count,
    'request-size-avg': requestBytes.average(nowMs),
    'request-size-max': requestBytes.max(nowMs),
    'response-rate': responseBytes.countRate(nowMs),
    'response-total': responseBytes.count,
    'outgoing-byte-rate': requestBytes.rate(nowMs),
    'outgoing-byte-total': requestBytes.total,
    'incoming-byte-rate': responseBytes.rate(nowMs),
    'incoming-byte-total': responseBytes.total,
  }
}
