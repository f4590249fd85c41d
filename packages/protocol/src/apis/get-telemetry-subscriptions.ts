import type { Api, RequestOf, ResponseOf } from '../schema/schema.ts'

/**
 * GetTelemetrySubscriptions (API key 71) asks which client metrics the cluster wants to be sent. (KIP-714)
 *
 * @source Kafka 4.3.1 common/message/GetTelemetrySubscriptions{Request,Response}.json
 */
export const getTelemetrySubscriptions = {
  name: 'GetTelemetrySubscriptions',
  apiKey: 71,
  versions: '0-0',
  flexible: '0+',
  request: {
    /** Unique id for this client instance, must be set to 0 on the first request. */
    clientInstanceId: { type: 'uuid' },
  },
  response: {
    /** How long a quota held the request back, or 0. */
    throttleTimeMs: { type: 'int32' },
    /** The error code, or 0 if there was no error. */
    errorCode: { type: 'int16' },
    /** Assigned client instance id if ClientInstanceId was 0 in the request, else 0. */
    clientInstanceId: { type: 'uuid' },
    /** Unique identifier for the current subscription set for this client instance. */
    subscriptionId: { type: 'int32' },
    /** Compression types that broker accepts for the PushTelemetryRequest. */
    acceptedCompressionTypes: { type: ['int8'] },
    /** Configured push interval, which is the lowest configured interval in the current subscription set. */
    pushIntervalMs: { type: 'int32' },
    /** The maximum bytes of binary data the broker accepts in PushTelemetryRequest. */
    telemetryMaxBytes: { type: 'int32' },
    /** Flag to indicate monotonic/counter metrics are to be emitted as deltas or cumulative values. */
    deltaTemporality: { type: 'bool' },
    /**
     * Requested metrics prefix string match. Empty array: No metrics subscribed, Array[0] empty string: All metrics
     * subscribed.
     */
    requestedMetrics: { type: ['string'] },
  },
} as const

getTelemetrySubscriptions satisfies Api

export type GetTelemetrySubscriptionsRequest = RequestOf<typeof getTelemetrySubscriptions>
export type GetTelemetrySubscriptionsResponse = ResponseOf<typeof getTelemetrySubscriptions>
