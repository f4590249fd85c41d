import type { RequestListener, ObservedRequest } from '../network/observed-requests.ts'
import { apiNameOf } from './api-names.ts'
import type { Instrumentation } from './instrumentation.ts'

/** What the events are called: it depends on whose requests they are. */
export interface RequestEventNames {
  readonly REQUEST: string
  readonly REQUEST_TIMEOUT: string
  readonly REQUEST_QUEUE_SIZE: string
}

export interface RequestEventsOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly hasAcks: boolean
}

/** The events of a client's requests, with KafkaJS's payloads. The engine sends a request as soon as it is made. */
export function requestEvents(
  instrumentation: Instrumentation,
  names: RequestEventNames,
  options: RequestEventsOptions,
): RequestListener {
  const { clientId, requestTimeoutMs, hasAcks } = options
  const factsOf = ({ apiKey, apiVersion, broker, correlationId, sentAt }: ObservedRequest): object => ({
    broker,
    clientId,
    correlationId,
    createdAt: sentAt,
    sentAt,
    pendingDuration: 0,
    apiName: apiNameOf(apiKey),
    apiKey,
    apiVersion,
  })
  return {
    requestTimeoutMs,
    hasAcks,
    onAnswered: (request, size) => {
      if (!instrumentation.hasListener(names.REQUEST)) return
      const duration = Date.now() - request.sentAt
      instrumentation.emit(names.REQUEST, { ...factsOf(request), size, duration })
    },
    onTimedOut: (request) => instrumentation.emit(names.REQUEST_TIMEOUT, factsOf(request)),
    onQueueDropped: (broker) => instrumentation.emit(names.REQUEST_QUEUE_SIZE, { broker, clientId, queueSize: 0 }),
  }
}
