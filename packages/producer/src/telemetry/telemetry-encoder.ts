/** One metric of the producer, of one of its topics, or of a broker as it sees it. */
export interface TelemetryMetric {
  /** `org.apache.kafka.producer.connection.creation.rate` */
  readonly name: string
  /** What it is a metric of, `{ topic: 'orders' }` or `{ node_id: 'node-1' }`. Nothing: the producer. */
  readonly labels: Readonly<Record<string, string>>
  /**
   * 'gauge': the value of now. 'cumulative': what was counted since the beginning. 'delta': what was counted since a broker
   * was last told.
   */
  readonly kind: 'gauge' | 'cumulative' | 'delta'
  readonly value: number
  /** When counting began, in milliseconds since 1970. For a gauge the same as `timeMs`. */
  readonly startTimeMs: number
  /** When the value was read, in milliseconds since 1970. */
  readonly timeMs: number
}

/** Makes bytes of metrics for brokers: `otlpTelemetry()` of @linger/opentelemetry is one. */
export interface TelemetryEncoder {
  /**
   * @param labels of the producer as a whole, for all metrics
   * @returns MetricsData of OpenTelemetry (v1) in protobuf, no bytes for no metrics
   */
  encode(metrics: readonly TelemetryMetric[], labels: Readonly<Record<string, string>>): Uint8Array
}
