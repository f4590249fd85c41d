import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { propertiesFile, type BrokerPlace, type Properties } from './broker-properties.ts'
import { runJava } from './java.ts'
import { SupervisedJvm } from './supervised-jvm.ts'
import { untilAlive } from './until-alive.ts'

const QUIET = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'

export interface MavenBrokerOptions {
  readonly place: BrokerPlace
  readonly libs: string
  readonly heapMb: number
  readonly jvmArgs: readonly string[]
  /** Folders of classes beside Kafka's: plugins. */
  readonly classpath: readonly string[]
  readonly properties: Properties
  /** Removed when this process dies without stopping the broker. */
  readonly root: string
}

/** One broker (or ZooKeeper) in a JVM of this machine, which can be ended and started again on the same data. */
export class MavenBroker {
  readonly nodeId: number
  readonly address: string
  readonly #options: MavenBrokerOptions
  readonly #propertiesFile: string
  #jvm: SupervisedJvm | undefined

  constructor(options: MavenBrokerOptions) {
    this.nodeId = options.place.nodeId
    this.address = `127.0.0.1:${options.place.port}`
    this.#options = options
    this.#propertiesFile = join(options.place.directory, 'server.properties')
  }

  /** The process id while it runs. */
  get pid(): number | undefined {
    return this.#jvm?.pid
  }

  /** Prepares an empty log for KRaft, once, before the first start. Features that are not named get their defaults. */
  async format(clusterId: string, features: Readonly<Record<string, number>> = {}): Promise<void> {
    await writeFile(this.#propertiesFile, propertiesFile(this.#options.properties))
    const classpath = join(this.#options.libs, '*')
    const levels = Object.entries(features).flatMap(([name, level]) => ['--feature', `${name}=${level}`])
    const format = ['format', '-t', clusterId, '-c', this.#propertiesFile, ...levels]
    await runJava([QUIET, ...this.#options.jvmArgs, '-cp', classpath, 'kafka.tools.StorageTool', ...format])
  }

  /** Starts the JVM and returns at once: see `untilAlive`. */
  async start(mainClass = 'kafka.Kafka'): Promise<void> {
    const { place, libs, heapMb, jvmArgs, classpath, properties, root } = this.#options
    await writeFile(this.#propertiesFile, propertiesFile(properties))
    this.#jvm = await SupervisedJvm.start({
      libs,
      mainClass,
      args: [this.#propertiesFile],
      heapMb,
      jvmArgs: [QUIET, ...jvmArgs],
      classpath,
      directory: root,
      logFile: join(place.directory, 'output.log'),
    })
  }

  /** Waits until it answers clients and sees `brokerCount` brokers, itself among them. */
  async untilAlive(brokerCount: number): Promise<void> {
    await untilAlive(this.address, brokerCount, () => {
      return this.#jvm?.hasEnded === false ? undefined : `Kafka ended while it started:\n${this.#jvm?.lastLines}`
    })
  }

  /** Ends it and keeps its data. SIGTERM lets it hand its partitions over; SIGKILL is a crash. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#jvm?.end(signal)
  }
}
