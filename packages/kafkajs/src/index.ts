export { Kafka } from './kafka.ts'
export type { Admin, AdminConfig, AdminOn, CreateTopicsRequest, ITopicMetadata, SeekEntry } from './admin/admin.ts'
export type { KeptByKafkaJs } from './admin/kept-by-kafkajs.ts'
export type { IResourceConfigEntry, ITopicConfig, ReplicaAssignment } from './admin/topic-config.ts'
export {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
  type Acl,
  type AclEntry,
  type AclFilter,
  type AclResource,
  type DeleteAclFilterResponses,
  type DeleteAclResponse,
  type DescribeAclResource,
  type DescribeAclResponse,
  type MatchingAcl,
} from './admin/acls.ts'
export {
  ConfigResourceTypes,
  ConfigSource,
  type ConfigEntries,
  type ConfigSynonyms,
  type DescribeConfigResponse,
  type IResourceConfig,
  type ResourceConfigQuery,
} from './admin/configs.ts'
export type {
  ConsumerGroupState,
  DeleteGroupsResult,
  FetchOffsetsPartition,
  GroupDescription,
  GroupDescriptions,
  GroupOverview,
  MemberDescription,
} from './admin/groups.ts'
export type {
  ITopicPartitionConfig,
  ListPartitionReassignmentsResponse,
  OngoingPartitionReassignment,
  OngoingTopicReassignment,
  PartitionReassignment,
  TopicPartitions,
} from './admin/reassignments.ts'
export type { AdminEvents } from './events/admin-events.ts'
export type { BrokersFunction, KafkaConfig, ProducerConfig } from './config/kafka-config.ts'
export { CompressionCodecs } from './compression/compression-codecs.ts'
export { CompressionTypes } from './compression/compression-types.ts'
export { logLevel, type logCreator, type LogEntry, type Logger, type LoggerEntryContent } from './logger/logger.ts'
export type { ISocketFactory, ISocketFactoryArgs } from './network/socket-factory.ts'
export type {
  DefaultPartitioner,
  ICustomPartitioner,
  LegacyPartitioner,
  PartitionerArgs,
  PartitionMetadata,
} from './partition/partitioner.ts'
export { Partitioners } from './partition/partitioners.ts'
export type {
  IHeaders,
  Message,
  ProducerBatch,
  ProducerRecord,
  RecordMetadata,
  TopicMessages,
} from './producer/message.ts'
export type { Producer, ProducerOn } from './producer/producer.ts'
export type { RetryOptions } from './retry/retry.ts'
export type {
  AuthenticationProviderArgs,
  Authenticator,
  Mechanism,
  OauthbearerProviderResponse,
  SaslAuthenticateArgs,
  SaslAuthenticationRequest,
  SaslAuthenticationResponse,
  SASLMechanism,
  SASLMechanismOptions,
  SASLMechanismOptionsMap,
  SASLOptions,
} from './security/sasl-options.ts'
export type { Offsets, PartitionOffset, TopicOffsets } from './transaction/offsets.ts'
export type { Transaction } from './transaction/transaction.ts'
export type {
  ConnectEvent,
  DisconnectEvent,
  InstrumentationEvent,
  ProducerEvents,
  RemoveInstrumentationEventListener,
  RequestEvent,
  RequestQueueSizeEvent,
  RequestTimeoutEvent,
  SentRequest,
} from './events/producer-events.ts'
export {
  KafkaJSDeleteGroupsError,
  KafkaJSDeleteTopicRecordsError,
  KafkaJSGroupCoordinatorNotFound,
  KafkaJSMetadataNotLoaded,
  KafkaJSStaleTopicMetadataAssignment,
  KafkaJSTopicMetadataNotLoaded,
  type KafkaJSDeleteGroupsErrorGroups,
  type KafkaJSDeleteTopicRecordsErrorPartition,
  type KafkaJSDeleteTopicRecordsErrorTopic,
  type KafkaJSStaleTopicMetadataAssignmentMetadata,
  type KafkaJSTopicMetadataNotLoadedMetadata,
} from './errors/cluster-errors.ts'
export {
  KafkaJSAggregateError,
  KafkaJSError,
  KafkaJSFetcherRebalanceError,
  KafkaJSInvariantViolation,
  KafkaJSNonRetriableError,
  KafkaJSNotImplemented,
  KafkaJSNumberOfRetriesExceeded,
  type KafkaJSErrorMetadata,
  type KafkaJSNumberOfRetriesExceededMetadata,
  type Reason,
} from './errors/kafkajs-error.ts'
export {
  KafkaJSBrokerNotFound,
  KafkaJSConnectionClosedError,
  KafkaJSConnectionError,
  KafkaJSInvalidLongError,
  KafkaJSInvalidVarIntError,
  KafkaJSLockTimeout,
  KafkaJSNoBrokerAvailableError,
  KafkaJSPartialMessageError,
  KafkaJSRequestTimeoutError,
  KafkaJSSASLAuthenticationError,
  KafkaJSServerDoesNotSupportApiKey,
  KafkaJSTimeout,
  KafkaJSUnsupportedMagicByteInMessageSet,
  type KafkaJSConnectionClosedErrorMetadata,
  type KafkaJSConnectionErrorMetadata,
  type KafkaJSRequestTimeoutErrorMetadata,
  type KafkaJSServerDoesNotSupportApiKeyMetadata,
} from './errors/network-errors.ts'
export {
  KafkaJSAlterPartitionReassignmentsError,
  KafkaJSCreateTopicError,
  KafkaJSMemberIdRequired,
  KafkaJSOffsetOutOfRange,
  KafkaJSProtocolError,
  type KafkaJSOffsetOutOfRangeMetadata,
  type ProtocolReason,
} from './errors/protocol-errors.ts'
