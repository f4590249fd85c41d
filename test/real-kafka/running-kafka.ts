/** Where a Kafka for tests can come from, best first. */
export type KafkaProvider = 'environment' | 'testcontainers' | 'maven'

export interface RunningKafka {
  /** Host and port of its brokers, as clients take them: 'host:port,host:port'. */
  readonly bootstrapServers: string
  /** The release, such as '4.3.1'; what the broker's answers tell when it is not ours, such as '4.3 or later'. */
  readonly version: string
  readonly provider: KafkaProvider
  /** Ends the brokers and removes their data. Brokers that we did not start are left alone. */
  stop(): Promise<void>
}

export interface StartKafkaOptions {
  /** Kafka's release. Default: 4.3.1, or whatever LINGER_BOOTSTRAP_SERVERS runs. */
  readonly version?: string
  /** -Xmx of each broker. Default 512. */
  readonly heapMb?: number
  /** More lines for server.properties; they win over ours. */
  readonly properties?: Readonly<Record<string, string>>
  /**
   * The finalized level of the feature transaction.version; Kafka 4.0 and newer know it, and default to 2. Only a Kafka
   * from Maven Central can be formatted with another.
   *
   * @source KIP-890
   */
  readonly transactionVersion?: 1 | 2
  /** Only this source of Kafka, instead of the best that is there. */
  readonly provider?: KafkaProvider
}
