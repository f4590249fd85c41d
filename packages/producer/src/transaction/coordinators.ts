import { apiVersions, findCoordinator, type ApiVersionsResponse, type ResponseOf } from '@linger/protocol'
import type { BrokerNode } from '../cluster/broker-node.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { KafkaError } from '../errors.ts'
import { CLIENT } from '../network/ask-versions.ts'
import type { Connection } from '../network/connection.ts'

/** What a broker coordinates: a transactional id or a consumer group. */
export interface CoordinatorKey {
  readonly type: 'GROUP' | 'TRANSACTION'
  readonly key: string
}

export interface FoundCoordinator {
  readonly errorCode: number
  readonly nodeId: number
  readonly host: string
  readonly port: number
}

type FindCoordinatorResponse = ResponseOf<typeof findCoordinator>

/** @source Kafka FindCoordinatorRequest.CoordinatorType */
const KEY_TYPE = { GROUP: 0, TRANSACTION: 1 } as const

/** A broker that was not known has no connection that it could end. */
const UNKNOWN_BEFORE = new KafkaError('NETWORK_EXCEPTION', 'the broker was met', {
  outcome: 'unknown',
  retriable: true,
})

const NO_COORDINATOR: FoundCoordinator = { errorCode: 15, nodeId: -1, host: '', port: -1 }

/** Which broker coordinates what, as far as it is known. */
export class Coordinators {
  readonly #cluster: Cluster
  readonly #nodeIds = new Map<string, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  isKnown(coordinator: CoordinatorKey): boolean {
    return this.#nodeIds.has(nameOf(coordinator))
  }

  /** It is known, and the last connection to it has failed. */
  isOutOfReach(coordinator: CoordinatorKey): boolean {
    return this.#nodeOf(coordinator)?.isBackingOff === true
  }

  /**
   * A connection to the coordinator, if it can take a request now; else starts to connect. One that cannot be reached is
   * forgotten: another may have taken its place.
   */
  connectionTo(coordinator: CoordinatorKey, nowMs: number): Connection | undefined {
    const node = this.#nodeOf(coordinator)
    if (node === undefined || node.isBackingOff) {
      this.forget(coordinator)
      return undefined
    }
    node.connect(nowMs)
    return node.canSend(nowMs) ? node.connection : undefined
  }

  /** Asks the coordinator again what it speaks, if it can be asked now: a cluster may be upgraded under a connection. */
  askVersions(transactionalId: string, nowMs: number, onVersions: (response: ApiVersionsResponse) => void): boolean {
    const connection = this.connectionTo({ type: 'TRANSACTION', key: transactionalId }, nowMs)
    connection?.request(apiVersions, CLIENT, (_error, response) => {
      if (response?.errorCode === 0) onVersions(response)
    })
    return connection !== undefined
  }

  /** The next request asks anew who coordinates it. */
  forget(coordinator: CoordinatorKey): void {
    this.#nodeIds.delete(nameOf(coordinator))
  }

  /** Asks any broker who coordinates. False when none can be asked now. */
  find(
    coordinator: CoordinatorKey,
    nowMs: number,
    onAnswer: (error: Error | undefined, errorCode: number) => void,
  ): boolean {
    const connection = this.#cluster.anyConnection(findCoordinator, nowMs)
    if (connection === undefined) return false
    const { key, type } = coordinator
    const isBatched = (connection.versionOf(findCoordinator) ?? 0) >= 4
    const request = isBatched
      ? { key: '', keyType: KEY_TYPE[type], coordinatorKeys: [key] }
      : { key, keyType: KEY_TYPE[type], coordinatorKeys: [] }
    connection.request(findCoordinator, request, (error, response) => {
      const found = response === undefined ? NO_COORDINATOR : foundIn(response, isBatched)
      if (error === undefined && found.errorCode === 0) this.#onFound(coordinator, found)
      onAnswer(error, found.errorCode)
    })
    return true
  }

  #nodeOf(coordinator: CoordinatorKey): BrokerNode | undefined {
    return this.#cluster.broker(this.#nodeIds.get(nameOf(coordinator)) ?? -1)
  }

  /** Of a broker that we know the address is left to metadata: the one who answered may be behind the times. */
  #onFound(coordinator: CoordinatorKey, found: FoundCoordinator): void {
    this.#nodeIds.set(nameOf(coordinator), found.nodeId)
    if (this.#cluster.broker(found.nodeId) === undefined) this.#cluster.meet([found], UNKNOWN_BEFORE)
  }
}

function foundIn(response: FindCoordinatorResponse, isBatched: boolean): FoundCoordinator {
  return isBatched ? (response.coordinators[0] ?? NO_COORDINATOR) : response
}

function nameOf({ type, key }: CoordinatorKey): string {
  return `${type} ${key}`
}
