import {
  codecFor,
  correlationIdOf,
  decodeResponseFrame,
  encodeRequestFrame,
  errorFor,
  FrameReader,
  metadata,
  type Api,
  type ApiCodec,
  type ApiVersionsResponse,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Address, Network, Socket } from '../ports/network.ts'
import type { Exchange } from './exchange.ts'
import { askVersions } from './ask-versions.ts'
import { NegotiatedVersions } from './negotiated-versions.ts'
import { notKafka } from './not-kafka.ts'

const CORRELATION_ID_MAX = 2 ** 31 - 1

export interface ConnectionOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly connectionsMaxIdleMs: number
  readonly maxInFlightRequestsPerConnection: number
}

/** How one connection is set up: brokers that failed before are met otherwise. */
export interface ConnectionSetup {
  readonly timeoutMs: number
  /** The version in which ApiVersions is asked first. */
  readonly apiVersionsVersion: number
}

export interface ConnectionDeps {
  readonly network: Network
  readonly clock: Clock
  readonly options: ConnectionOptions
  /** Something changed: it is ready, an answer came, it has ended. */
  readonly onProgress: () => void
  readonly onReady: () => void
  /** The broker has said what it speaks. */
  readonly onVersions: (response: ApiVersionsResponse) => void
  /** A request has left: the socket takes another. */
  readonly onWritable: () => void
  /** The broker asks for a pause. */
  readonly onThrottled: (throttleTimeMs: number) => void
  /** @param during how far it had come */
  readonly onClosed: (connection: Connection, error: KafkaError, during: ConnectionStage) => void
}

export type ConnectionStage = 'CONNECTING' | 'NEGOTIATING' | 'READY'

interface Request {
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

/** A connection is usable once it is 'ready'; a closed one is never used again. */
type State =
  | { readonly name: 'CONNECTING' | 'NEGOTIATING' }
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
  readonly #setup: ConnectionSetup
  readonly #openedMs: number
  readonly #socket: Socket
  readonly #frames = new FrameReader()
  /** Sent and not answered, oldest first. */
  readonly #inFlight: Request[] = []
  #state: State = { name: 'CONNECTING' }
  #nextCorrelationId = 0
  /** The request whose bytes the socket still holds. */
  #writing: Request | undefined
  /** What waits for the socket to take another request. */
  #onWritable: (() => void) | undefined
  /** When bytes last went either way. */
  #lastUsedMs: number

  constructor(address: Address, setup: ConnectionSetup, deps: ConnectionDeps) {
    this.address = address
    this.#deps = deps
    this.#setup = setup
    this.#openedMs = deps.clock.now()
    this.#lastUsedMs = this.#openedMs
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
    const { maxInFlightRequestsPerConnection } = this.#deps.options
    return this.isReady && this.#writing === undefined && this.#inFlight.length < maxInFlightRequestsPerConnection
  }

  /** The newest version both sides speak, or undefined when there is none. Ready connections only. */
  versionOf(api: Api): number | undefined {
    return this.#state.name === 'READY' ? this.#state.versions.of(api) : undefined
  }

  /** Since when the peer owes us something: a connection, or an answer. Undefined when it owes nothing. */
  get waitingSinceMs(): number | undefined {
    return this.isReady ? this.#oldestRequest?.sentMs : this.#openedMs
  }

  /** Nothing went either way for so long that something on the way may have forgotten the connection. */
  isIdle(nowMs: number): boolean {
    return this.isReady && this.#oldestRequest === undefined && nowMs >= this.#idleAtMs
  }

  /** When this connection must be looked at again. */
  get deadlineMs(): number {
    if (!this.isReady) return this.#openedMs + this.#setup.timeoutMs
    return this.#oldestRequest?.deadlineMs ?? this.#idleAtMs
  }

  /** Ends the connection when its setup or its oldest request took too long. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.deadlineMs || this.isIdle(nowMs)) return
    const { host, port } = this.address
    const what = this.isReady
      ? `no answer within requestTimeoutMs (${this.#deps.options.requestTimeoutMs} ms)`
      : `not ready within socketConnectionSetupTimeoutMs (${this.#setup.timeoutMs} ms)`
    this.close(new KafkaError('REQUEST_TIMED_OUT', `${host}:${port}: ${what}`, { outcome: 'unknown', retriable: true }))
  }

  /** The broker reads nothing for a while: answers may come later by as much (KIP-219). */
  delayAnswers(pauseMs: number): void {
    const deadlineMs = this.#deps.clock.now() + pauseMs + this.#deps.options.requestTimeoutMs
    for (const request of this.#inFlight) request.deadlineMs = Math.max(request.deadlineMs, deadlineMs)
  }

  get #oldestRequest(): Request | undefined {
    return this.#inFlight[0] ?? this.#writing
  }

