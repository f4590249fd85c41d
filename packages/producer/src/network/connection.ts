import {
  apiVersions,
  codecFor,
  correlationIdOf,
  decodeResponseFrame,
  encodeRequestFrame,
  FrameReader,
  type Api,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Address, Network, Socket } from '../ports/network.ts'
import type { Exchange } from './exchange.ts'
import { NegotiatedVersions } from './negotiated-versions.ts'
import { notKafka } from './not-kafka.ts'

const CORRELATION_ID_MAX = 2 ** 31 - 1

/** ApiVersions of a broker that does not speak our newest one is asked again with this one at most. */
const API_VERSIONS_NEWEST = 4

const UNSUPPORTED_VERSION = 35

export interface ConnectionOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly setupTimeoutMs: number
  readonly maxInFlightRequests: number
}

export interface ConnectionDeps {
  readonly network: Network
  readonly clock: Clock
  readonly options: ConnectionOptions
  /** Something changed: it is ready, an answer came, it has ended. */
  readonly onProgress: () => void
  /** A request has left: the socket takes another. */
  readonly onWritable: () => void
  readonly onClosed: (connection: Connection, error: KafkaError) => void
}

interface Request {
  readonly correlationId: number
  readonly exchange: Exchange
  readonly deadlineMs: number
  /** The socket no longer holds its bytes. */
  isWritten: boolean
  /** It was answered or has failed. */
  isEnded: boolean
}

/** A connection is usable once it is 'ready'; a closed one is never used again. */
type State =
  | { readonly name: 'CONNECTING' | 'NEGOTIATING'; readonly deadlineMs: number }
  | { readonly name: 'READY'; readonly versions: NegotiatedVersions }
  | { readonly name: 'CLOSED' }

/** What happened when the socket closed in this state. */
const CLOSED_WHILE: Readonly<Record<State['name'], string>> = {
  CONNECTING: 'cannot be reached',
  NEGOTIATING: 'closed the connection without an answer: its listener may want TLS, or it is no broker',
  READY: 'closed the connection',
  CLOSED: 'closed the connection',
}

/**
 * One connection to one broker: negotiates versions, matches answers to requests in order, and ends when an
 * answer is late, wrong or not Kafka. A late answer must never be taken for another's, so a connection that
 * lost its step is never repaired.
 */
export class Connection {
  readonly address: Address
  readonly #deps: ConnectionDeps
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  /** Sent and not answered, oldest first. */
  readonly #inFlight: Request[] = []
  #state: State
  #nextCorrelationId = 0
  /** The request whose bytes the socket still holds. */
  #writing: Request | undefined

