/** Where one broker of a test cluster listens and keeps its data. */
export interface BrokerPlace {
  readonly nodeId: number
  /** The folder of the broker's own files; the log is in `log/` below it. */
  readonly directory: string
  readonly port: number
  readonly controllerPort: number
}

export type Properties = Readonly<Record<string, string>>

/** server.properties of one KRaft broker, which is also a controller of the cluster that `voters` make. */
export function kraftProperties(place: BrokerPlace, voters: readonly BrokerPlace[]): Properties {
  return {
    ...sharedProperties(place, voters.length),
    'process.roles': 'broker,controller',
    'node.id': String(place.nodeId),
    'controller.quorum.voters': voters.map((voter) => `${voter.nodeId}@127.0.0.1:${voter.controllerPort}`).join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${place.port},CONTROLLER://127.0.0.1:${place.controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${place.port}`,
  }
}

/** server.properties of one broker of the time before KRaft. */
export function zooKeeperBrokerProperties(place: BrokerPlace, zooKeeperPort: number, brokerCount: number): Properties {
  return {
    ...sharedProperties(place, brokerCount),
    'broker.id': String(place.nodeId),
    'zookeeper.connect': `127.0.0.1:${zooKeeperPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${place.port}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${place.port}`,
  }
}

export function zooKeeperProperties(place: BrokerPlace): Properties {
  return {
    dataDir: `${place.directory}/data`,
    clientPort: String(place.port),
    clientPortAddress: '127.0.0.1',
    'admin.enableServer': 'false',
    maxClientCnxns: '0',
  }
}

function sharedProperties(place: BrokerPlace, brokerCount: number): Properties {
  const replicas = String(brokerCount)
  const minInSync = String(Math.min(brokerCount, 2))
  return {
    'log.dirs': `${place.directory}/log`,
    // Tests write records with timestamps of years ago; Kafka's default would delete them within minutes.
    'log.retention.ms': '-1',
    'group.initial.rebalance.delay.ms': '0',
    'default.replication.factor': replicas,
    'min.insync.replicas': minInSync,
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': '4',
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': minInSync,
    'share.coordinator.state.topic.num.partitions': '4',
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': minInSync,
  }
}

/** As a Java properties file. */
export function propertiesFile(properties: Properties): string {
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}
