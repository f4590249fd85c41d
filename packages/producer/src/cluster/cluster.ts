import type { Api } from '@linger/protocol'
import type { KafkaError } from '../errors.ts'
import { isUntrusted } from '../network/connection-errors.ts'
import type { Connection } from '../network/connection.ts'
import type { Address } from '../ports/network.ts'
import { BrokerNode, type BrokerNodeDeps } from './broker-node.ts'

/** A broker as metadata lists it. */
export interface ListedBroker {
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

/** A node that owes an answer or a connection for this long is not waited for: another is asked too. */
const PATIENCE_MS = 1_000

/** All brokers we know: those that metadata told of, and until then the bootstrap addresses. */
export class Cluster {
  readonly #deps: BrokerNodeDeps
  readonly #metadataRecoveryStrategy: 'none' | 'rebootstrap'
  readonly #bootstrap: readonly BrokerNode[]
  readonly #brokers = new Map<number, BrokerNode>()
  /** Both kinds. */
  #nodes: readonly BrokerNode[]
  /** Whose turn it is to be connected to, when any will do. */
  #turn: number

  /** @param metadataRecoveryStrategy 'none': a bootstrap server is never asked again once a broker is known */
  constructor(
    bootstrapAddresses: readonly Address[],
    metadataRecoveryStrategy: 'none' | 'rebootstrap',
    deps: BrokerNodeDeps,
  ) {
    this.#deps = deps
    this.#metadataRecoveryStrategy = metadataRecoveryStrategy
    this.#bootstrap = bootstrapAddresses.map((address, i) => new BrokerNode(-1 - i, address, deps))
    this.#nodes = this.#bootstrap
    this.#turn = Math.floor(deps.random.next() * bootstrapAddresses.length)
  }

  get bootstrap(): readonly BrokerNode[] {
    return this.#bootstrap
  }

  /** The brokers, and the bootstrap servers. */
  get nodes(): readonly BrokerNode[] {
    return this.#nodes
  }

  /** Metadata has told of some. */
  get hasBrokers(): boolean {
    return this.#brokers.size > 0
  }

  /** There is a connection to any of them. */
  get isConnected(): boolean {
    return this.#nodes.some(({ connection }) => connection?.isSetUp === true)
  }

  get brokers(): Iterable<BrokerNode> {
    return this.#brokers.values()
  }

