import {
  codecFor,
  correlationIdOf,
  decodeResponseFrame,
  encodeRequestFrame,
  FrameReader,
  metadata,
  type Api,
  type ApiCodec,
  type ApiVersionsResponse,
  type RequestInput,
  type ResponseOf,
} from '@linger/protocol'
import type { KafkaError } from '../errors.ts'
import type { Address, Socket } from '../ports/network.ts'
import { askVersions } from './ask-versions.ts'
import type { ConnectionDeps, ConnectionSetup } from './connection-deps.ts'
import { connectionLost, timedOut, unsupported, versionsRefused } from './connection-errors.ts'
import { isSetUp, type ConnectionState } from './connection-state.ts'
import type { Exchange, SentRequest } from './exchange.ts'
import { NegotiatedVersions } from './negotiated-versions.ts'
import { notKafka } from './not-kafka.ts'
import { authenticate } from './sasl/authenticate.ts'
import type { SaslMechanism } from './sasl/sasl-mechanism.ts'

const CORRELATION_ID_MAX = 2 ** 31 - 1

/** Nothing that a broker says before we trust it is longer. */
const SETUP_FRAME_BYTES_MAX = 512 * 1024

/**
 * One connection to one broker: negotiates versions, says who we are, matches answers to requests in order, and ends
 * when an answer is late, wrong or not Kafka. A late answer must never be taken for another's, so a connection that
 * lost its step is never repaired.
 */
export class Connection {
  readonly address: Address
  readonly #deps: ConnectionDeps
  readonly #setup: ConnectionSetup
  readonly #openedMs: number
  readonly #socket: Socket
  #frames = new FrameReader({ maxFrameBytes: SETUP_FRAME_BYTES_MAX })
  /** Sent and not answered, oldest first. */
  readonly #inFlight: SentRequest[] = []
  #state: ConnectionState = { name: 'CONNECTING' }
  /** It has answered a request since it was ready. */
  #hasServed = false
  #nextCorrelationId = 0
  /** The request whose bytes the socket still holds. */
  #writing: SentRequest | undefined
  /** What waits for the socket to take another request. */
  #onWritable: (() => void) | undefined
  /** When bytes last went either way. */
  #lastUsedMs: number

  constructor(address: Address, setup: ConnectionSetup, deps: ConnectionDeps) {
    this.address = address
    this.#deps = deps
    this.#setup = setup
    this.#openedMs = this.#lastUsedMs = deps.clock.now()
    const { tlsOptions } = deps.security
    const events = {
      onConnected: () => this.#onConnected(),
      onData: (chunk: Buffer) => this.#onData(chunk),
      onWritten: () => this.#onWritten(),
      onClosed: (error: Error | undefined) => this.#onSocketClosed(error),
    }
    const tls = tlsOptions === undefined ? undefined : { host: setup.host, options: tlsOptions }
    this.#socket = deps.network.connect(address, events, tls)
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

  /** The newest version both sides speak, or undefined when there is none, or none is known yet. */
  versionOf(api: Api): number | undefined {
    return 'versions' in this.#state ? this.#state.versions.of(api) : undefined
  }

  /** It has been ready and was not closed since. While its session is renewed it takes no requests, and is there. */
  get isSetUp(): boolean {
    return this.#state.name !== 'CLOSED' && isSetUp(this.#state.name)
  }

  /** Since when the peer owes us something: a connection, or an answer. Undefined when it owes nothing. */
  get waitingSinceMs(): number | undefined {
    if (!this.isSetUp) return this.#openedMs
    // A session that is being renewed owes us that, and is not slow before a request is.
    return this.#oldestRequest?.sentMs ?? (this.isReady ? undefined : this.#deps.clock.now())
  }

  /** Nothing went either way for so long that something on the way may have forgotten the connection. */
  isIdle(nowMs: number): boolean {
    return this.isReady && this.#oldestRequest === undefined && nowMs >= this.#idleAtMs
  }

  /** When this connection must be looked at again. */
  get deadlineMs(): number {
    switch (this.#state.name) {
      case 'READY':
        return Math.min(this.#oldestRequest?.deadlineMs ?? this.#idleAtMs, this.#state.sessionEndsAtMs)
      case 'DRAINING':
        return this.#oldestRequest?.deadlineMs ?? Infinity
      case 'REAUTHENTICATING':
        return this.#state.deadlineMs
      case 'CONNECTING':
      case 'NEGOTIATING':
      case 'AUTHENTICATING':
        return this.#openedMs + this.#setup.timeoutMs
      case 'CLOSED':
        return Infinity
    }
  }

  /** Ends the connection when its setup or its oldest request took too long; renews its session in time. */
  checkDeadline(nowMs: number): void {
    if (nowMs < this.deadlineMs || this.isIdle(nowMs)) return
    if (this.#state.name === 'READY' && nowMs >= this.#state.sessionEndsAtMs) {
      this.#state = { name: 'DRAINING', versions: this.#state.versions }
      this.#reauthenticateOnceQuiet()
      return
    }
    const what = this.isSetUp
      ? `no answer within requestTimeoutMs (${this.#deps.options.requestTimeoutMs} ms)`
      : `not ready within socketConnectionSetupTimeoutMs (${this.#setup.timeoutMs} ms)`
    this.close(timedOut(this.address, what))
  }

  /** The broker reads nothing for a while: answers may come later by as much (KIP-219). */
  delayAnswers(pauseMs: number): void {
    const deadlineMs = this.#deps.clock.now() + pauseMs + this.#deps.options.requestTimeoutMs
    for (const request of this.#inFlight) request.deadlineMs = Math.max(request.deadlineMs, deadlineMs)
  }

  get #oldestRequest(): SentRequest | undefined {
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
  send(correlationId: number, buffers: readonly Uint8Array[], events: Exchange): void {
    const sentMs = this.#deps.clock.now()
    const exchange = this.#deps.traffic.onRequest(events, buffers, sentMs)
    const deadlineMs = sentMs + this.#deps.options.requestTimeoutMs
    const request: SentRequest = { correlationId, exchange, sentMs, deadlineMs, isWritten: false, isEnded: false }
    this.#touch(sentMs)
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

  #fail(request: SentRequest, error: KafkaError): void {
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
    const { sasl } = this.#deps.security
    if (sasl === undefined) {
      this.#onTrusted(response, versions, Infinity)
      return
    }
    this.#state = { name: 'AUTHENTICATING', versions }
    this.#authenticate(sasl, versions, (sessionEndsAtMs) => {
      this.#onTrusted(response, versions, sessionEndsAtMs)
      this.#deps.onProgress()
    })
  }

  #onTrusted(response: ApiVersionsResponse, versions: NegotiatedVersions, sessionEndsAtMs: number): void {
    this.#state = { name: 'READY', versions, sessionEndsAtMs }
    this.#frames = new FrameReader()
    this.#deps.onVersions(response)
    this.#deps.onReady()
  }

