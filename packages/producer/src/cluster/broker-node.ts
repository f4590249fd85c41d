import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { backoffMs } from '../backoff.ts'
import { KafkaError } from '../errors.ts'
import { API_VERSIONS_NEWEST } from '../network/ask-versions.ts'
import type { ConnectionDeps } from '../network/connection-deps.ts'
import { isUntrusted } from '../network/connection-errors.ts'
import { isSetUp, type ConnectionStage } from '../network/connection-state.ts'
import { Connection } from '../network/connection.ts'
import type { Traces } from '../observe/traces.ts'
import type { Dns } from '../ports/dns.ts'
import type { Address } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'
import { BrokerObserver } from '../observe/broker-observer.ts'
import { NodeMeters } from '../observe/node-meters.ts'
import type { ProducerMeters } from '../observe/producer-meters.ts'
import { HostAddresses } from './host-addresses.ts'
import { QuestionsAsked } from './questions-asked.ts'

export interface BrokerNodeOptions {
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
  readonly socketConnectionSetupTimeoutMs: number
  readonly socketConnectionSetupTimeoutMaxMs: number
}

export interface BrokerNodeDeps extends Omit<
  ConnectionDeps,
  'onClosed' | 'onReady' | 'onThrottled' | 'onWritable' | 'traffic'
> {
  readonly options: ConnectionDeps['options'] & BrokerNodeOptions
  readonly dns: Dns
  readonly meters: ProducerMeters
  readonly traces: Traces
  readonly random: Random
  /** Its connection takes another request. */
  readonly onWritable: (node: BrokerNode) => void
  /** The node could not be reached at any of its addresses, or was lost. */
  readonly onDown: (node: BrokerNode, error: KafkaError) => void
}

type State =
  | { readonly name: 'DISCONNECTED'; readonly retryAtMs: number; readonly sinceMs: number }
  | { readonly name: 'RESOLVING'; readonly sinceMs: number }
  | { readonly name: 'CONNECTED'; readonly connection: Connection }

/** A broker may ask for any pause up to 24 days. Kafka's own are some seconds: its quotas look 11 seconds back. */
const THROTTLE_MS_MAX = 60_000

/**
 * Who wanted a connection when an address failed may have given up. The addresses that were not tried are old after this
 * long: whoever wants one then has the name looked up again. A round that goes on is gone through, however long it takes, or
 * the last of many silent addresses would never have its turn.
 */
const UNTRIED_MS_MAX = 30_000

/** Azure Event Hubs ends a connection on which it is asked for a newer ApiVersions. */
const API_VERSIONS_AFTER_RESET = 3

/**
 * A broker as we reach it: at most one connection, its back-off, and the partitions it leads that have a batch
 * to send. Bootstrap addresses are nodes with a negative id.
 */
export class BrokerNode {
  readonly id: number
  readonly address: Address
  readonly #deps: BrokerNodeDeps
  readonly #addresses: HostAddresses
  readonly meters: NodeMeters
  readonly #observer: BrokerObserver
  /** Partitions with a batch that may leave, first come first served. */
  #readyPartitions: PartitionQueue[] = []
  /** When the first of them became ready. */
  readySinceMs = 0
  /** When the last Produce request left. */
  lastSendMs: number = -Infinity
  readonly questionsAsked: QuestionsAsked
  /** Why it could not be reached, or was lost. Undefined while it can be used, and before it was tried. */
  lastError: KafkaError | undefined
  /** An address of this round that does not trust us, or we it: that tells more than one that cannot be reached. */
  #untrusted: KafkaError | undefined
  #state: State = { name: 'DISCONNECTED', retryAtMs: 0, sinceMs: 0 }
  /** Losses of the connection and failures to make one, since it was last ready. */
  #failedAttempts = 0
  /** The failures among them. */
  #failedSetups = 0
  #apiVersionsVersion = API_VERSIONS_NEWEST
  #throttledUntilMs = 0

  /** @param questionsAsked of the broker at this address, where it was met under another id */
  constructor(
    id: number,
    address: Address,
    deps: BrokerNodeDeps,
    questionsAsked: QuestionsAsked = new QuestionsAsked(),
  ) {
    this.id = id
    this.questionsAsked = questionsAsked
    this.address = address
    this.#deps = deps
    this.#addresses = new HostAddresses(address.host, deps.dns)
    this.meters = new NodeMeters(deps.meters)
    this.#observer = new BrokerObserver(id, address, this.meters, deps.traces)
  }

  get connection(): Connection | undefined {
    return this.#state.name === 'CONNECTED' ? this.#state.connection : undefined
  }

