import { decodeRequestHeader, includesVersion, type RequestHeader } from '@linger/protocol'
import type { Answer, ApiHandler, RequestContext } from './apis/api-handler.ts'
import { handlersOf, refusal } from './apis/handlers.ts'
import { type BrokerConfig, brokerConfigDefaults } from './broker-config.ts'
import type { Cluster, ClusterMember } from './cluster/cluster.ts'
import { BrokerMetadata } from './cluster/broker-metadata.ts'
import { BrokerConnection, type ClientEnd, type ConnectionOptions } from './connection/broker-connection.ts'
import { DelayedOperations } from './delayed-operations.ts'
import { WatchedRequests } from './faults/watched-requests.ts'
import type { BrokerPorts } from './ports.ts'
import { ClientMetricsManager } from './telemetry/client-metrics-manager.ts'
import { TransactionCoordinator } from './transaction/transaction-coordinator.ts'

export interface EmbeddedBrokerOptions extends Partial<BrokerConfig> {
  readonly nodeId: number
  readonly cluster: Cluster
  readonly ports: BrokerPorts
}

export type BrokerProcess = 'running' | 'paused' | 'dead' | 'shut down'

/** What the controller thinks of a broker that stands still, and when. */
export interface OutageOptions {
  /** Until the controller notices, and others lead: 0 at once, Infinity never. */
  readonly noticedAfterMs?: number
}

/**
 * One broker of a cluster, without a socket: request frames in, answers out.
 *
 * It has no clock, timer or randomness of its own, so that the same requests give the same answers, and a whole cluster
 * can run inside a test.
 */
export class EmbeddedBroker implements ClusterMember {
  readonly nodeId: number
  readonly cluster: Cluster
  /** What it knows of the cluster: `freeze` and `forget` make it a broker that lags behind. */
  readonly metadata: BrokerMetadata
  /** The transactions that it coordinates. */
  readonly transactions: TransactionCoordinator
  readonly #ports: BrokerPorts
  readonly #handlers: ReadonlyMap<number, ApiHandler>
  readonly #context: Omit<RequestContext, 'apiVersion'>
  readonly #watched: WatchedRequests
  readonly #connections = new Set<BrokerConnection>()
  #process: BrokerProcess = 'running'
  #connectionCount = 0
  /** Takes back what its last change has yet to bring: that the controller notices it, or that it has heard of everything. */
  #cancelPending = (): void => {}

