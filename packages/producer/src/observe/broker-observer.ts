import { apiForKey } from '@linger/protocol'
import type { ConnectionTraffic } from '../network/connection-deps.ts'
import type { Exchange } from '../network/exchange.ts'
import type { Address } from '../ports/network.ts'
import type { OperationEnd } from '../ports/tracing.ts'
import type { NodeMeters } from './node-meters.ts'
import { type BrokerTrace, type Traces, untraced } from './traces.ts'

/** Where a request frame has its API's key and version: behind its size. */
const API_KEY_AT = 4
const API_VERSION_AT = 6

/** Counts what goes to one broker, and traces it where somebody wants to hear of it. */
export class BrokerObserver implements ConnectionTraffic {
  readonly #broker: BrokerTrace
  readonly #meters: NodeMeters
  readonly #traces: Traces

  constructor(nodeId: number, { host, port }: Address, meters: NodeMeters, traces: Traces) {
    this.#broker = { clientId: traces.clientId, nodeId, host, port }
    this.#meters = meters
    this.#traces = traces
  }

  onRequest(exchange: Exchange, buffers: readonly Uint8Array[], nowMs: number): Exchange {
    let sizeBytes = 0
    for (const { length } of buffers) sizeBytes += length
    this.#meters.onRequest(sizeBytes, nowMs)
    return this.#traces.request.hasSubscribers ? this.#traced(exchange, buffers, sizeBytes) : exchange
  }

  onResponse(frame: Uint8Array, nowMs: number): void {
    this.#meters.onResponse(frame, nowMs)
  }

  /** @returns what is to be called when the connection can be used, or is given up */
  onConnecting(): OperationEnd {
    const { connection } = this.#traces
    if (!connection.hasSubscribers) return untraced
    return connection.trace({ ...this.#broker }, (onEnd) => onEnd)
  }

  #traced(exchange: Exchange, [frame]: readonly Uint8Array[], sizeBytes: number): Exchange {
    if (frame === undefined) return exchange
    const head = new DataView(frame.buffer, frame.byteOffset, frame.length)
    const apiKey = head.getInt16(API_KEY_AT)
    const apiName = apiForKey(apiKey)?.name ?? String(apiKey)
    const context = { ...this.#broker, apiName, apiVersion: head.getInt16(API_VERSION_AT), sizeBytes }
    return this.#traces.request.trace(context, (onEnd) => new TracedExchange(exchange, onEnd))
  }
}

/** Tells of a request's end after those whom it concerns. */
class TracedExchange implements Exchange {
  readonly #exchange: Exchange
  readonly #onEnd: OperationEnd

  constructor(exchange: Exchange, onEnd: OperationEnd) {
    this.#exchange = exchange
    this.#onEnd = onEnd
  }

  get expectsResponse(): boolean {
    return this.#exchange.expectsResponse
  }

  onWritten(): void {
    this.#exchange.onWritten?.()
    if (!this.expectsResponse) this.#onEnd(undefined)
  }

  onResponse(frame: Uint8Array): void {
    this.#exchange.onResponse(frame) // one that throws fails with the connection
    this.#onEnd(undefined)
  }

  onFailure(error: Error): void {
    this.#exchange.onFailure(error)
    this.#onEnd(error)
  }

  onReleased(): void {
    this.#exchange.onReleased?.()
  }
}
