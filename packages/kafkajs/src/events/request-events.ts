import type { RequestListener, ObservedRequest } from '../network/observed-requests.ts'
import { apiNameOf } from './api-names.ts'
import type { Instrumentation } from './instrumentation.ts'

export interface RequestEventsOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly hasAcks: boolean
}

/** The events of a producer's requests, with KafkaJS's payloads. The engine sends a request as soon as it is made. */
export function requestEvents(instrumentation: Instrumentation, options: RequestEventsOptions): RequestListener {
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
      if (!instrumentation.hasListener('producer.network.request')) return
      const duration = Date.now() - request.sentAt
      instrumentation.emit('producer.network.request', { ...factsOf(request), size, duration })
    },
    onTimedOut: (request) => instrumentation.emit('producer.network.request_timeout', factsOf(request)),
    onQueueDropped: (broker) =>
      instrumentation.emit('producer.network.request_queue_size', { broker, clientId, queueSize: 0 }),
  }
}
