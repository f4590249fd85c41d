export { Producer } from './producer.ts'
export { ProducerGroup } from './producer-group.ts'
export type { CreateTopicsOptions, NewTopic } from './admin/new-topic.ts'
export type { PartitionOffsets, TopicDescription } from './admin/topic-calls.ts'
export { TopicsError } from './admin/topics-error.ts'
export type { PartitionInfo } from './cluster/cluster-calls.ts'
export type { Logger, ProducerConfig } from './config/producer-config.ts'
export { type Preset, presets } from './config/presets.ts'
export type { SecurityProtocol, SslConfig } from './config/security.ts'
export type { Properties } from './properties/config-from-properties.ts'
export type {
  GivenRecord,
  Headers,
  Payload,
  ProducerRecord,
  RecordFields,
  SendFields,
  TopicRecord,
} from './record/producer-record.ts'
export type { Interceptor } from './record/interceptor.ts'
export type { Serializer } from './record/serializer.ts'
export { serializers } from './record/serializers.ts'
export type { RecordSource } from './record/record-source.ts'
export { TopicProducer } from './record/topic-producer.ts'
export { SendAllError, type SendResult } from './record/send-all.ts'
export { type Acknowledgement, AckStream } from './stream/ack-stream.ts'
export type { WritableOptions } from './stream/streamed-records.ts'
export type { SendOptions } from './record/send-options.ts'
export { BatchBuilder, type BatchRecord, type RecordPosition } from './batch/batch-builder.ts'
export type { BatchTarget } from './record/record-intake.ts'
export type { AcknowledgedBatch, DeliveryCallback, RecordMetadata } from './batch/deliveries.ts'
export { DeadLetterError } from './dead-letters/dead-letter-error.ts'
export { DeadLetterProducer } from './dead-letters/dead-letter-producer.ts'
export type { DeadLetterOptions } from './dead-letters/dead-letter-sender.ts'
export { withDeadLetters } from './dead-letters/with-dead-letters.ts'
export { MockProducer, type MockProducerOptions } from './testing/mock-producer.ts'
export type { ProducerHealth } from './health.ts'
export { KafkaError, type ClientErrorCode, type KafkaErrorOptions, type Outcome } from './errors.ts'
export { partitionerNames, type PartitionFunction, type PartitionerName } from './partition/partitioner.ts'
export { metricReadings, type MetricReading } from './observe/metric-readings.ts'
export {
  topicMetricNames,
  type Metrics,
  type NodeMetrics,
  type ProducerMetrics,
  type TopicMetrics,
} from './observe/metrics.ts'
export type {
  BrokerStatistics,
  PartitionStatistics,
  Statistics,
  TopicStatistics,
  WindowStatistics,
} from './observe/statistics.ts'
export type { StatisticsListener } from './observe/statistics-feed.ts'
export type { ConsumerGroupMetadata, ConsumerOffset } from './transaction/consumer-offsets.ts'
export { Transaction } from './transaction/transaction.ts'
export type { TelemetryEncoder, TelemetryMetric } from './telemetry/telemetry-encoder.ts'
export { murmur2 } from './partition/murmur2.ts'
export { legacyMurmur2 } from './partition/legacy-murmur2.ts'
export { mskIamTokens, type MskIamToken } from './network/sasl/msk-iam.ts'
export type {
  AccessToken,
  ClientCredentials,
  CustomOptions,
  OauthBearerOptions,
  Password,
  PlainOptions,
  SaslOptions,
  ScramOptions,
  TokenProvider,
} from './network/sasl/sasl-options.ts'
export type { SaslMechanism, SaslPeer } from './network/sasl/sasl-mechanism.ts'
export type { Cryptography, HashName } from './ports/cryptography.ts'
export type { Http, HttpRequest, HttpResponse } from './ports/http.ts'
export type { Pem, ServerCertificate, Tls, TlsOptions } from './ports/tls.ts'
export type { Ports } from './ports/ports.ts'
export { nodePorts } from './ports/node/node-ports.ts'
export type { BatchCodec, Compression, CompressionName } from './ports/compression.ts'
export type { Clock } from './ports/clock.ts'
export type { Dns } from './ports/dns.ts'
export type { Address, Network, Socket, SocketEvents } from './ports/network.ts'
export type { OperationEnd, Tracing, TracingChannel } from './ports/tracing.ts'
export type { BatchTrace, BrokerTrace, RequestTrace, SendTrace, TransactionTrace } from './observe/traces.ts'
export type { Random } from './ports/random.ts'
