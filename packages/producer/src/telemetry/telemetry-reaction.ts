import { errorFor } from '@linger/protocol'

/**
 * What to do when a broker has refused a question or a push: ask at once what is wanted now, ask when the interval is over,
 * or leave it for good.
 */
export type TelemetryReaction = 'ask-at-once' | 'ask-later' | 'end'

/** @source KIP-714, Kafka ClientTelemetryUtils.maybeFetchErrorIntervalMs */
export function reactionTo(errorCode: number): TelemetryReaction {
  const { name, retriable } = errorFor(errorCode)
  switch (name) {
    case 'UNKNOWN_SUBSCRIPTION_ID':
    case 'UNSUPPORTED_COMPRESSION_TYPE':
      return 'ask-at-once'
    case 'TELEMETRY_TOO_LARGE':
    case 'THROTTLING_QUOTA_EXCEEDED':
      return 'ask-later'
    default:
      return retriable ? 'ask-later' : 'end'
  }
}