  #authenticate(
    mechanism: SaslMechanism,
    versions: NegotiatedVersions,
    onDone: (sessionEndsAtMs: number) => void,
  ): void {
    authenticate({
      ...this.#deps,
      peer: { host: this.#setup.host, port: this.address.port },
      mechanism,
      versionOf: (api) => versions.of(api),
      ask: (api, message, onAnswer) => this.#askWhenWritable(api, message, onAnswer),
      onDone: (sessionEndsAtMs) => {
        if (!this.isClosed) onDone(sessionEndsAtMs)
      },
      onFailed: (error) => this.close(error),
    })
  }

  /** For what is said in the setup. The answer may be kept: it is decoded from a copy. */
  #askWhenWritable<A extends Api>(api: A, message: RequestInput<A>, onAnswer: (response: ResponseOf<A>) => void): void {
    const version = this.versionOf(api)
    if (version === undefined || this.isClosed) return
    const codec = codecFor(api, version)
    this.#whenWritable(() => {
      this.#ask(codec, message, {
        onResponse: (frame) => onAnswer(decodeResponseFrame(codec, Uint8Array.from(frame)).response),
        onFailure: () => {}, // it fails with the connection
      })
    })
  }

  /**
   * A session is renewed between requests, never among them: what is on its way is answered in the old one, without
   * acks it has left, and what comes afterwards is in the new one.
   *
   * @source KIP-368
   */
  #reauthenticateOnceQuiet(): void {
    const { sasl } = this.#deps.security
    if (this.#state.name !== 'DRAINING' || this.#oldestRequest !== undefined || sasl === undefined) return
    const { versions } = this.#state
    const deadlineMs = this.#deps.clock.now() + this.#deps.options.requestTimeoutMs
    this.#state = { name: 'REAUTHENTICATING', versions, deadlineMs }
    this.#authenticate(sasl, versions, (sessionEndsAtMs) => {
      this.#state = { name: 'READY', versions, sessionEndsAtMs }
      this.#deps.onProgress()
    })
  }

  /** What only keeps a session alive is no use of it. */
  #touch(nowMs: number): void {
    if (this.#state.name !== 'REAUTHENTICATING') this.#lastUsedMs = nowMs
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
    this.#reauthenticateOnceQuiet()
    this.#deps.onWritable()
  }

  #onData(chunk: Buffer): void {
    if (this.isClosed) return
    this.#touch(this.#deps.clock.now())
    try {
      this.#frames.push(chunk, (frame) => this.#onFrame(frame))
    } catch (error) {
      this.close(notKafka(this.address, chunk, error))
      return
    }
    this.#reauthenticateOnceQuiet()
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
    this.#hasServed ||= this.isReady
    this.#deps.traffic.onResponse(frame, this.#lastUsedMs)
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
    const { name } = this.#state
    if (name !== 'CLOSED') {
      const peer = { host: this.#setup.host, address: this.address }
      this.close(connectionLost(peer, name, this.#deps.security, this.#hasServed, error))
    }
    this.#writing?.exchange.onReleased?.()
    this.#writing = undefined
    this.#deps.onProgress()
  }
}
