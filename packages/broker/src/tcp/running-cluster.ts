import type { EmbeddedBroker, OutageOptions } from '../broker.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { Faults } from '../faults/faults.ts'
import type { RequestLog } from '../faults/request-log.ts'
import type { TransactionVersion } from '../transaction/transaction-version.ts'
import type { BrokerPort } from './broker-port.ts'
import type { SystemPorts } from './system-ports.ts'

interface Member {
  readonly broker: EmbeddedBroker
  readonly port: BrokerPort
}

/** A cluster of embedded brokers on ports of this machine, and what can be done to it. */
export class RunningCluster {
  /** Topics, leaders, replicas, the controller: to look into, and to change. */
  readonly cluster: Cluster
  readonly #members: ReadonlyMap<number, Member>
  readonly #ports: SystemPorts

  /** @param ports those of the brokers: all that the cluster waits for */
  constructor(cluster: Cluster, members: readonly Member[], ports: SystemPorts) {
    this.cluster = cluster
    this.#ports = ports
    this.#members = new Map(members.map((member) => [member.broker.nodeId, member]))
  }

  /** `host:port` of each broker, for a client's bootstrap.servers; `[::1]:port` with an IPv6 address. */
  get bootstrapServers(): string {
    return [...this.#members.values()].map(({ port }) => port.address).join(',')
  }

  /** What goes wrong with requests. */
  get faults(): Faults {
    return this.cluster.faults
  }

  /** What was asked and answered, if `requestLog` was asked for. */
  get requests(): RequestLog {
    return this.cluster.requests
  }

  /** @throws Error when there is no broker with that id */
  broker(nodeId: number): EmbeddedBroker {
    return this.#member(nodeId).broker
  }

  /** Opens the ports of all brokers. */
  async open(): Promise<void> {
    for (const { broker, port } of this.#members.values()) {
      await port.open()
      this.cluster.register({ nodeId: broker.nodeId, host: port.host, port: port.port })
    }
  }

  /** As kill -9: connections are reset and new ones refused. Others lead what it led, when that is noticed. */
  kill(nodeId: number, outage: OutageOptions = {}): void {
    const { broker, port } = this.#member(nodeId)
    void port.close()
    broker.kill(outage)
  }

  /** As SIGTERM: others lead what it led, then its connections end and new ones are refused. */
  shutDown(nodeId: number): void {
    const { broker, port } = this.#member(nodeId)
    void port.close()
    broker.shutDown()
  }

  /** A broker that was killed or shut down is there again, on its port and with its records. */
  async restart(nodeId: number): Promise<void> {
    const { broker, port } = this.#member(nodeId)
    broker.restart()
    await port.open()
  }

  /** As SIGSTOP: connections stay and come up, and nothing is read or answered. */
  pause(nodeId: number, outage: OutageOptions = {}): void {
    this.broker(nodeId).pause(outage)
  }

  resume(nodeId: number, options: { readonly staleForMs?: number } = {}): void {
    this.broker(nodeId).resume(options)
  }

  /** New connections are refused. Those that are there stay. */
  refuseConnections(nodeId: number): void {
    void this.#member(nodeId).port.close()
  }

  async acceptConnections(nodeId: number): Promise<void> {
    await this.#member(nodeId).port.open()
  }

  /** Another broker leads a partition. Records that it does not have are lost. */
  moveLeader(topic: string, partition: number, toNodeId: number): void {
    this.cluster.partition(topic, partition).elect(toNodeId)
  }

  /** Another broker coordinates a group or a transactional id, which may take it a time to learn of. */
  moveCoordinator(key: string, toNodeId: number, { loadingForMs = 0 }: { readonly loadingForMs?: number } = {}): void {
    if (loadingForMs > 0) this.#ports.after(loadingForMs, this.cluster.loadCoordinator(key))
    this.cluster.moveCoordinator(key, toNodeId)
  }

  /** An upgrade or a downgrade of the feature `transaction.version`, told by ApiVersions from now on. */
  setTransactionVersion(version: TransactionVersion): void {
    this.cluster.features.setTransactionVersion(version)
  }

  /** Drops all connections, frees the ports and waits for nothing any more. What was stored is gone. */
  async close(): Promise<void> {
    const closings = [...this.#members.values()].map(({ broker, port }) => {
      const closed = port.close()
      broker.kill({ noticedAfterMs: Infinity })
      return closed
    })
    await Promise.all(closings)
    this.#ports.cancelAll()
  }

  #member(nodeId: number): Member {
    const member = this.#members.get(nodeId)
    if (member === undefined) throw new Error(`there is no broker ${nodeId}`)
    return member
  }
}
