import type { TelemetrySubscription } from './telemetry-subscription.ts'

/**
 * How far the conversation with brokers has come. What is needed is done at `atMs` or later, as soon as a connection
 * takes it.
 *
 * @source Kafka ClientTelemetryState
 */
export type TelemetryState =
  | { readonly name: 'SUBSCRIPTION_NEEDED'; readonly atMs: number }
  | { readonly name: 'SUBSCRIPTION_IN_PROGRESS' }
  | { readonly name: 'PUSH_NEEDED'; readonly atMs: number; readonly subscription: TelemetrySubscription }
  | { readonly name: 'PUSH_IN_PROGRESS'; readonly subscription: TelemetrySubscription }
  | { readonly name: 'TERMINATING_PUSH_NEEDED'; readonly atMs: 0; readonly subscription: TelemetrySubscription }
  | { readonly name: 'TERMINATING_PUSH_IN_PROGRESS' }
  | { readonly name: 'TERMINATED' }
