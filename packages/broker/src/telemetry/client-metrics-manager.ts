import { COMPRESSION_TYPES, decompress } from '@linger/compression'
import { type PushTelemetryRequest, ZERO_UUID } from '@linger/protocol'
import { ErrorCode } from '../error-code.ts'
import type { BrokerPorts } from '../ports.ts'
import { RequestRefused } from '../request-refused.ts'
import type { ClientMetrics } from './client-metrics.ts'

/** What a broker remembers of a client. */
interface ClientInstance {
  /** Of what was wanted when it was met. */
  readonly version: number
  readonly subscriptionId: number
  readonly pushIntervalMs: number
  lastGetMs: number
  lastPushMs: number
  lastKnownError: number
  isTerminating: boolean
}

export interface ClientMetricsManagerDeps {
  readonly nodeId: number
  readonly clientMetrics: ClientMetrics
  readonly ports: BrokerPorts
  /** The most that one push may have, and that it may be when it is decompressed (telemetry.max.bytes). */
  readonly maxBytes: number
}

/** After these a client may ask at once what is wanted now. */
const MAY_ASK_AT_ONCE: readonly number[] = [ErrorCode.UNKNOWN_SUBSCRIPTION_ID, ErrorCode.UNSUPPORTED_COMPRESSION_TYPE]

/**
 * Tells clients which metrics are wanted, and takes them, as one broker does.
 *
 * @source Kafka ClientMetricsManager, ClientMetricsInstance
 */
export class ClientMetricsManager {
  readonly #deps: ClientMetricsManagerDeps
  readonly #instances = new Map<string, ClientInstance>()

  constructor(deps: ClientMetricsManagerDeps) {
    this.#deps = deps
  }

  /** @throws RequestRefused THROTTLING_QUOTA_EXCEEDED to whoever asks too often */
  subscription(askedId: string): { readonly clientInstanceId: string; readonly subscriptionId: number } {
    const { ports } = this.#deps
    const clientInstanceId = askedId === ZERO_UUID ? ports.randomUuid() : askedId
    const instance = this.#instance(clientInstanceId)
    const sinceMs = ports.now() - Math.max(instance.lastGetMs, instance.lastPushMs)
    if (sinceMs >= instance.pushIntervalMs) instance.lastGetMs = ports.now()
    else if (!MAY_ASK_AT_ONCE.includes(instance.lastKnownError)) {
      throw new RequestRefused(ErrorCode.THROTTLING_QUOTA_EXCEEDED, `${clientInstanceId} asked ${sinceMs} ms ago`)
    }
    instance.lastKnownError = ErrorCode.NONE
    return { clientInstanceId, subscriptionId: instance.subscriptionId }
  }

  /** @throws RequestRefused when the metrics are not taken */
  push(request: PushTelemetryRequest): void {
    const { clientMetrics, nodeId } = this.#deps
    const { clientInstanceId, terminating, compressionType } = request
    if (clientInstanceId === ZERO_UUID) throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'a client without an id')
    const instance = this.#instance(clientInstanceId)
    try {
      this.#validate(instance, request)
      if (request.metrics.length > 0) {
        const metrics = this.#decompressed(request)
        clientMetrics.pushed.push({ nodeId, clientInstanceId, terminating, compressionType, metrics })
      }
      instance.lastKnownError = ErrorCode.NONE
    } catch (error) {
      if (error instanceof RequestRefused) instance.lastKnownError = error.errorCode
      throw error
    } finally {
      instance.isTerminating = terminating
    }
  }

  #validate(instance: ClientInstance, { subscriptionId, terminating, compressionType, metrics }: PushTelemetryRequest) {
    if (instance.isTerminating) throw new RequestRefused(ErrorCode.INVALID_REQUEST, 'it has said that it ends')
    // The first push after a question comes when the client likes: within 0.5 to 1.5 of the interval.
    const nowMs = this.#deps.ports.now()
    const mayPush = instance.lastGetMs > instance.lastPushMs || nowMs - instance.lastPushMs >= instance.pushIntervalMs
    if (mayPush) instance.lastPushMs = nowMs
    else if (!terminating) throw new RequestRefused(ErrorCode.THROTTLING_QUOTA_EXCEEDED, 'it pushes too often')
    if (subscriptionId !== instance.subscriptionId) {
      throw new RequestRefused(ErrorCode.UNKNOWN_SUBSCRIPTION_ID, `${subscriptionId} is not what is wanted now`)
    }
    if (compressionType < 0 || compressionType > COMPRESSION_TYPES.length) {
      throw new RequestRefused(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE, `no compression is ${compressionType}`)
    }
    if (metrics.length > this.#deps.maxBytes) {
      throw new RequestRefused(ErrorCode.TELEMETRY_TOO_LARGE, `${metrics.length} bytes, ${this.#deps.maxBytes} allowed`)
    }
  }

  #decompressed({ compressionType, metrics }: PushTelemetryRequest): Uint8Array {
    const type = COMPRESSION_TYPES[compressionType - 1]
    if (type === undefined) return Uint8Array.from(metrics)
    try {
      return decompress(type, metrics, { maxBytes: this.#deps.maxBytes })
    } catch (cause) {
      throw new RequestRefused(ErrorCode.INVALID_RECORD, cause instanceof Error ? cause.message : String(cause))
    }
  }

  /** A client that is not known may have been another broker's. What is wanted now is another question to each. */
  #instance(clientInstanceId: string): ClientInstance {
    const { clientMetrics } = this.#deps
    const known = this.#instances.get(clientInstanceId)
    const { version } = clientMetrics
    if (known?.version === version) return known
    const instance: ClientInstance = {
      version,
      subscriptionId: subscriptionIdOf(version, clientInstanceId),
      pushIntervalMs: clientMetrics.pushIntervalMs,
      lastGetMs: 0,
      lastPushMs: 0,
      lastKnownError: ErrorCode.NONE,
      isTerminating: false,
    }
    this.#instances.set(clientInstanceId, instance)
    return instance
  }
}

/** What is wanted of one client: no other has this id. An int32, which Kafka makes of a checksum. */
function subscriptionIdOf(version: number, clientInstanceId: string): number {
  let hash = version
  for (const letter of clientInstanceId) hash = (Math.imul(hash, 31) + (letter.codePointAt(0) ?? 0)) | 0
  return hash
}
