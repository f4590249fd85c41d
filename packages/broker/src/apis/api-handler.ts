import {
  type Api,
  codecFor,
  decodeRequest,
  encodeResponseFrame,
  type RequestHeader,
  type RequestOf,
  type ResponseInput,
} from '@linger/protocol'
import type { BrokerConfig } from '../broker-config.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { MetadataView } from '../cluster/metadata-view.ts'
import type { DelayedOperations, DelayedResponse } from '../delayed-operations.ts'
import type { BrokerPorts } from '../ports.ts'
import type { ClientMetricsManager } from '../telemetry/client-metrics-manager.ts'
import type { TransactionCoordinator } from '../transaction/transaction-coordinator.ts'

/** What a handler may use: the broker it runs in, and the header of its request. */
export interface RequestContext {
  readonly nodeId: number
  readonly cluster: Cluster
  /** What the broker knows of the cluster. */
  readonly metadata: MetadataView
  readonly config: BrokerConfig
  readonly ports: BrokerPorts
  readonly delayed: DelayedOperations
  /** What the broker coordinates itself. */
  readonly transactions: TransactionCoordinator
  /** What it knows of clients that push metrics. */
  readonly clientMetricsManager: ClientMetricsManager
  readonly apiVersion: number
}

/** What the broker does about one request. */
export type Answer =
  /** A response frame, with its size. For `throttleTimeMs` after it nothing more is read from the client (KIP-219). */
  | { readonly kind: 'response'; readonly frame: Uint8Array; readonly throttleTimeMs?: number }
  /** Nothing: the client asked for no acknowledgement. */
  | { readonly kind: 'none'; readonly throttleTimeMs?: number }
  /** The connection must go: the only way to tell a client that does not listen, or does not speak Kafka. */
  | { readonly kind: 'close'; readonly reason: string }
  /** The connection is broken off; what was sent and not read yet may be lost. */
  | { readonly kind: 'reset'; readonly reason: string }
  /** These bytes, and the end of the connection. */
  | { readonly kind: 'cut'; readonly bytes: Uint8Array }

/** What a handler gives back: a response, one that comes later, none, or the reason to end the connection. */
export type Outcome<A extends Api> =
  | { readonly response: ResponseInput<A> }
  | { readonly pending: DelayedResponse<ResponseInput<A>> }
  | { readonly closeReason: string }
  | 'no-response'

export interface ApiHandler {
  readonly api: Api
  /** The lowest version that ApiVersions tells, where it differs from the lowest that is spoken. */
  readonly minVersionAdvertised?: number
  /** Calls `answer` once, now or later. The function it returns makes a later answer unnecessary. */
  run(context: RequestContext, header: RequestHeader, frame: Uint8Array, answer: (answer: Answer) => void): () => void
}

const nothingToCancel = (): void => {}

/** Puts the codec of the request's version around a handler. */
export function handlerFor<A extends Api>(
  api: A,
  handle: (context: RequestContext, request: RequestOf<A>) => Outcome<A>,
  advertised: { minVersionAdvertised?: number } = {},
): ApiHandler {
  return {
    api,
    ...advertised,
    run(context, header, frame, answer) {
      const codec = codecFor(api, header.apiVersion)
      const respond = (response: ResponseInput<A>): void =>
        answer({ kind: 'response', frame: encodeResponseFrame(codec, header.correlationId, response) })

      const outcome = handle(context, decodeRequest(codec, frame, header.bodyOffset))
      if (outcome === 'no-response') answer({ kind: 'none' })
      else if ('closeReason' in outcome) answer({ kind: 'close', reason: outcome.closeReason })
      else if ('response' in outcome) respond(outcome.response)
      else {
        const { pending } = outcome
        pending.settle = respond
        return () => pending.cancel()
      }
      return nothingToCancel
    },
  }
}
