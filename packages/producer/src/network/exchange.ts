/**
 * One request on a connection and what happens to it. The connection calls `onWritten` once its bytes have left,
 * mostly first, and never after a failure; exactly one of `onResponse` and `onFailure`; and last `onReleased`, from when on
 * no socket holds the request's buffers.
 */
export interface Exchange {
  /** Sent without an answer to come (acks 0): it ends with `onWritten` and `onReleased`. */
  readonly expectsResponse: boolean
  onWritten?(): void
  /** `frame` is the response with its header, valid during the call only. A throw ends the connection. */
  onResponse(frame: Uint8Array): void
  /** The connection ended first. Whether the broker saw the request is unknown if any byte may have left. */
  onFailure(error: Error): void
  onReleased?(): void
}

/** A request that a connection has taken. */
export interface SentRequest {
  readonly correlationId: number
  readonly exchange: Exchange
  readonly sentMs: number
  /** The connection ends if there is no answer by then, whatever part of one has come. */
  deadlineMs: number
  /** The socket no longer holds its bytes. */
  isWritten: boolean
  /** It was answered or has failed. */
  isEnded: boolean
}
