import { backoffMs } from '../backoff.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import { KafkaError } from '../errors.ts'
import { Connection, type ConnectionDeps } from '../network/connection.ts'
import type { Dns } from '../ports/dns.ts'
import type { Address } from '../ports/network.ts'
import type { Random } from '../ports/random.ts'

export interface BrokerNodeDeps extends Omit<ConnectionDeps, 'onClosed' | 'onWritable'> {
  readonly dns: Dns
  readonly random: Random
  readonly reconnectBackoffMs: number
  readonly reconnectBackoffMaxMs: number
  /** Its connection takes another request. */
  readonly onWritable: (node: BrokerNode) => void
  /** The node could not be reached at any of its addresses, or was lost. */
  readonly onDown: (node: BrokerNode, error: KafkaError) => void
}

/**
 * A broker as we reach it: at most one connection, its back-off, and the partitions it leads that have a batch
 * to send. Bootstrap addresses are nodes with a negative id.
 */
export class BrokerNode {
  readonly id: number
  readonly address: Address
  readonly #deps: BrokerNodeDeps
  /** Partitions with a batch that may leave, first come first served. */
  #readyPartitions: PartitionQueue[] = []
  /** When the first of them became ready. */
  readySinceMs = 0
  /** When the last Produce request left. */
  lastSendMs: number = -Infinity
  #connection: Connection | undefined
  #isLookingUp = false
  /** Addresses of the host that were not tried yet. */
  #addresses: readonly string[] = []
  #failedAttempts = 0
  #retryAtMs = 0
  /** Quotas: nothing is sent before this (KIP-219). */
  throttledUntilMs = 0
  lastError: KafkaError | undefined

  constructor(id: number, address: Address, deps: BrokerNodeDeps) {
    this.id = id
    this.address = address
    this.#deps = deps
  }

  get connection(): Connection | undefined {
    return this.#connection
  }

  get inFlightCount(): number {
    return this.#connection?.inFlightCount ?? 0
  }

  get readyPartitions(): readonly PartitionQueue[] {
    return this.#readyPartitions
  }

  /** Unreachable, and not to be tried again yet. */
  get isBackingOff(): boolean {
    return this.#connection === undefined && !this.#isLookingUp && this.#retryAtMs > this.#deps.clock.now()
  }

  canSend(nowMs: number): boolean {
    return this.#connection?.canSend === true && nowMs >= this.throttledUntilMs
  }

  /**
   * When this node must be looked at again.
   *
   * @param isWanted somebody would use a connection that is not there
   */
  deadlineMs(nowMs: number, isWanted: boolean): number {
    if (this.#connection === undefined) return isWanted && this.#retryAtMs > nowMs ? this.#retryAtMs : Infinity
    const throttleEndMs = isWanted && this.throttledUntilMs > nowMs ? this.throttledUntilMs : Infinity
    return Math.min(this.#connection.deadlineMs, throttleEndMs)
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

  /** Starts a connection if there is none and the back-off is over. */
  connect(nowMs: number): void {
    if (this.#connection !== undefined || this.#isLookingUp || nowMs < this.#retryAtMs) return
    if (this.#addresses.length > 0) {
      this.#connectNext()
      return
    }
    this.#isLookingUp = true
    this.#deps.dns.lookup(this.address.host, (error, addresses) => {
      if (!this.#isLookingUp) return // closed meanwhile
      this.#isLookingUp = false
      if (error === undefined && addresses.length > 0) {
        this.#addresses = addresses
        this.#connectNext()
      } else {
        this.#onDown(unresolved(this.address, error))
      }
      this.#deps.onProgress()
    })
  }

  checkDeadline(nowMs: number): void {
    this.#connection?.checkDeadline(nowMs)
  }

  /** Ends the connection on purpose: no failure, no back-off. */
  close(error: KafkaError): void {
    const connection = this.#connection
    this.#isLookingUp = false
    this.#connection = undefined
    connection?.close(error)
  }

  /** Every address of the name gets its turn (client.dns.lookup=use_all_dns_ips). */
  #connectNext(): void {
    const [host, ...rest] = this.#addresses
    if (host === undefined) return
    this.#addresses = rest
    this.#connection = new Connection(
      { host, port: this.address.port },
      {
        ...this.#deps,
        onProgress: () => {
          if (this.#connection?.isReady === true) this.#failedAttempts = 0
          this.#deps.onProgress()
        },
        onWritable: () => this.#deps.onWritable(this),
        onClosed: (connection, error) => {
          if (this.#connection !== connection) return
          this.#connection = undefined
          this.#onDown(error)
        },
      },
    )
  }

  #onDown(error: KafkaError): void {
    const { clock, random, reconnectBackoffMs, reconnectBackoffMaxMs } = this.#deps
    this.lastError = error
    this.#failedAttempts++
    this.#retryAtMs =
      this.#addresses.length > 0
        ? 0
        : clock.now() + backoffMs(this.#failedAttempts, reconnectBackoffMs, reconnectBackoffMaxMs, random)
    if (this.#addresses.length === 0) this.#deps.onDown(this, error)
  }
}

function unresolved({ host, port }: Address, cause: Error | undefined): KafkaError {
  const reason = cause === undefined ? 'it has no address' : cause.message
  return new KafkaError('NETWORK_EXCEPTION', `${host}:${port}: the name cannot be resolved: ${reason}`, {
    outcome: 'never',
    retriable: true,
    cause,
  })
}
