import type { KafkaError } from '../errors.ts'
import type { Connection } from '../network/connection.ts'
import type { Address } from '../ports/network.ts'
import { BrokerNode, type BrokerNodeDeps } from './broker-node.ts'

/** All brokers we know: those that metadata told of, and until then the bootstrap addresses. */
export class Cluster {
  readonly #deps: BrokerNodeDeps
  readonly #bootstrap: readonly BrokerNode[]
  readonly #brokers = new Map<number, BrokerNode>()
  /** Both kinds. */
  #nodes: readonly BrokerNode[]
  #nextBootstrap: number

  constructor(bootstrapAddresses: readonly Address[], deps: BrokerNodeDeps) {
    this.#deps = deps
    this.#bootstrap = bootstrapAddresses.map((address, i) => new BrokerNode(-1 - i, address, deps))
    this.#nodes = this.#bootstrap
    this.#nextBootstrap = Math.floor(deps.random.next() * bootstrapAddresses.length)
  }

  get bootstrap(): readonly BrokerNode[] {
    return this.#bootstrap
  }

  get brokers(): Iterable<BrokerNode> {
    return this.#brokers.values()
  }

  broker(id: number): BrokerNode | undefined {
    return this.#brokers.get(id)
  }

  /**
   * Takes over the brokers that metadata lists. One that moved to another address is a new node.
   *
   * @returns true when a node that was known is gone
   */
  update(
    brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[],
    gone: KafkaError,
  ): boolean {
    const listed = new Set<number>()
    let isAnyGone = false
    for (const { nodeId, host, port } of brokers) {
      listed.add(nodeId)
      const known = this.#brokers.get(nodeId)
      if (known?.address.host === host && known.address.port === port) continue
      this.#brokers.set(nodeId, new BrokerNode(nodeId, { host, port }, this.#deps))
      if (known === undefined) continue
      isAnyGone = true
      known.close(gone)
    }
    for (const [id, node] of this.#brokers) {
      if (listed.has(id)) continue
      this.#brokers.delete(id)
      isAnyGone = true
      node.close(gone)
    }
    this.#nodes = [...this.#brokers.values(), ...this.#bootstrap]
    // Bootstrap connections have served. They are never used for records, whose leaders have nodes of their own.
    for (const node of this.#bootstrap) if (node.connection?.inFlightCount === 0) node.close(gone)
    return isAnyGone
  }

  /**
   * A connection for questions that any broker answers: the ready one with the fewest requests in flight. When
   * there is none, starts to connect somewhere and answers undefined: ask again when something has happened.
   */
  anyConnection(nowMs: number): Connection | undefined {
    let best: Connection | undefined
    let isConnecting = false
    for (const node of this.#nodes) {
      const { connection } = node
      if (connection === undefined) continue
      if (!connection.isReady) isConnecting = true
      else if (connection.canSend && connection.inFlightCount < (best?.inFlightCount ?? Infinity)) best = connection
      else isConnecting = true // busy: it will be free soon
    }
    if (best === undefined && !isConnecting) this.#connectSomewhere(nowMs)
    return best
  }

  #connectSomewhere(nowMs: number): void {
    const known = [...this.#brokers.values()].filter((node) => !node.isBackingOff)
    const candidates = known.length > 0 ? known : this.#bootstrap
    for (let i = 0; i < candidates.length; i++) {
      const node = candidates[this.#nextBootstrap++ % candidates.length]
      if (node === undefined || node.isBackingOff) continue
      node.connect(nowMs)
      return
    }
  }

  checkDeadlines(nowMs: number): void {
    for (const node of this.#nodes) node.checkDeadline(nowMs)
  }

  /** When one of the nodes must be looked at again. */
  deadlineMs(nowMs: number, wantsAny: boolean): number {
    let deadlineMs = Infinity
    for (const node of this.#nodes) {
      deadlineMs = Math.min(deadlineMs, node.deadlineMs(nowMs, wantsAny || node.readyPartitions.length > 0))
    }
    return deadlineMs
  }

  close(error: KafkaError): void {
    for (const node of this.#nodes) node.close(error)
  }
}
