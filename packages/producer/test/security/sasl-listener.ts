import {
  apiVersions,
  codecFor,
  decodeRequest,
  decodeResponseFrame,
  encodeResponseFrame,
  produce,
  saslAuthenticate,
  saslHandshake,
  type SaslAuthenticateResponse,
} from '@linger/protocol'
import { answerTo, type BrokerRequest, type Fault } from '../world/broker-host.ts'
import type { World } from '../world/world.ts'

const SIZE_BYTES = 4
const UNSUPPORTED_SASL_MECHANISM = 33
const SASL_AUTHENTICATION_FAILED = 58

/** What a broker says to a token: more to talk about, that it believes, or why not. */
export type Verdict =
  | { readonly kind: 'challenge'; readonly token: Uint8Array }
  | { readonly kind: 'accepted'; readonly token?: Uint8Array }
  | { readonly kind: 'refused'; readonly message: string }

/** The broker's side of one dialogue. */
export type SaslServer = (token: Buffer) => Verdict

export interface SaslListenerOptions {
  readonly mechanism: string
  readonly server: () => SaslServer
  /** 0: sessions do not end. */
  readonly sessionLifetimeMs?: number
  /** Kafka 2.1 has 0, which knows no sessions that end. */
  readonly authenticateVersionMax?: number
  /** The listener has no SASL at all: 34 ILLEGAL_SASL_STATE. */
  readonly handshakeErrorCode?: number
}

interface Session {
  server: SaslServer | undefined
  isAuthenticated: boolean
  expiresAtMs: number
}

/**
 * Makes every broker of a world ask who we are, and judges as Kafka does: a request before the proof, among its
 * tokens, or after the session has ended closes the connection.
 */
export class SaslListener {
  /** What broke a rule, in words. Must stay empty. */
  readonly violations: string[] = []
  /** When each dialogue was won, with its connection. */
  readonly authenticated: { readonly connectionId: number; readonly atMs: number }[] = []
  handshakes = 0
  options: SaslListenerOptions
  readonly #world: World
  readonly #sessions = new Map<number, Session>()
  /** Requests on a connection that are not answered yet. */
  readonly #unanswered = new Map<number, number>()

  constructor(world: World, options: SaslListenerOptions) {
    this.#world = world
    this.options = options
    for (const host of world.hosts) {
      const others = host.faultFor
      host.faultFor = (request) => this.#judge(request) ?? others(request)
    }
    world.network.observers.push({
      onWrite: () => {},
      onReceived: (connectionId) => this.#count(connectionId, -1),
      onClosed: (connectionId) => void this.#unanswered.delete(connectionId),
    })
  }

