import { createServer, type Server } from 'node:net'
import type { BrokerConfig } from '../broker-config.ts'
import { EmbeddedBroker } from '../broker.ts'
import { Cluster, type NewTopic } from '../cluster/cluster.ts'
import { Connection } from './connection.ts'
import { systemPorts } from './system-ports.ts'

const HOST_DEFAULT = '127.0.0.1'
/** @source Kafka socket.request.max.bytes */
const MAX_REQUEST_BYTES_DEFAULT = 100 * 1024 * 1024
const NODE_ID = 1

export interface StartBrokerOptions {
  /** Default: 127.0.0.1. The name clients are told to connect to, as well. */
  readonly host?: string
  /** Default: 0, a free one. */
  readonly port?: number
  readonly topics?: readonly NewTopic[]
  /** Default: true. Metadata creates a topic that it is asked for. */
  readonly autoCreateTopics?: boolean
  /** Default: 1. Partitions of a topic that is created without saying how many. */
  readonly partitions?: number
  /** Default: false. Produce answers with right offsets but stores and checks nothing: for measuring clients. */
  readonly sink?: boolean
  /** Default: 100 MiB. A larger request ends its connection. */
  readonly maxRequestBytes?: number
  /** Told about connections that were closed, and why. Default: nothing. */
  readonly log?: (message: string) => void
}

export interface RunningBroker {
  readonly host: string
  readonly port: number
  /** `host:port`, for a client's bootstrap.servers. */
  readonly bootstrapServers: string
  /** The broker behind the port: its topics and logs, to look into. */
  readonly broker: EmbeddedBroker
  /** Drops all connections and frees the port. What was stored is gone. */
  close(): Promise<void>
}

/** Starts a broker on a port of this machine. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<RunningBroker> {
  const { host = HOST_DEFAULT, port = 0, topics = [], maxRequestBytes = MAX_REQUEST_BYTES_DEFAULT } = options
  const log = options.log ?? (() => {})
  const cluster = new Cluster(() => systemPorts.randomUuid())
  const broker = new EmbeddedBroker({ nodeId: NODE_ID, cluster, ports: systemPorts, ...configFrom(options) })

  const connections = new Set<Connection>()
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, broker, { maxRequestBytes, log })
    connections.add(connection)
    socket.on('close', () => connections.delete(connection))
  })
  const boundPort = await listen(server, host, port)
  cluster.register({ nodeId: NODE_ID, host, port: boundPort })
  for (const topic of topics) cluster.createTopic(topic)

  return {
    host,
    port: boundPort,
    bootstrapServers: `${host}:${boundPort}`,
    broker,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const connection of connections) connection.close()
      }),
  }
}

function configFrom(options: StartBrokerOptions): Partial<BrokerConfig> {
  return {
    ...(options.autoCreateTopics === undefined ? {} : { autoCreateTopics: options.autoCreateTopics }),
    ...(options.partitions === undefined ? {} : { defaultPartitions: options.partitions }),
    ...(options.sink === undefined ? {} : { sink: options.sink }),
  }
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      if (address === null || typeof address === 'string') reject(new Error('the server has no port'))
      else resolve(address.port)
    })
  })
}