  get #idleAtMs(): number {
    const { connectionsMaxIdleMs } = this.#deps.options
    return connectionsMaxIdleMs < 0 ? Infinity : this.#lastUsedMs + connectionsMaxIdleMs
  }

  /**
   * Sends a message; `onAnswer` gets the decoded response or the error that ended the connection.
   *
   * @param versionMax the newest version that may be used, whatever the broker speaks
   */
  request<A extends Api>(
    api: A,
    message: RequestInput<A>,
    onAnswer: (error: Error | undefined, response: ResponseOf<A> | undefined) => void,
    versionMax: number = Infinity,
  ): void {
    const version = this.versionOf(api)
    if (version === undefined) {
      onAnswer(unsupported(this.address, api), undefined)
      return
    }
    const codec = codecFor(api, Math.min(version, versionMax))
    this.#ask(codec, message, {
      onResponse: (frame) => {
        const { response } = decodeResponseFrame(codec, frame)
        this.#throttle(response)
        onAnswer(undefined, response)
      },
      onFailure: (error) => onAnswer(error, undefined),
    })
  }

  #ask<A extends Api>(codec: ApiCodec<A>, message: RequestInput<A>, events: Omit<Exchange, 'expectsResponse'>): void {
    const correlationId = this.takeCorrelationId()
    const frame = encodeRequestFrame(codec, correlationId, this.#deps.options.clientId, message)
    this.send(correlationId, [frame], { ...events, expectsResponse: true })
  }

  takeCorrelationId(): number {
    const id = this.#nextCorrelationId
    this.#nextCorrelationId = id === CORRELATION_ID_MAX ? 0 : id + 1
    return id
  }

  /** Hands an encoded request to the socket. The connection must be able to send. */
  send(correlationId: number, buffers: readonly Uint8Array[], exchange: Exchange): void {
    const sentMs = this.#deps.clock.now()
    const deadlineMs = sentMs + this.#deps.options.requestTimeoutMs
    const request: Request = { correlationId, exchange, sentMs, deadlineMs, isWritten: false, isEnded: false }
    this.#lastUsedMs = sentMs
    if (exchange.expectsResponse) this.#inFlight.push(request)
    this.#writing = request
    this.#socket.write(buffers)
  }

  /** Ends the connection; everything in flight fails with `error`. */
  close(error: KafkaError): void {
    const during = this.#state.name
    if (during === 'CLOSED') return
    this.#state = { name: 'CLOSED' }
    this.#socket.destroy()
    for (const request of this.#inFlight.splice(0)) this.#fail(request, error)
    if (this.#writing !== undefined) this.#fail(this.#writing, error)
    this.#deps.onClosed(this, error, during)
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
    this.#state = { name: 'NEGOTIATING' }
    this.#negotiate()
  }

  #negotiate(): void {
    askVersions(
      this.#setup.apiVersionsVersion,
      (codec, message, onResponse) =>
        this.#whenWritable(() => this.#ask(codec, message, { onResponse, onFailure: () => {} })),
      (response) => {
        this.#throttle(response)
        if (response.errorCode === 0) this.#onVersions(response)
        else this.close(versionsRefused(this.address, response.errorCode))
      },
    )
  }

  /** An answer may be here before the event loop tells that its request has left; the socket takes no other until then. */
  #whenWritable(run: () => void): void {
    if (this.#writing === undefined) run()
    else this.#onWritable = run
  }

  #onVersions(response: ApiVersionsResponse): void {
    const versions = new NegotiatedVersions(response)
    if (versions.of(metadata) === undefined) {
      this.close(unsupported(this.address, metadata))
      return
    }
    this.#state = { name: 'READY', versions }
    this.#deps.onVersions(response)
    this.#deps.onReady()
  }

  /** Brokers from 2.0 on answer first and want the pause afterwards; older ones speak none of our versions. */
  #throttle(response: object): void {
    if (!('throttleTimeMs' in response)) return
    const throttleTimeMs = Number(response.throttleTimeMs)
    if (throttleTimeMs > 0) this.#deps.onThrottled(throttleTimeMs)
  }

  #onWritten(): void {
    const request = this.#writing
    if (request === undefined) return
    this.#writing = undefined
    request.isWritten = true
    request.exchange.onWritten?.()
    if (!request.exchange.expectsResponse) request.isEnded = true
    if (request.isEnded) request.exchange.onReleased?.()
    const run = this.#onWritable
    this.#onWritable = undefined
    if (run !== undefined && !this.isClosed) run()
    this.#deps.onWritable()
  }

  #onData(chunk: Buffer): void {
    if (this.isClosed) return
    this.#lastUsedMs = this.#deps.clock.now()
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
    { outcome: 'never' },
  )
}

function versionsRefused({ host, port }: Address, errorCode: number): KafkaError {
  const { name, meaning } = errorFor(errorCode)
  return new KafkaError(name, `${host}:${port} refused ApiVersions: ${meaning}`, { outcome: 'never', retriable: true })
}
