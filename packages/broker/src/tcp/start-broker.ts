import type { EmbeddedBroker } from '../broker.ts'
import { startCluster, type StartClusterOptions } from './start-cluster.ts'

const NODE_ID = 1

export interface StartBrokerOptions extends Omit<StartClusterOptions, 'brokers'> {
  /** Default: 0, a free one. */
  readonly port?: number
}

export interface RunningBroker {
  readonly host: string
  readonly port: number
  /** `host:port`, for a client's bootstrap.servers; `[::1]:port` with an IPv6 address. */
  readonly bootstrapServers: string
  /** The broker behind the port: its topics and logs, to look into. */
  readonly broker: EmbeddedBroker
  /** Drops all connections and frees the port. What was stored is gone. */
  close(): Promise<void>
}

/** Starts a broker on a port of this machine. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<RunningBroker> {
  const { port = 0, ...others } = options
  const cluster = await startCluster({ ...others, brokers: [port] })
  const node = cluster.cluster.node(NODE_ID)
  if (node === undefined) throw new Error('a cluster of one broker without it')
  return {
    host: node.host,
    port: node.port,
    bootstrapServers: cluster.bootstrapServers,
    broker: cluster.broker(NODE_ID),
    close: () => cluster.close(),
  }
}