  constructor(options: EmbeddedBrokerOptions) {
    const { nodeId, cluster, ports, ...config } = options
    this.nodeId = nodeId
    this.cluster = cluster
    this.#ports = ports
    this.metadata = new BrokerMetadata(nodeId, cluster)
    const merged: BrokerConfig = { ...brokerConfigDefaults, ...config }
    const delayed = new DelayedOperations(ports)
    this.transactions = new TransactionCoordinator({
      nodeId,
      cluster,
      ports,
      maxTimeoutMs: merged.transactionMaxTimeoutMs,
      markerDelayMs: merged.transactionMarkerDelayMs,
      isRunning: () => this.isRunning,
    })
    const { metadata, transactions } = this
    const clientMetricsManager = new ClientMetricsManager({
      nodeId,
      clientMetrics: cluster.clientMetrics,
      ports,
      maxBytes: merged.telemetryMaxBytes,
    })
    this.#context = { nodeId, cluster, metadata, config: merged, ports, delayed, transactions, clientMetricsManager }
    this.#handlers = new Map(handlersOf(merged).map((handler) => [handler.api.apiKey, handler]))
    this.#watched = new WatchedRequests(nodeId, cluster, ports, (header, frame, answer) =>
      this.#process === 'running' ? this.#work(header, frame, answer) : () => {},
    )
    cluster.join(this)
  }

  get process(): BrokerProcess {
    return this.#process
  }

  get isRunning(): boolean {
    return this.#process === 'running'
  }

  get isStale(): boolean {
    return this.metadata.isStale
  }

  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Answers one request. The answer comes before `handle` returns, except to a Fetch that waits for records, a Produce
   * that waits for replicas, and where a fault delays it.
   *
   * @param frame without its size. Nothing of it is kept, it may be overwritten afterwards
   * @param answer called once at most, and not after the returned function was called
   * @param connectionId for the request log and for faults
   * @returns what to call when nobody waits for the answer any more
   * @throws ProtocolError when the frame is not a request
   */
  handle(frame: Uint8Array, answer: (answer: Answer) => void, connectionId: number = 0): () => void {
    const header = decodeRequestHeader(frame)
    const { faults, requests } = this.cluster
    if (faults.isEmpty && !requests.isOn) return this.#work(header, frame, answer)
    return this.#watched.handle(header, frame, connectionId, answer)
  }

  /** A client has connected. A broker that stands still accepts too: its operating system does that. */
  accept(client: ClientEnd, options: ConnectionOptions): BrokerConnection {
    const connection = new BrokerConnection({
      client,
      options,
      ports: this.#ports,
      isPaused: this.#process === 'paused',
      handle: (frame, answer, connectionId) => this.handle(frame, answer, connectionId),
      connectionId: ++this.#connectionCount,
      onClosed: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
    if (this.#process === 'dead' || this.#process === 'shut down') connection.reset()
    return connection
  }

  /** The process is gone, as by kill -9: all connections are reset. Its logs stay. */
  kill({ noticedAfterMs = 0 }: OutageOptions = {}): void {
    this.#process = 'dead'
    this.transactions.stop()
    for (const connection of this.#connections) connection.reset()
    this.#stopFollowing({ noticedAfterMs })
  }

  /**
   * The process ends in order, as by SIGTERM: others lead what it led, then its connections end. Of producers it writes
   * down what it knows, and forgets those whose records are old when it is back.
   */
  shutDown(): void {
    this.#process = 'shut down'
    this.transactions.stop()
    this.#stopFollowing({ noticedAfterMs: 0 })
    for (const connection of this.#connections) connection.close()
  }

  /** The process runs again, knows all there is to know and follows, or leads what nobody else can. */
  restart(): void {
    if (this.#process === 'shut down') {
      const { ports, config } = this.#context
      this.cluster.forgetOldProducers(this.nodeId, ports.now() - config.producerIdExpirationMs)
    }
    this.#process = 'running'
    this.catchUp()
  }

  /** The process stands still, as by SIGSTOP: it reads nothing, answers nothing and hears of nothing. */
  pause({ noticedAfterMs = Infinity }: OutageOptions = {}): void {
    this.#process = 'paused'
    this.metadata.freeze()
    for (const connection of this.#connections) connection.pause()
    this.#stopFollowing({ noticedAfterMs })
  }

  /** It goes on, and for `staleForMs` with what it knew before: it may append to what it does not lead any more. */
  resume({ staleForMs = 0 }: { readonly staleForMs?: number } = {}): void {
    this.#process = 'running'
    if (staleForMs === 0) this.catchUp()
    else this.#later(staleForMs, () => this.catchUp())
    for (const connection of this.#connections) connection.resume()
  }

  /** It has heard of everything, has thrown away what it alone had, and follows. */
  catchUp(): void {
    if (this.#process !== 'running') return
    this.#cancelPending()
    this.metadata.catchUp()
    this.cluster.forgetDeposed(this.nodeId)
    this.cluster.unfence(this.nodeId)
  }

  onClusterChanged(): void {
    this.transactions.onClusterChanged()
    this.#context.delayed.recheck()
  }

  #work(header: RequestHeader, frame: Uint8Array, answer: (answer: Answer) => void): () => void {
    const handler = this.#handlers.get(header.apiKey)
    if (handler !== undefined && includesVersion(handler.api.versions, header.apiVersion)) {
      return handler.run({ ...this.#context, apiVersion: header.apiVersion }, header, frame, answer)
    }
    answer(refusal(header))
    return () => {}
  }

  #stopFollowing({ noticedAfterMs }: Required<OutageOptions>): void {
    this.cluster.stallReplicas(this.nodeId)
    this.#cancelPending()
    if (noticedAfterMs === 0) this.cluster.fence(this.nodeId)
    else if (noticedAfterMs < Infinity) this.#later(noticedAfterMs, () => this.cluster.fence(this.nodeId))
  }

  /** In the place of what was pending: a broker that is back is not fenced for an outage that is over. */
  #later(delayMs: number, change: () => void): void {
    this.#cancelPending()
    this.#cancelPending = this.#ports.after(delayMs, change)
  }
}
