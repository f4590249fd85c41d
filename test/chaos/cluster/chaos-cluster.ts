import { setTimeout as delay } from 'node:timers/promises'
import { freePorts } from '../../real-kafka/free-ports.ts'
import type { MavenBroker } from '../../real-kafka/maven-broker.ts'
import { type KafkaCluster, startCluster } from '../../real-kafka/maven-kafka.ts'
import { TcpProxy } from '../proxy/tcp-proxy.ts'
import { ClusterAdmin } from './cluster-admin.ts'
import { PausedProcess } from '../../real-kafka/paused-process.ts'

const BROKERS = 3
const HEAP_MB = 384
/** Brokers that live for minutes are not worth the optimizing compiler's time: half of the CPU of a start. */
const JVM_ARGS = ['-XX:TieredStopAtLevel=1']
const IN_SYNC_TIMEOUT_MS = 90_000
const POLL_MS = 200

/** Failures are noticed in seconds, so that a run of minutes has many. */
const PROPERTIES = {
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT',
  'unclean.leader.election.enable': 'false',
  'auto.create.topics.enable': 'false',
  'broker.session.timeout.ms': '4000',
  'broker.heartbeat.interval.ms': '500',
  'replica.lag.time.max.ms': '4000',
  'replica.socket.timeout.ms': '4000',
  'file.delete.delay.ms': '1000',
}

/** A broker of the cluster and the proxy through which producers reach it. */
export interface ProxiedBroker {
  readonly broker: MavenBroker
  readonly proxy: TcpProxy
}

/** Three brokers, of which producers see only the proxies before them. */
export class ChaosCluster {
  /** Through the proxies. */
  readonly bootstrapServers: string
  /** Past the proxies: for what looks on. */
  readonly directServers: string
  readonly brokers: readonly [ProxiedBroker, ...ProxiedBroker[]]
  readonly admin: ClusterAdmin
  readonly #kafka: KafkaCluster
  readonly #paused = new Set<PausedProcess>()

  private constructor(kafka: KafkaCluster, proxies: readonly TcpProxy[], admin: ClusterAdmin) {
    this.#kafka = kafka
    this.admin = admin
    this.directServers = kafka.bootstrapServers
    this.bootstrapServers = proxies.map(({ port }) => `127.0.0.1:${port}`).join(',')
    const [first, ...others] = kafka.brokers.flatMap((broker, index) => {
      const proxy = proxies[index]
      return proxy === undefined ? [] : [{ broker, proxy }]
    })
    if (first === undefined) throw new Error('the cluster has no broker')
    this.brokers = [first, ...others]
  }

  /** @param random chance for the proxies, from 0 to below 1 */
  static async start(random: () => number): Promise<ChaosCluster> {
    const ports = await freePorts(2 * BROKERS)
    const portsOf = (nodeId: number): { readonly port: number; readonly brokerPort: number } => ({
      port: ports[nodeId - 1] ?? 0,
      brokerPort: ports[BROKERS + nodeId - 1] ?? 0,
    })
    const kafka = await startCluster({
      brokerCount: BROKERS,
      heapMb: HEAP_MB,
      jvmArgs: JVM_ARGS,
      properties: PROPERTIES,
      propertiesOf: ({ nodeId, port, controllerPort }) => {
        const { port: proxyPort, brokerPort } = portsOf(nodeId)
        const direct = `PLAINTEXT://127.0.0.1:${port}`
        return {
          listeners: `${direct},PROXIED://127.0.0.1:${brokerPort},CONTROLLER://127.0.0.1:${controllerPort}`,
          'advertised.listeners': `${direct},PROXIED://127.0.0.1:${proxyPort}`,
        }
      },
    })
    const proxies: TcpProxy[] = []
    try {
      for (const { nodeId } of kafka.brokers) proxies.push(await TcpProxy.start({ ...portsOf(nodeId), random }))
      return new ChaosCluster(kafka, proxies, await ClusterAdmin.start(kafka.bootstrapServers))
    } catch (cause) {
      for (const proxy of proxies) await proxy.stop()
      await kafka.stop()
      throw cause
    }
  }

  /** As a crash does it. A port of a dead broker refuses, and so does its proxy. */
  async kill({ broker, proxy }: ProxiedBroker): Promise<void> {
    await broker.end('SIGKILL')
    proxy.resetAll()
    await proxy.refuse()
  }

  /** As an operator does it: the broker hands its partitions over first. */
  async shutDown({ broker, proxy }: ProxiedBroker): Promise<void> {
    await broker.end('SIGTERM')
    await proxy.refuse()
  }

  async restart({ broker, proxy }: ProxiedBroker): Promise<void> {
    await broker.start()
    await broker.untilAlive(BROKERS)
    await proxy.clear()
  }

  /** Stops a process until the answered function is called, or this cluster is stopped. */
  async pause(pid: number): Promise<() => Promise<void>> {
    const paused = await PausedProcess.pause(pid)
    this.#paused.add(paused)
    return async () => {
      if (this.#paused.delete(paused)) await paused.resume()
    }
  }

  /** Waits until every replica of every partition is in sync: only then may the next broker fail. */
  async untilInSync(signal?: AbortSignal): Promise<void> {
    const deadlineMs = performance.now() + IN_SYNC_TIMEOUT_MS
    for (;;) {
      const unsynced = await this.admin.unsyncedCount().catch((error: unknown) => String(error))
      if (unsynced === 0) return
      signal?.throwIfAborted()
      if (performance.now() > deadlineMs) {
        throw new Error(`partitions out of sync after ${IN_SYNC_TIMEOUT_MS} ms: ${unsynced}`)
      }
      await delay(POLL_MS)
    }
  }

  /** Every broker and connection is as it was at the start. */
  async heal(): Promise<void> {
    for (const paused of this.#paused) await paused.resume()
    this.#paused.clear()
    for (const { proxy } of this.brokers) await proxy.clear()
  }

  async stop(): Promise<void> {
    for (const paused of this.#paused) await paused.resume()
    this.#paused.clear()
    await Promise.all(this.brokers.map(async ({ proxy }) => proxy.stop()))
    await this.admin.stop()
    await this.#kafka.stop()
  }
}
