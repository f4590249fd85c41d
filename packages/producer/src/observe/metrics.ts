/**
 * What a producer is doing, under the names of Java's metrics.
 *
 * Rates are per second, over the last 30 to 60 seconds. Averages and maxima are of the same time, and NaN where there was
 * nothing in it. Totals are since the beginning. Times are milliseconds and sizes bytes, unless the name says otherwise.
 *
 * @source Kafka SenderMetricsRegistry, KafkaProducerMetrics, BufferPool, Selector
 */
export interface Metrics {
  readonly producer: ProducerMetrics
  /** By topic. */
  readonly topics: Readonly<Record<string, TopicMetrics>>
  /** By node id. Bootstrap servers have negative ones. */
  readonly nodes: Readonly<Record<string, NodeMetrics>>
}

/** Java's producer-metrics. */
export interface ProducerMetrics extends NodeMetrics {
  /** Records in requests; one that is sent again counts again. */
  readonly 'record-send-rate': number
  readonly 'record-send-total': number
  readonly 'records-per-request-avg': number
  /** What a record comes to in its batch, as it is sent. */
  readonly 'record-size-avg': number
  /** Records that are to be sent again. */
  readonly 'record-retry-rate': number
  readonly 'record-retry-total': number
  /** Records that have failed for good, and those that are refused at once, since they are wrong. */
  readonly 'record-error-rate': number
  readonly 'record-error-total': number
  /** From a batch's first record to its leaving. */
  readonly 'record-queue-time-avg': number
  readonly 'record-queue-time-max': number
  /** As batches are sent. */
  readonly 'batch-size-avg': number
  readonly 'batch-size-max': number
  /** Batches that a broker found too large. */
  readonly 'batch-split-rate': number
  readonly 'batch-split-total': number
  /** What is left of a batch by compression: 1 where nothing is compressed. */
  readonly 'compression-rate-avg': number
  /** How long brokers asked for a pause, answer by answer. */
  readonly 'produce-throttle-time-avg': number
  readonly 'produce-throttle-time-max': number
  readonly 'requests-in-flight': number
  /** Seconds since all topics were last asked for. NaN before the first answer. */
  readonly 'metadata-age': number
  readonly 'buffer-total-bytes': number
  readonly 'buffer-available-bytes': number
  /** The share of time in which records found the buffer full, 0 to 1. What lasts still is in it. */
  readonly 'bufferpool-wait-ratio': number
  readonly 'bufferpool-wait-time-ns-total': number
  /** Records that found no room within `maxBlockMs`. */
  readonly 'buffer-exhausted-rate': number
  readonly 'buffer-exhausted-total': number
  /** Records that wait for room: no thread stands still for them here. */
  readonly 'waiting-threads': number
  /** Of those that are set up. One whose session is renewed is. */
  readonly 'connection-count': number
  readonly 'connection-creation-rate': number
  readonly 'connection-creation-total': number
  readonly 'connection-close-rate': number
  readonly 'connection-close-total': number
  readonly 'failed-authentication-rate': number
  readonly 'failed-authentication-total': number
}

/** Java's producer-topic-metrics. */
export interface TopicMetrics {
  readonly 'record-send-rate': number
  readonly 'record-send-total': number
  /** As batches are sent. */
  readonly 'byte-rate': number
  readonly 'byte-total': number
  readonly 'compression-rate': number
  readonly 'record-retry-rate': number
  readonly 'record-retry-total': number
  readonly 'record-error-rate': number
  readonly 'record-error-total': number
}

/** For adapters, which have to name what they give away before a topic is there. */
export const topicMetricNames: readonly (keyof TopicMetrics)[] = [
  'record-send-rate',
  'record-send-total',
  'byte-rate',
  'byte-total',
  'compression-rate',
  'record-retry-rate',
  'record-retry-total',
  'record-error-rate',
  'record-error-total',
]

/** Java's producer-node-metrics. The latency is that of Produce requests; the rest is of all requests. */
export interface NodeMetrics {
  readonly 'request-latency-avg': number
  readonly 'request-latency-max': number
  readonly 'request-rate': number
  readonly 'request-total': number
  readonly 'request-size-avg': number
  readonly 'request-size-max': number
  readonly 'response-rate': number
  readonly 'response-total': number
  readonly 'outgoing-byte-rate': number
  readonly 'outgoing-byte-total': number
  readonly 'incoming-byte-rate': number
  readonly 'incoming-byte-total': number
}
