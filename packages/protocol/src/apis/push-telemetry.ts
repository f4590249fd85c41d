import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * PushTelemetry (API key 72) sends client metrics to the cluster. (KIP-714)
 *
 * @source Kafka 4.3.1 common/message/PushTelemetry{Request,Response}.json
 */
export const pushTelemetry = {
  name: 'PushTelemetry',
  apiKey: 72,
  versions: '0-0',
  flexible: '0+',
  request: {
    /** Unique id for this client instance. */
    clientInstanceId: { type: 'uuid' },
    /** Unique identifier for the current subscription. */
    subscriptionId: { type: 'int32' },
    /** Client is terminating the connection. */
    terminating: { type: 'bool' },
    /** Compression codec used to compress the metrics. */
    compressionType: { type: 'int8' },
    /** Metrics encoded in OpenTelemetry MetricsData v1 protobuf format. */
    metrics: { type: 'bytes' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
  },
} as const

pushTelemetry satisfies Api

export type PushTelemetryRequest = RequestOf<typeof pushTelemetry>
export type PushTelemetryResponse = ResponseOf<typeof pushTelemetry>