  constructor(address: Address, deps: ConnectionDeps) {
    this.address = address
    this.#deps = deps
    this.#state = { name: 'CONNECTING', deadlineMs: deps.clock.now() + deps.options.setupTimeoutMs }
    this.#socket = deps.network.connect(address, {
      onConnected: () => this.#onConnected(),
      onData: (chunk) => this.#onData(chunk),
      onWritten: () => this.#onWritten(),
      onClosed: (error) => this.#onSocketClosed(error),
    })
  }

  get isReady(): boolean {
    return this.#state.name === 'READY'
  }

  get isClosed(): boolean {
    return this.#state.name === 'CLOSED'
  }

  get inFlightCount(): number {
    return this.#inFlight.length
  }

  /** True when a request can leave now: the socket holds no unsent one, and not too many wait for answers. */
  get canSend(): boolean {
    return this.isReady && this.#writing === undefined && this.#inFlight.length < this.#deps.options.maxInFlightRequests
  }

  /** The newest version both sides speak, or undefined when there is none. Ready connections only. */
  versionOf(api: Api): number | undefined {
    return this.#state.name === 'READY' ? this.#state.versions.of(api) : undefined
  }

  /** When this connection must be looked at again. */
  get deadlineMs(): number {
    if (this.#state.name === 'CONNECTING' || this.#state.name === 'NEGOTIATING') return this.#state.deadlineMs
    return (this.#inFlight[0] ?? this.#writing)?.deadlineMs ?? Infinity
  }

  /** Ends the connection when its setup or its oldest request took too long. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.deadlineMs) return
    const { host, port } = this.address
    const what =
      this.#state.name === 'READY'
        ? `no answer within requestTimeoutMs (${this.#deps.options.requestTimeoutMs} ms)`
        : `not ready within socketConnectionSetupTimeoutMs (${this.#deps.options.setupTimeoutMs} ms)`
    this.close(new KafkaError('REQUEST_TIMED_OUT', `${host}:${port}: ${what}`, { outcome: 'unknown', retriable: true }))
  }

  /** Sends a message; `onAnswer` gets the decoded response or the error that ended the connection. */
  request<A extends Api>(
    api: A,
    message: RequestInput<A>,
    onAnswer: (error: Error | undefined, response: ResponseOf<A> | undefined) => void,
  ): void {
    const version = this.versionOf(api)
    if (version === undefined) {
      onAnswer(unsupported(this.address, api), undefined)
      return
    }
    const codec = codecFor(api, version)
    const correlationId = this.takeCorrelationId()
    this.send(correlationId, [encodeRequestFrame(codec, correlationId, this.#deps.options.clientId, message)], {
      expectsResponse: true,
      onResponse: (frame) => onAnswer(undefined, decodeResponseFrame(codec, frame).response),
      onFailure: (error) => onAnswer(error, undefined),
    })
  }

  takeCorrelationId(): number {
    const id = this.#nextCorrelationId
    this.#nextCorrelationId = id === CORRELATION_ID_MAX ? 0 : id + 1
    return id
  }

  /** Hands an encoded request to the socket. The connection must be able to send. */
  send(correlationId: number, buffers: readonly Uint8Array[], exchange: Exchange): void {
    const deadlineMs = this.#deps.clock.now() + this.#deps.options.requestTimeoutMs
    const request: Request = { correlationId, exchange, deadlineMs, isWritten: false, isEnded: false }
    if (exchange.expectsResponse) this.#inFlight.push(request)
    this.#writing = request
    this.#socket.write(buffers)
  }

  /** Ends the connection; everything in flight fails with `error`. */
  close(error: KafkaError): void {
    if (this.isClosed) return
    this.#state = { name: 'CLOSED' }
    this.#socket.destroy()
    for (const request of this.#inFlight.splice(0)) this.#fail(request, error)
    if (this.#writing !== undefined) this.#fail(this.#writing, error)
    this.#deps.onClosed(this, error)
    this.#deps.onProgress()
  }

  #fail(request: Request, error: KafkaError): void {
    if (request.isEnded) return
    request.isEnded = true
    request.exchange.onFailure(error)
    // The socket may still be reading an unwritten one: #onSocketClosed releases that.
    if (request.isWritten) request.exchange.onReleased?.()
  }

  #onConnected(): void {
    if (this.#state.name !== 'CONNECTING') return
    this.#state = { name: 'NEGOTIATING', deadlineMs: this.#state.deadlineMs }
    this.#negotiate(API_VERSIONS_NEWEST)
  }

  /**
   * Asks which versions the broker speaks. A broker that does not know our version of the question answers in
   * version 0 with error 35 and what it knows; then the question is asked once more, only ever lower.
   *
   * @source KIP-511
   */
  #negotiate(version: number): void {
    const codec = codecFor(apiVersions, version)
    const correlationId = this.takeCorrelationId()
    const request = { clientSoftwareName: 'linger', clientSoftwareVersion: '0.1.0' }
    this.send(correlationId, [encodeRequestFrame(codec, correlationId, this.#deps.options.clientId, request)], {
      expectsResponse: true,
      onResponse: (frame) => {
        const response = decodeApiVersions(frame, version)
        if (response.errorCode === UNSUPPORTED_VERSION && version > 0) {
          const known = response.apiKeys.find(({ apiKey }) => apiKey === apiVersions.apiKey)?.maxVersion ?? 0
          this.#negotiate(Math.min(known, version - 1))
          return
        }
        if (response.errorCode !== 0) throw new Error(`ApiVersions was answered with error ${response.errorCode}`)
        this.#state = { name: 'READY', versions: new NegotiatedVersions(response) }
      },
      onFailure: () => {},
    })
  }

  #onWritten(): void {
    const request = this.#writing
    if (request === undefined) return
    this.#writing = undefined
    request.isWritten = true
    request.exchange.onWritten?.()
    if (!request.exchange.expectsResponse) request.isEnded = true
    if (request.isEnded) request.exchange.onReleased?.()
    this.#deps.onWritable()
  }

  #onData(chunk: Buffer): void {
    if (this.isClosed) return
    try {
      this.#frames.push(chunk, (frame) => this.#onFrame(frame))
    } catch (error) {
      this.close(notKafka(this.address, chunk, error))
      return
    }
    this.#deps.onProgress()
  }

  #onFrame(frame: Uint8Array): void {
    const correlationId = correlationIdOf(frame)
    const [request] = this.#inFlight
    if (request?.correlationId !== correlationId) {
      throw new Error(`an answer to request ${correlationId}, which is not the oldest one without an answer`)
    }
    this.#inFlight.shift()
    request.isEnded = true
    try {
      request.exchange.onResponse(frame)
    } catch (error) {
      // No answer after all: it fails with the connection.
      request.isEnded = false
      this.#inFlight.unshift(request)
      throw error
    }
    if (request.isWritten) request.exchange.onReleased?.()
  }

  #onSocketClosed(error: Error | undefined): void {
    const { host, port } = this.address
    const what = CLOSED_WHILE[this.#state.name]
    const reason = error === undefined ? '' : `: ${error.message}`
    this.close(
      new KafkaError('NETWORK_EXCEPTION', `${host}:${port} ${what}${reason}`, {
        outcome: 'unknown',
        retriable: true,
        cause: error,
      }),
    )
    this.#writing?.exchange.onReleased?.()
    this.#writing = undefined
    this.#deps.onProgress()
  }
}

function unsupported({ host, port }: Address, api: Api): KafkaError {
  return new KafkaError(
    'UNSUPPORTED_VERSION',
    `${host}:${port} has no ${api.name} version that this client speaks (${api.versions})`,
    {
      outcome: 'never',
    },
  )
}

/** An UNSUPPORTED_VERSION answer is written in version 0, whatever was asked. */
function decodeApiVersions(frame: Uint8Array, version: number): ResponseOf<typeof apiVersions> {
  const errorCode = new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getInt16(4)
  const spoken = errorCode === UNSUPPORTED_VERSION ? 0 : version
  return decodeResponseFrame(codecFor(apiVersions, spoken), frame).response
}