  get inFlightCount(): number {
    return this.connection?.inFlightCount ?? 0
  }

  get readyPartitions(): readonly PartitionQueue[] {
    return this.#readyPartitions
  }

  get isDisconnected(): boolean {
    return this.#state.name === 'DISCONNECTED'
  }

  /** Unreachable, and not to be tried again yet. */
  get isBackingOff(): boolean {
    return this.#state.name === 'DISCONNECTED' && this.#state.retryAtMs > this.#deps.clock.now()
  }

  canSend(nowMs: number): boolean {
    return this.#state.name === 'CONNECTED' && this.#state.connection.canSend && !this.isThrottled(nowMs)
  }

  /** It asked for a pause that is not over. */
  isThrottled(nowMs: number): boolean {
    return nowMs < this.#throttledUntilMs
  }

  /** Since when it owes us something: its address, a connection, or an answer. Undefined when it owes nothing. */
  get waitingSinceMs(): number | undefined {
    return this.#state.name === 'RESOLVING' ? this.#state.sinceMs : this.connection?.waitingSinceMs
  }

  /**
   * When this node must be looked at again.
   *
   * @param isWanted somebody would use a connection that is not there
   */
  deadlineMs(nowMs: number, isWanted: boolean): number {
    const wantedAtMs = isWanted ? this.#usableAtMs : Infinity
    return Math.min(this.#timeoutAtMs, wantedAtMs > nowMs ? wantedAtMs : Infinity)
  }

  get #timeoutAtMs(): number {
    switch (this.#state.name) {
      case 'DISCONNECTED':
        return Infinity
      case 'RESOLVING':
        return this.#state.sinceMs + this.#setupTimeoutMs
      case 'CONNECTED':
        return this.#state.connection.deadlineMs
    }
  }

