import { randomBytes } from 'node:crypto'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  kraftProperties,
  zooKeeperBrokerProperties,
  zooKeeperProperties,
  type BrokerPlace,
  type Properties,
} from './broker-properties.ts'
import { freePorts } from './free-ports.ts'
import { DEFAULT_KAFKA_VERSION, kafkaLibs } from './kafka-libs.ts'
import { MavenBroker } from './maven-broker.ts'
import type { RunningKafka, StartKafkaOptions } from './running-kafka.ts'

const HEAP_MB = 512
const ZOOKEEPER_HEAP_MB = 128

export interface KafkaCluster extends RunningKafka {
  readonly provider: 'maven'
  /** Each can be ended and started again while the cluster runs. */
  readonly brokers: readonly MavenBroker[]
}

export interface StartClusterOptions extends StartKafkaOptions {
  /** Replication factors follow it: 3 gives three replicas of every new topic, of which 2 must be in sync. */
  readonly brokerCount: number
  /** Lines for server.properties that differ from broker to broker; they win over `properties`. */
  readonly propertiesOf?: (place: BrokerPlace) => Properties
  /** For the JVM of each broker, beside those that Kafka's own scripts give it. */
  readonly jvmArgs?: readonly string[]
  /** Folders of classes beside Kafka's own: plugins that `properties` name. */
  readonly classpath?: readonly string[]
}

/** One broker on this machine, from Kafka's own jars. */
export async function startMavenKafka(options: StartKafkaOptions = {}): Promise<KafkaCluster> {
  return startCluster({ ...options, brokerCount: 1 })
}

/** Brokers on this machine, each in a JVM of its own from Kafka's own jars, with their own ZooKeeper before KRaft. */
export async function startCluster(options: StartClusterOptions): Promise<KafkaCluster> {
  const version = options.version ?? DEFAULT_KAFKA_VERSION
  const libs = await kafkaLibs(version)
  const root = await mkdtemp(join(tmpdir(), 'linger-kafka-'))
  const places = await brokerPlaces(root, options.brokerCount)
  const started: MavenBroker[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(async (broker) => broker.end('SIGKILL')))
    await rm(root, { recursive: true, force: true })
  }

  try {
    const brokers = hasKraft(version)
      ? await formattedKraftBrokers(libs, root, places, options)
      : await zooKeeperBrokers(libs, root, places, options, started)
    for (const broker of brokers) {
      started.push(broker)
      await broker.start()
    }
    await Promise.all(brokers.map(async (broker) => broker.untilAlive(brokers.length)))
    const bootstrapServers = brokers.map((broker) => broker.address).join(',')
    return { bootstrapServers, version, provider: 'maven', brokers, stop }
  } catch (cause) {
    await stop()
    throw cause
  }
}

async function formattedKraftBrokers(
  libs: string,
  root: string,
  places: readonly BrokerPlace[],
  { heapMb = HEAP_MB, jvmArgs = [], classpath = [], properties, propertiesOf, transactionVersion }: StartClusterOptions,
): Promise<MavenBroker[]> {
  const clusterId = kafkaUuid()
  const features = transactionVersion === undefined ? {} : { 'transaction.version': transactionVersion }
  const brokers = places.map((place) => {
    return new MavenBroker({
      place,
      libs,
      root,
      heapMb,
      jvmArgs,
      classpath,
      properties: { ...kraftProperties(place, places), ...properties, ...propertiesOf?.(place) },
    })
  })
  for (const broker of brokers) await broker.format(clusterId, features)
  return brokers
}

async function zooKeeperBrokers(
  libs: string,
  root: string,
  places: readonly BrokerPlace[],
  { heapMb = HEAP_MB, jvmArgs = [], classpath = [], properties, propertiesOf }: StartClusterOptions,
  started: MavenBroker[],
): Promise<MavenBroker[]> {
  const [port = 0] = await freePorts(1)
  const place = { nodeId: 0, directory: join(root, 'zookeeper'), port, controllerPort: port }
  await mkdir(place.directory)
  const zooKeeper = new MavenBroker({
    place,
    libs,
    root,
    heapMb: ZOOKEEPER_HEAP_MB,
    jvmArgs: [],
    classpath: [],
    properties: zooKeeperProperties(place),
  })
  started.push(zooKeeper)
  await zooKeeper.start('org.apache.zookeeper.server.ZooKeeperServerMain')

  // No wait for ZooKeeper: Kafka itself tries to connect for 18 seconds (zookeeper.connection.timeout.ms).
  return places.map((at) => {
    const ours = zooKeeperBrokerProperties(at, port, places.length)
    const all = { ...ours, ...properties, ...propertiesOf?.(at) }
    return new MavenBroker({ place: at, libs, root, heapMb, jvmArgs, classpath, properties: all })
  })
}

async function brokerPlaces(root: string, count: number): Promise<BrokerPlace[]> {
  const ports = await freePorts(count * 2)
  const places = Array.from({ length: count }, (_, index) => ({
    nodeId: index + 1,
    directory: join(root, `broker-${index + 1}`),
    port: ports[index * 2] ?? 0,
    controllerPort: ports[index * 2 + 1] ?? 0,
  }))
  for (const place of places) await mkdir(place.directory)
  return places
}

/** KRaft is production-ready since 3.3; the only choice since 4.0. */
function hasKraft(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > 3 || (major === 3 && minor >= 3)
}

/** As `kafka-storage random-uuid` prints it: 16 bytes in url-safe base64, without a leading dash. */
function kafkaUuid(): string {
  for (;;) {
    const uuid = randomBytes(16).toString('base64url')
    if (!uuid.startsWith('-')) return uuid
  }
}
