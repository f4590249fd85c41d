import type { BrokerConfig } from '../broker-config.ts'
import { EmbeddedBroker } from '../broker.ts'
import { Cluster, type NewTopic } from '../cluster/cluster.ts'
import type { RequestLogLimits } from '../faults/request-log.ts'
import type { TransactionVersion } from '../transaction/transaction-version.ts'
import { BrokerPort } from './broker-port.ts'
import { RunningCluster } from './running-cluster.ts'
import { SystemPorts } from './system-ports.ts'

const HOST_DEFAULT = '127.0.0.1'
const BROKERS_DEFAULT = 3
/** @source Kafka socket.request.max.bytes */
const MAX_REQUEST_BYTES_DEFAULT = 100 * 1024 * 1024

export interface StartClusterOptions {
  /** Default: 3. How many, with free ports and node ids from 1, or the port of each, 0 for a free one. */
  readonly brokers?: number | readonly number[]
  /** Default: 127.0.0.1. The name clients are told to connect to, as well. */
  readonly host?: string
  readonly topics?: readonly NewTopic[]
  /** Default: true. Metadata creates a topic that it is asked for. */
  readonly autoCreateTopics?: boolean
  /** Default: 1. Partitions of a topic that is created without saying how many. */
  readonly partitions?: number
  /** Default: false. Produce answers with right offsets but stores and checks nothing: for measuring clients. */
  readonly sink?: boolean
  /** Default: 2. The feature `transaction.version`: below 2 producers use the old protocol. */
  readonly transactionVersion?: TransactionVersion
  /** Default: 0. From the end of a transaction to its first marker. */
  readonly transactionMarkerDelayMs?: number
  /** Default: false. Clients may push metrics: `cluster.clientMetrics` asks for them, and has them. */
  readonly clientTelemetry?: boolean
  /** Default: 100 MiB. A larger request ends its connection. */
  readonly maxRequestBytes?: number
  /** How many requests are remembered, and how many bytes of them. Default: none. */
  readonly requestLog?: Partial<RequestLogLimits>
  /** Told about connections that were closed, and why. Default: nothing. */
  readonly log?: (message: string) => void
}

/**
 * Starts a Kafka cluster inside this process, that can fail on purpose: see {@link RunningCluster} for how.
 *
 * ```ts
 * const cluster = await startCluster({ brokers: 3, topics: [{ name: 'orders', partitions: 6, replicationFactor: 3 }] })
 * // connect your own code to cluster.bootstrapServers, and then
 * cluster.kill(1)
 * cluster.faults.push({ api: 'Produce', topic: 'orders' }, { kind: 'reset', when: 'after' })
 * await cluster.close()
 * ```
 */
export async function startCluster(options: StartClusterOptions = {}): Promise<RunningCluster> {
  const { host = HOST_DEFAULT, brokers = BROKERS_DEFAULT, topics = [], requestLog = {} } = options
  const { maxRequestBytes = MAX_REQUEST_BYTES_DEFAULT, log = () => {} } = options
  const ports = new SystemPorts()
  const cluster = new Cluster(() => ports.randomUuid(), requestLog)
  if (options.transactionVersion !== undefined) cluster.features.setTransactionVersion(options.transactionVersion)
  const config = configFrom(options)
  const wanted = typeof brokers === 'number' ? Array.from({ length: brokers }, () => 0) : brokers
  const members = wanted.map((port, index) => {
    const broker = new EmbeddedBroker({ nodeId: index + 1, cluster, ports, ...config })
    return { broker, port: new BrokerPort(broker, host, port, { maxRequestBytes, log }) }
  })
  const running = new RunningCluster(cluster, members, ports)
  try {
    await running.open()
    for (const topic of topics) cluster.createTopic(topic)
  } catch (cause) {
    await running.close()
    throw cause
  }
  return running
}

function configFrom(options: StartClusterOptions): Partial<BrokerConfig> {
  const { autoCreateTopics, partitions, sink, transactionMarkerDelayMs, clientTelemetry } = options
  return {
    ...(transactionMarkerDelayMs === undefined ? {} : { transactionMarkerDelayMs }),
    ...(autoCreateTopics === undefined ? {} : { autoCreateTopics }),
    ...(partitions === undefined ? {} : { defaultPartitions: partitions }),
    ...(sink === undefined ? {} : { sink }),
    ...(clientTelemetry === undefined ? {} : { clientTelemetry }),
  }
}