  #judge(request: BrokerRequest): Fault | undefined {
    const session = this.#sessionOf(request.connectionId)
    if (isAnswered(request)) this.#count(request.connectionId, 1)
    if (request.api === apiVersions) return this.#versionsWithSasl(request)
    if (request.api === saslHandshake) return this.#onHandshake(request, session)
    if (request.api === saslAuthenticate) return this.#onAuthenticate(request, session)
    const name = request.api?.name ?? request.header.apiKey
    if (!session.isAuthenticated || session.server !== undefined) {
      this.violations.push(`${this.#world.nowMs} ms: ${name} before the proof`)
      return { kind: 'close-before' }
    }
    if (this.#world.nowMs > session.expiresAtMs) {
      this.violations.push(`${this.#world.nowMs} ms: ${name} after the session`)
      return { kind: 'close-before' }
    }
    return undefined
  }

  #onHandshake(request: BrokerRequest, session: Session): Fault {
    this.handshakes++
    const { mechanism, server, handshakeErrorCode = 0 } = this.options
    const unanswered = this.#unanswered.get(request.connectionId) ?? 0
    if (unanswered > 1) this.violations.push(`${this.#world.nowMs} ms: a handshake among ${unanswered} requests`)
    return answerTo(request, saslHandshake, (asked) => {
      if (handshakeErrorCode !== 0) return { errorCode: handshakeErrorCode, mechanisms: [] }
      if (asked.mechanism !== mechanism) return { errorCode: UNSUPPORTED_SASL_MECHANISM, mechanisms: [mechanism] }
      session.server = server()
      return { errorCode: 0, mechanisms: [mechanism] }
    })
  }

  #onAuthenticate(request: BrokerRequest, session: Session): Fault {
    const { header, frame, connectionId } = request
    const { server } = session
    if (server === undefined) {
      this.violations.push(`${this.#world.nowMs} ms: a token without a handshake`)
      return { kind: 'close-before' }
    }
    const { authBytes } = decodeRequest(codecFor(saslAuthenticate, header.apiVersion), frame, header.bodyOffset)
    const verdict = server(Buffer.from(authBytes))
    if (verdict.kind === 'accepted') {
      const { sessionLifetimeMs = 0 } = this.options
      session.server = undefined
      session.isAuthenticated = true
      session.expiresAtMs = sessionLifetimeMs === 0 ? Infinity : this.#world.nowMs + sessionLifetimeMs
      this.authenticated.push({ connectionId, atMs: this.#world.nowMs })
    }
    return answerTo(request, saslAuthenticate, () => this.#answer(verdict))
  }

  #answer(verdict: Verdict): SaslAuthenticateResponse {
    const nothing = { errorCode: 0, errorMessage: null, authBytes: new Uint8Array(), sessionLifetimeMs: 0n }
    switch (verdict.kind) {
      case 'challenge':
        return { ...nothing, authBytes: verdict.token }
      case 'accepted':
        return {
          ...nothing,
          authBytes: verdict.token ?? new Uint8Array(),
          sessionLifetimeMs: BigInt(this.options.sessionLifetimeMs ?? 0),
        }
      case 'refused':
        return { ...nothing, errorCode: SASL_AUTHENTICATION_FAILED, errorMessage: verdict.message }
    }
  }

  /** The embedded broker speaks no SASL: it is told here. */
  #versionsWithSasl({ header }: BrokerRequest): Fault {
    const codec = codecFor(apiVersions, header.apiVersion)
    const { authenticateVersionMax = 2 } = this.options
    return {
      kind: 'alter',
      alter: (frame) => {
        const { correlationId, response } = decodeResponseFrame(codec, frame.subarray(SIZE_BYTES))
        const apiKeys = [
          ...response.apiKeys,
          { apiKey: saslHandshake.apiKey, minVersion: 0, maxVersion: 1 },
          { apiKey: saslAuthenticate.apiKey, minVersion: 0, maxVersion: authenticateVersionMax },
        ]
        return encodeResponseFrame(codec, correlationId, { ...response, apiKeys })
      },
    }
  }

  #sessionOf(connectionId: number): Session {
    let session = this.#sessions.get(connectionId)
    if (session === undefined) {
      session = { server: undefined, isAuthenticated: false, expiresAtMs: Infinity }
      this.#sessions.set(connectionId, session)
    }
    return session
  }

  #count(connectionId: number, change: 1 | -1): void {
    this.#unanswered.set(connectionId, Math.max(0, (this.#unanswered.get(connectionId) ?? 0) + change))
  }
}

/** Every broker of the world asks who we are from now on. */
export function listenWithSasl(world: World, options: SaslListenerOptions): SaslListener {
  return new SaslListener(world, options)
}

/** A Produce request without acks is not. */
function isAnswered({ api, header, frame }: BrokerRequest): boolean {
  if (api !== produce) return true
  return decodeRequest(codecFor(produce, header.apiVersion), frame, header.bodyOffset).acks !== 0
}

/** Believes one user with one password. */
export function plainServer(username: string, password: string): SaslServer {
  return (token) =>
    token.equals(Buffer.from(`\0${username}\0${password}`))
      ? { kind: 'accepted' }
      : { kind: 'refused', message: 'Authentication failed: Invalid username or password' }
}
