import type { ApiVersionsResponse } from '@linger/protocol'
import type { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Address, Network } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import type { Tls } from '../ports/tls.ts'
import type { Connection } from './connection.ts'
import type { ConnectionStage } from './connection-state.ts'
import type { Exchange } from './exchange.ts'
import type { SaslMechanism } from './sasl/sasl-mechanism.ts'

export interface ConnectionOptions {
  readonly clientId: string
  readonly requestTimeoutMs: number
  readonly connectionsMaxIdleMs: number
  readonly maxInFlightRequestsPerConnection: number
}

/** How one connection is set up: brokers that failed before are met otherwise. */
export interface ConnectionSetup {
  /** The broker's name, whatever address it has now: its certificate must be for it. */
  readonly host: string
  readonly timeoutMs: number
  /** The version in which ApiVersions is asked first. */
  readonly apiVersionsVersion: number
}

/** What stands between us and whoever else is on the network. */
export interface ConnectionSecurity {
  /** Undefined: not encrypted. */
  readonly tlsOptions: Tls['options'] | undefined
  /** Undefined: brokers do not ask who we are, or know it by our certificate. */
  readonly sasl: SaslMechanism | undefined
}

/** Whom a connection is with: its name and the address it has now. */
export interface Peer {
  readonly host: string
  readonly address: Address
}

/** Looks on at what goes over a connection. */
export interface ConnectionTraffic {
  /** @returns who is told of the request's life instead: `exchange`, or one that tells it in turn */
  onRequest(exchange: Exchange, buffers: readonly Uint8Array[], nowMs: number): Exchange
  /** @param frame without its size */
  onResponse(frame: Uint8Array, nowMs: number): void
}

export interface ConnectionDeps {
  readonly network: Network
  readonly clock: Clock
  readonly random: Random
  readonly security: ConnectionSecurity
  readonly options: ConnectionOptions
  readonly traffic: ConnectionTraffic
  /** Something changed: it is ready, an answer came, it has ended. */
  readonly onProgress: () => void
  readonly onReady: () => void
  /** A broker that we trust has said what it speaks. */
  readonly onVersions: (response: ApiVersionsResponse) => void
  /** A request has left: the socket takes another. */
  readonly onWritable: () => void
  /** The broker asks for a pause. */
  readonly onThrottled: (throttleTimeMs: number) => void
  /** @param during how far it had come */
  readonly onClosed: (connection: Connection, error: KafkaError, during: ConnectionStage) => void
}
