import { AnswerHeaders } from './answer-headers.ts'

/** A request as it was sent. Times are milliseconds since 1970. */
export interface ObservedRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  /** `host:port` */
  readonly broker: string
  readonly sentAt: number
}

export interface RequestListener {
  readonly requestTimeoutMs: number
  /** False: Produce requests are not answered. */
  readonly hasAcks: boolean
  /** @param sizeBytes of the answer, 0 when there is none */
  onAnswered(request: ObservedRequest, sizeBytes: number): void
  onTimedOut(request: ObservedRequest): void
  /** A connection has ended under its requests. */
  onQueueDropped(broker: string): void
}

const PRODUCE = 0

/** Size, API key, API version and correlation id. */
const HEADER_BYTES = 12

/** The requests of one connection: what was sent and is not answered, oldest first. */
export class ObservedRequests {
  readonly #broker: string
  readonly #listener: RequestListener
  readonly #unanswered: ObservedRequest[] = []
  readonly #answers: AnswerHeaders = new AnswerHeaders((correlationId, sizeBytes) =>
    this.#onAnswer(correlationId, sizeBytes),
  )

  constructor(broker: string, listener: RequestListener) {
    this.#broker = broker
    this.#listener = listener
  }

  /** @param pieces of one request */
  onWritten(pieces: readonly Uint8Array[]): void {
    const [first] = pieces
    if (first === undefined || first.length < HEADER_BYTES) return
    const header = new DataView(first.buffer, first.byteOffset, HEADER_BYTES)
    const request = {
      apiKey: header.getInt16(4),
      apiVersion: header.getInt16(6),
      correlationId: header.getInt32(8),
      broker: this.#broker,
      sentAt: Date.now(),
    }
    if (request.apiKey === PRODUCE && !this.#listener.hasAcks) this.#listener.onAnswered(request, 0)
    else this.#unanswered.push(request)
  }

  onReceived(chunk: Uint8Array): void {
    this.#answers.push(chunk)
  }

  /** The client ends a connection whose oldest request has waited for too long. */
  onDestroyed(): void {
    const { requestTimeoutMs } = this.#listener
    const sentBefore = Date.now() - requestTimeoutMs
    for (const request of this.#unanswered) {
      if (request.sentAt <= sentBefore) this.#listener.onTimedOut(request)
    }
  }

  onClosed(): void {
    if (this.#unanswered.length > 0) this.#listener.onQueueDropped(this.#broker)
    this.#unanswered.length = 0
  }

  #onAnswer(correlationId: number, sizeBytes: number): void {
    const at = this.#unanswered.findIndex((request) => request.correlationId === correlationId)
    const [request] = at < 0 ? [] : this.#unanswered.splice(at, 1)
    if (request !== undefined) this.#listener.onAnswered(request, sizeBytes)
  }
}