  /** When a back-off or a pause ends. */
  get #usableAtMs(): number {
    return this.#state.name === 'DISCONNECTED' ? this.#state.retryAtMs : this.#throttledUntilMs
  }

  enqueue(partition: PartitionQueue, nowMs: number): void {
    if (this.#readyPartitions.length === 0) this.readySinceMs = nowMs
    partition.isQueued = true
    this.#readyPartitions.push(partition)
  }

  /** Takes all ready partitions; the caller puts back what it cannot send. */
  takeReady(): PartitionQueue[] {
    const taken = this.#readyPartitions
    this.#readyPartitions = []
    return taken
  }

  /**
   * A firewall on the way may have forgotten the connection without a word, or the process was frozen for long: a new
   * one is sooner there than the end of a timeout.
   */
  closeIfIdle(nowMs: number): void {
    if (this.connection?.isIdle(nowMs) !== true) return
    this.close(closedIdle(this.address, this.#deps.options.connectionsMaxIdleMs))
  }

  /** Starts a connection if there is none that can be used, and the back-off is over. */
  connect(nowMs: number): void {
    this.closeIfIdle(nowMs)
    if (this.#state.name !== 'DISCONNECTED' || nowMs < this.#state.retryAtMs) return
    if (nowMs - this.#state.sinceMs >= UNTRIED_MS_MAX) this.#addresses.forget()
    if (this.#addresses.hasUntried) this.#connectNext()
    else this.#lookUp(nowMs)
  }

  /** Ends what took too long. */
  checkDeadline(nowMs: number): void {
    this.closeIfIdle(nowMs)
    if (nowMs < this.#timeoutAtMs) return
    if (this.#state.name === 'CONNECTED') {
      this.#state.connection.checkDeadline(nowMs)
    } else {
      this.#addresses.abandonLookUp()
      const reason = `no answer within socketConnectionSetupTimeoutMs (${this.#setupTimeoutMs} ms)`
      this.#onDown(unresolved(this.address, reason, undefined), 'CONNECTING')
    }
  }

  /** Nothing is sent for a while, since a quota was passed (KIP-219). */
  throttle(throttleTimeMs: number): void {
    const nowMs = this.#deps.clock.now()
    const pauseMs = Math.min(throttleTimeMs, THROTTLE_MS_MAX)
    this.#throttledUntilMs = Math.max(this.#throttledUntilMs, nowMs + pauseMs)
    this.connection?.delayAnswers(pauseMs)
  }

  /** Ends the connection on purpose: no failure, no back-off. */
  close(error: KafkaError): void {
    const { connection } = this
    this.#addresses.abandonLookUp()
    this.#addresses.forget()
    const sinceMs = this.#deps.clock.now()
    if (this.#state.name !== 'DISCONNECTED') this.#state = { name: 'DISCONNECTED', retryAtMs: 0, sinceMs }
    connection?.close(error)
  }

  #lookUp(nowMs: number): void {
    this.#state = { name: 'RESOLVING', sinceMs: nowMs }
    this.#addresses.lookUp(nowMs, (error) => {
      if (error === undefined && this.#addresses.hasUntried) this.#connectNext()
      else this.#onDown(unresolved(this.address, error?.message ?? 'it has no address', error), 'CONNECTING')
      this.#deps.onProgress()
    })
  }

  /** Every address of the name gets its turn. */
  #connectNext(): void {
    const host = this.#addresses.takeUntried()
    if (host === undefined) return
    const setup = {
      host: this.address.host,
      timeoutMs: this.#setupTimeoutMs,
      apiVersionsVersion: this.#apiVersionsVersion,
    }
    const onTraceEnd = this.#observer.onConnecting()
    const connection = new Connection({ host, port: this.address.port }, setup, {
      ...this.#deps,
      traffic: this.#observer,
      onReady: () => {
        this.#onReady()
        onTraceEnd(undefined)
      },
      onWritable: () => this.#deps.onWritable(this),
      onThrottled: (throttleTimeMs) => this.throttle(throttleTimeMs),
      onClosed: (closed, error, during) => {
        if (isSetUp(during)) this.meters.onDisconnected(this.#deps.clock.now())
        else onTraceEnd(error)
        if (this.connection === closed) this.#onClosed(closed, error, during)
      },
    })
    this.#state = { name: 'CONNECTED', connection }
  }

  #onReady(): void {
    this.meters.onConnected(this.#deps.clock.now())
    this.#failedAttempts = 0
    this.#failedSetups = 0
    this.lastError = undefined
    this.#untrusted = undefined
    this.#addresses.forget()
  }

  #onClosed({ address }: Connection, error: KafkaError, during: ConnectionStage): void {
    const wasReset = during === 'NEGOTIATING' && error.code === 'NETWORK_EXCEPTION'
    if (wasReset && this.#apiVersionsVersion > API_VERSIONS_AFTER_RESET) {
      this.#apiVersionsVersion = API_VERSIONS_AFTER_RESET
      this.#addresses.putBack(address.host)
    }
    this.#onDown(error, during)
  }

  /** Another address can be tried at once; a new round waits. */
  #onDown(error: KafkaError, during: ConnectionStage): void {
    const { clock, random, options, meters } = this.#deps
    const nowMs = clock.now()
    if (isUntrusted(error)) this.#untrusted ??= error
    if (error.code === 'SASL_AUTHENTICATION_FAILED') meters.failedAuthentications.record(1, nowMs)
    if (this.#addresses.hasUntried) {
      this.#state = { name: 'DISCONNECTED', retryAtMs: 0, sinceMs: nowMs }
      return
    }
    this.lastError = this.#untrusted ?? error
    this.#untrusted = undefined
    this.#failedAttempts++
    if (!isSetUp(during)) this.#failedSetups++
    const { reconnectBackoffMs, reconnectBackoffMaxMs } = options
    const waitMs = backoffMs(this.#failedAttempts, reconnectBackoffMs, reconnectBackoffMaxMs, random)
    this.#state = { name: 'DISCONNECTED', retryAtMs: nowMs + waitMs, sinceMs: nowMs }
    this.#deps.onDown(this, this.lastError)
  }

  /**
   * It doubles with each failure: a network may be slower than was thought.
   *
   * @source KIP-601
   */
  get #setupTimeoutMs(): number {
    const { socketConnectionSetupTimeoutMs, socketConnectionSetupTimeoutMaxMs } = this.#deps.options
    const maxMs = Math.max(socketConnectionSetupTimeoutMs, socketConnectionSetupTimeoutMaxMs)
    return Math.min(maxMs, socketConnectionSetupTimeoutMs * 2 ** this.#failedSetups)
  }
}

function unresolved({ host, port }: Address, reason: string, cause: Error | undefined): KafkaError {
  return new KafkaError('NETWORK_EXCEPTION', `${host}:${port}: the name cannot be resolved: ${reason}`, {
    outcome: 'never',
    retriable: true,
    cause,
  })
}

function closedIdle({ host, port }: Address, connectionsMaxIdleMs: number): KafkaError {
  return new KafkaError('NETWORK_EXCEPTION', `${host}:${port}: not used for ${connectionsMaxIdleMs} ms`, {
    outcome: 'never',
    retriable: true,
  })
}
