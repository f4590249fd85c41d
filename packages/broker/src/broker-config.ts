/** How a broker behaves towards all its clients. */
export interface BrokerConfig {
  /** Metadata creates a topic that it is asked for (auto.create.topics.enable). */
  readonly autoCreateTopics: boolean
  /** Partitions of such a topic, and of one created without a number (num.partitions). */
  readonly defaultPartitions: number
  /** The most bytes of records in one answer to Fetch (fetch.max.bytes). */
  readonly fetchMaxBytes: number
  /** Produce answers with right offsets but stores and checks nothing: for measuring clients. */
  readonly sink: boolean
  /** How old a producer's newest record may be, by its own timestamp, until the producer is forgotten (producer.id.expiration.ms). */
  readonly producerIdExpirationMs: number
  /** The longest timeout a transactional producer may ask for (transaction.max.timeout.ms). */
  readonly transactionMaxTimeoutMs: number
  /** From the end of a transaction to its first marker. As long as markers are missing the next one must wait. */
  readonly transactionMarkerDelayMs: number
  /** Clients may push their metrics (a plugin for it among metric.reporters): else nobody is told of the APIs. */
  readonly clientTelemetry: boolean
  /** The most bytes of one push (telemetry.max.bytes). */
  readonly telemetryMaxBytes: number
}

export const brokerConfigDefaults: BrokerConfig = {
  autoCreateTopics: true,
  defaultPartitions: 1,
  fetchMaxBytes: 55 * 1024 * 1024,
  sink: false,
  producerIdExpirationMs: 24 * 60 * 60 * 1000,
  transactionMaxTimeoutMs: 15 * 60 * 1000,
  transactionMarkerDelayMs: 0,
  clientTelemetry: false,
  telemetryMaxBytes: 1024 * 1024,
}