  /** Why no broker can be used: each has failed, and one of them for a reason that time does not change. */
  get untrusted(): KafkaError | undefined {
    if (this.#nodes.some(({ lastError }) => lastError === undefined)) return undefined
    return this.#nodes.map(({ lastError }) => lastError).find((error) => error !== undefined && isUntrusted(error))
  }

  broker(id: number): BrokerNode | undefined {
    return this.#brokers.get(id)
  }

  /**
   * Takes over the brokers that metadata lists. One that moved to another address is a new node.
   *
   * @returns true when a node that was known is gone
   */
  update(brokers: readonly ListedBroker[], gone: KafkaError): boolean {
    const listed = new Set<number>()
    let isAnyGone = false
    for (const broker of brokers) {
      listed.add(broker.nodeId)
      if (this.#meet(broker, gone)) isAnyGone = true
    }
    for (const [id, node] of this.#brokers) {
      if (listed.has(id)) continue
      this.#brokers.delete(id)
      isAnyGone = true
      node.close(gone)
    }
    this.#listNodes()
    // Bootstrap connections have served. They are never used for records, whose leaders have nodes of their own.
    for (const node of this.#bootstrap) if (node.connection?.inFlightCount === 0) node.close(gone)
    return isAnyGone
  }

  /**
   * Takes over brokers that an answer named beside those we know.
   *
   * @returns true when one of them was known under another address
   */
  meet(brokers: readonly ListedBroker[], gone: KafkaError): boolean {
    let isAnyGone = false
    for (const broker of brokers) if (this.#meet(broker, gone)) isAnyGone = true
    this.#listNodes()
    return isAnyGone
  }

  #meet({ nodeId, host, port }: ListedBroker, gone: KafkaError): boolean {
    const known = this.#brokers.get(nodeId)
    const isThere = (node: BrokerNode): boolean => isAt(node, { host, port })
    if (known !== undefined && isThere(known)) return false
    const { questionsAsked } = this.#bootstrap.find(isThere) ?? {}
    this.#brokers.set(nodeId, new BrokerNode(nodeId, { host, port }, this.#deps, questionsAsked))
    known?.close(gone)
    return known !== undefined
  }

  #listNodes(): void {
    this.#nodes = [...this.#brokers.values(), ...this.#bootstrap]
  }

  /** Forgets all that was learned and starts from the bootstrap servers, whose names are looked up again. */
  rebootstrap(reason: KafkaError): void {
    const nodes = this.#nodes
    this.#brokers.clear()
    this.#listNodes()
    for (const node of nodes) node.close(reason)
  }

  /**
   * A connection for a question that any broker answers: of those that are ready, the one that was asked it longest ago,
   * so that a broker which never answers does not get every question. When there is none, or all take long, starts
   * to connect somewhere and answers undefined: ask again when something has happened.
   *
   * @param api what is asked
   */
  anyConnection(api: Api, nowMs: number): Connection | undefined {
    let best: BrokerNode | undefined
    let isPromising = false
    for (const node of this.#nodes) {
      node.closeIfIdle(nowMs)
      if (this.#isPaused(node, nowMs)) continue
      if (node.canSend(nowMs)) {
        if (best === undefined || node.questionsAsked.isBefore(best.questionsAsked, api)) best = node
      } else if (nowMs < patienceEndMs(node)) {
        isPromising = true
      }
    }
    if (best === undefined) {
      if (!isPromising) this.#connectSomewhere(nowMs)
      return undefined
    }
    best.questionsAsked.note(api, nowMs)
    return best.connection
  }

  /** Begins a connection to some broker, unless one is there or is being made. */
  connectToAnyBroker(nowMs: number): void {
    const known = [...this.#brokers.values()]
    if (known.every(({ isDisconnected }) => isDisconnected)) this.#connectInTurn(known.filter(canTry), nowMs)
  }

  /** To a broker that may be there, else to a bootstrap server. Each in its turn. */
  #connectSomewhere(nowMs: number): void {
    const known = [...this.#brokers.values()].filter(canTry)
    const mayBootstrap = !this.hasBrokers || this.#metadataRecoveryStrategy === 'rebootstrap'
    const others = this.#bootstrap.filter((node) => canTry(node) && !this.#isPaused(node, nowMs))
    this.#connectInTurn(known.length > 0 || !mayBootstrap ? known : others, nowMs)
  }

  /** The broker at this bootstrap address asked for a pause, under the id that it has. */
  #isPaused(node: BrokerNode, nowMs: number): boolean {
    if (!this.#bootstrap.includes(node)) return false
    for (const broker of this.#brokers.values()) if (isAt(broker, node.address)) return broker.isThrottled(nowMs)
    return false
  }

  #connectInTurn(candidates: readonly BrokerNode[], nowMs: number): void {
    candidates[this.#turn++ % candidates.length]?.connect(nowMs)
  }

  checkDeadlines(nowMs: number): void {
    for (const node of this.#nodes) node.checkDeadline(nowMs)
  }

  /** When one of the nodes must be looked at again. */
  deadlineMs(nowMs: number, wantsAny: boolean): number {
    let deadlineMs = Infinity
    for (const node of this.#nodes) {
      deadlineMs = Math.min(deadlineMs, node.deadlineMs(nowMs, wantsAny || node.readyPartitions.length > 0))
      if (wantsAny && nowMs < patienceEndMs(node)) deadlineMs = Math.min(deadlineMs, patienceEndMs(node))
    }
    return deadlineMs
  }

  close(error: KafkaError): void {
    for (const node of this.#nodes) node.close(error)
  }
}

function isAt({ address }: BrokerNode, { host, port }: Address): boolean {
  return address.host === host && address.port === port
}

function canTry({ isDisconnected, isBackingOff }: BrokerNode): boolean {
  return isDisconnected && !isBackingOff
}

/** Until when this node's answer, or its connection, is waited for. */
function patienceEndMs(node: BrokerNode): number {
  return (node.waitingSinceMs ?? -Infinity) + PATIENCE_MS
}
