import { getTelemetrySubscriptions, type ResponseInput, ZERO_UUID } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import { RequestRefused } from '../request-refused.ts'
import { type ApiHandler, handlerFor } from './api-handler.ts'

/** zstd, lz4, gzip, snappy: best first. @source Kafka ClientMetricsManager.SUPPORTED_COMPRESSION_TYPES */
const ACCEPTED_COMPRESSION_TYPES = [4, 3, 1, 2]

/** @source Kafka GetTelemetrySubscriptionsRequest.getErrorResponse */
export function refusedSubscriptions(errorCode: number): ResponseInput<typeof getTelemetrySubscriptions> {
  return {
    throttleTimeMs: 0,
    errorCode,
    clientInstanceId: ZERO_UUID,
    subscriptionId: 0,
    acceptedCompressionTypes: [],
    pushIntervalMs: 0,
    telemetryMaxBytes: 0,
    deltaTemporality: false,
    requestedMetrics: [],
  }
}

export const getTelemetrySubscriptionsHandler: ApiHandler = handlerFor(
  getTelemetrySubscriptions,
  ({ cluster: { clientMetrics }, clientMetricsManager, config }, request) => {
    try {
      return {
        response: {
          ...clientMetricsManager.subscription(request.clientInstanceId),
          throttleTimeMs: 0,
          errorCode: ErrorCode.NONE,
          acceptedCompressionTypes: ACCEPTED_COMPRESSION_TYPES,
          pushIntervalMs: clientMetrics.pushIntervalMs,
          telemetryMaxBytes: config.telemetryMaxBytes,
          deltaTemporality: clientMetrics.deltaTemporality,
          requestedMetrics: clientMetrics.requestedMetrics,
        },
      }
    } catch (error) {
      if (error instanceof RequestRefused) return { response: refusedSubscriptions(error.errorCode) }
      throw error
    }
  },
)
