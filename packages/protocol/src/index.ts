export { ProtocolError, type ProtocolErrorCode } from './wire/protocol-error.ts'
export { Reader } from './wire/reader.ts'
export { uvarintSize, Writer } from './wire/writer.ts'

export { type ApiCodec, codecFor, isFlexible } from './schema/codec.ts'
export { ZERO_UUID } from './schema/default-value.ts'
export type {
  Api,
  ElementInputOf,
  ElementOf,
  Field,
  Fields,
  FieldType,
  InputOf,
  Message,
  MessageInput,
  NullOf,
  Optional,
  OptionalNames,
  RequestInput,
  RequestOf,
  ResponseInput,
  ResponseOf,
  ValueOf,
  WireType,
  WireTypes,
} from './schema/schema.ts'
export {
  type ClosedVersionRange,
  includesVersion,
  type VersionRange,
  type Versions,
  versionsIn,
} from './schema/version-range.ts'

export { apiForKey, apis } from './apis/apis.ts'
export {
  addOffsetsToTxn,
  type AddOffsetsToTxnRequest,
  type AddOffsetsToTxnResponse,
} from './apis/add-offsets-to-txn.ts'
export {
  addPartitionsToTxn,
  type AddPartitionsToTxnRequest,
  type AddPartitionsToTxnResponse,
} from './apis/add-partitions-to-txn.ts'
export { apiVersions, type ApiVersionsRequest, type ApiVersionsResponse } from './apis/api-versions.ts'
export { createTopics, type CreateTopicsRequest, type CreateTopicsResponse } from './apis/create-topics.ts'
export { deleteTopics, type DeleteTopicsRequest, type DeleteTopicsResponse } from './apis/delete-topics.ts'
export { describeCluster, type DescribeClusterRequest, type DescribeClusterResponse } from './apis/describe-cluster.ts'
export { describeConfigs, type DescribeConfigsRequest, type DescribeConfigsResponse } from './apis/describe-configs.ts'
export {
  describeProducers,
  type DescribeProducersRequest,
  type DescribeProducersResponse,
} from './apis/describe-producers.ts'
export {
  describeTransactions,
  type DescribeTransactionsRequest,
  type DescribeTransactionsResponse,
} from './apis/describe-transactions.ts'
export { endTxn, type EndTxnRequest, type EndTxnResponse } from './apis/end-txn.ts'
export { fetch, type FetchRequest, type FetchResponse } from './apis/fetch.ts'
export { findCoordinator, type FindCoordinatorRequest, type FindCoordinatorResponse } from './apis/find-coordinator.ts'
export {
  getTelemetrySubscriptions,
  type GetTelemetrySubscriptionsRequest,
  type GetTelemetrySubscriptionsResponse,
} from './apis/get-telemetry-subscriptions.ts'
export { initProducerId, type InitProducerIdRequest, type InitProducerIdResponse } from './apis/init-producer-id.ts'
export { listOffsets, type ListOffsetsRequest, type ListOffsetsResponse } from './apis/list-offsets.ts'
export {
  listTransactions,
  type ListTransactionsRequest,
  type ListTransactionsResponse,
} from './apis/list-transactions.ts'
export { metadata, type MetadataRequest, type MetadataResponse } from './apis/metadata.ts'
export { offsetFetch, type OffsetFetchRequest, type OffsetFetchResponse } from './apis/offset-fetch.ts'
export { produce, type ProduceRequest, type ProduceResponse } from './apis/produce.ts'
export { pushTelemetry, type PushTelemetryRequest, type PushTelemetryResponse } from './apis/push-telemetry.ts'
export {
  saslAuthenticate,
  type SaslAuthenticateRequest,
  type SaslAuthenticateResponse,
} from './apis/sasl-authenticate.ts'
export { saslHandshake, type SaslHandshakeRequest, type SaslHandshakeResponse } from './apis/sasl-handshake.ts'
export { txnOffsetCommit, type TxnOffsetCommitRequest, type TxnOffsetCommitResponse } from './apis/txn-offset-commit.ts'

export { type FrameLimits, FrameReader } from './frames/frame-reader.ts'
export {
  decodeRequest,
  decodeRequestHeader,
  encodeRequestFrame,
  encodeRequestHeader,
  type RequestHeader,
} from './frames/request-frame.ts'
export { correlationIdOf, decodeResponseFrame, encodeResponseFrame } from './frames/response-frame.ts'

export { errorCodes, errorFor, type KafkaErrorCode } from './errors/error-codes.ts'

export { crc32 } from './records/crc32.ts'
export { crc32c, crc32cImplementation } from './records/crc32c.ts'
export {
  type Compression,
  COMPRESSIONS,
  type Record,
  type RecordBatch,
  type RecordHeader,
  type TimestampType,
} from './records/record-batch.ts'
export { readRecordBatches, type ReadRecordBatchesOptions } from './records/record-batch-reader.ts'
export {
  BATCH_HEADER_BYTES,
  type BatchSeal,
  NO_HEADERS,
  NOT_IDEMPOTENT,
  RecordBatchWriter,
  type RecordBytes,
  type RecordHeaders,
} from './records/record-batch-writer.ts'
export type { TimestampRuns } from './records/timestamp-runs.ts'
