import { type GetTelemetrySubscriptionsResponse, ZERO_UUID } from '@linger/protocol'

/** What a broker wants to be told, and how. */
export interface TelemetrySubscription {
  readonly clientInstanceId: string
  readonly subscriptionId: number
  /** Kafka's numbers of the compressions that it reads, those that it likes best first. */
  readonly compressionTypes: readonly number[]
  readonly pushIntervalMs: number
  readonly maxBytes: number
  /** Counters are told as what came since the last push. */
  readonly isDelta: boolean
  /** How the names of wanted metrics begin. */
  readonly prefixes: readonly string[]
}

/** How often to ask where no broker has said it. @source Kafka ClientTelemetryReporter.DEFAULT_PUSH_INTERVAL_MS */
export const DEFAULT_PUSH_INTERVAL_MS = 300_000

/** No broker can be told to want more than that. @source Kafka ClientMetricsConfigs.MIN_INTERVAL_MS */
const PUSH_INTERVAL_MS_MIN = 100

/** Stands for all metrics. So does '', with which each name begins. */
const ALL_METRICS = '*'

/**
 * @param clientInstanceId what a broker has called us before, if any did
 * @returns undefined when no broker has given us a name, without which nothing can be pushed
 */
export function subscriptionFrom(
  response: GetTelemetrySubscriptionsResponse,
  clientInstanceId: string | undefined,
): TelemetrySubscription | undefined {
  const named = response.clientInstanceId === ZERO_UUID ? clientInstanceId : response.clientInstanceId
  if (named === undefined) return undefined
  const { subscriptionId, acceptedCompressionTypes, pushIntervalMs, telemetryMaxBytes } = response
  return {
    clientInstanceId: named,
    subscriptionId,
    compressionTypes: acceptedCompressionTypes,
    pushIntervalMs: pushIntervalMs > 0 ? Math.max(PUSH_INTERVAL_MS_MIN, pushIntervalMs) : DEFAULT_PUSH_INTERVAL_MS,
    maxBytes: telemetryMaxBytes,
    isDelta: response.deltaTemporality,
    prefixes: response.requestedMetrics.map((prefix) => (prefix === ALL_METRICS ? '' : prefix)),
  }
}

export function isWanted({ name }: { readonly name: string }, { prefixes }: TelemetrySubscription): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix))
}
