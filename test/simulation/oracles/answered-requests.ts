import { codecFor, correlationIdOf, decodeRequest, decodeRequestHeader, FrameReader, produce } from '@linger/protocol'
import type { NetworkObserver, ObservedConnection } from '../network/simulated-network.ts'

/** A request as its producer hands it to a socket. */
export interface ObservedRequest {
  readonly apiKey: number
  readonly apiVersion: number
  readonly correlationId: number
  readonly sentMs: number
  readonly frame: Buffer
  readonly bodyOffset: number
}

export interface AnsweredRequestsDeps {
  readonly nowMs: () => number
  readonly onRequest: (connection: ObservedConnection, request: ObservedRequest) => void
  /** `frame` is the whole of its answer. */
  readonly onAnswer: (connection: ObservedConnection, request: ObservedRequest, frame: Uint8Array) => void
  /** `unanswered` are its requests that will never have an answer. */
  readonly onClosed: (connection: ObservedConnection, unanswered: readonly ObservedRequest[]) => void
}

interface Line {
  waiting: ObservedRequest[]
  /** Undefined once its bytes made no sense, or an answer was missing: the producer ends such a connection. */
  answers: FrameReader | undefined
}

/** Brings together what producers ask and what they are answered. */
export class AnsweredRequests implements NetworkObserver {
  readonly #deps: AnsweredRequestsDeps
  readonly #lines = new Map<number, Line>()

  constructor(deps: AnsweredRequestsDeps) {
    this.#deps = deps
  }

  onWrite(connection: ObservedConnection, bytes: Buffer): void {
    const frame = bytes.subarray(4)
    const { apiKey, apiVersion, correlationId, bodyOffset } = decodeRequestHeader(frame)
    const request = { apiKey, apiVersion, correlationId, sentMs: this.#deps.nowMs(), frame, bodyOffset }
    this.#lineOf(connection).waiting.push(request)
    this.#deps.onRequest(connection, request)
  }

  onReceived(connection: ObservedConnection, piece: Buffer): void {
    const line = this.#lineOf(connection)
    try {
      line.answers?.push(Buffer.from(piece), (frame) => {
        const correlationId = correlationIdOf(frame)
        const at = line.waiting.findIndex((one) => one.correlationId === correlationId)
        const request = line.waiting[at]
        const isInTurn = line.waiting.slice(0, Math.max(0, at)).every(wantsNoAnswer)
        line.waiting = line.waiting.slice(at + 1)
        if (request === undefined || !isInTurn) line.answers = undefined
        else if (line.answers !== undefined) this.#deps.onAnswer(connection, request, frame)
      })
    } catch {
      line.answers = undefined // not Kafka
    }
  }

  onClosed(connection: ObservedConnection): void {
    const line = this.#lines.get(connection.id)
    this.#lines.delete(connection.id)
    this.#deps.onClosed(connection, line?.waiting ?? [])
  }

  #lineOf({ id }: ObservedConnection): Line {
    let line = this.#lines.get(id)
    if (line === undefined) {
      line = { waiting: [], answers: new FrameReader() }
      this.#lines.set(id, line)
    }
    return line
  }
}

/** Produce with acks 0. */
function wantsNoAnswer({ apiKey, apiVersion, frame, bodyOffset }: ObservedRequest): boolean {
  if (apiKey !== produce.apiKey) return false
  return decodeRequest(codecFor<typeof produce>(produce, apiVersion), frame, bodyOffset).acks === 0
}
