import { randomUUID } from 'node:crypto'
import { nodePorts } from '../../packages/producer/src/ports/node/node-ports.ts'
import { Producer, type ProducerConfig } from '@linger/producer'
import { afterAll, beforeAll, inject, onTestFinished } from 'vitest'
import { createTopic } from '../../demo/topic.ts'
import { TransactionWitness } from '../read-back/transaction-witness.ts'
import { type KafkaCluster, type MavenBroker, startCluster } from '../real-kafka/index.ts'
import { type SentRequest, watchedNetwork } from '../real-kafka/watched-network.ts'

export interface SiteOptions {
  readonly version: string
  /** Default: what the version has of its own, which is 1 before Kafka 4.0. */
  readonly transactionVersion?: 1 | 2
}

/** Where a transactional test runs: one real broker, which is all coordinators, and who looks on. */
export interface TransactionSite {
  readonly transactionVersion: 1 | 2
  readonly bootstrapServers: string
  readonly broker: MavenBroker
  readonly witness: TransactionWitness
  /** A topic of its own. */
  newTopic(partitionCount?: number): Promise<string>
  /** Closed at the end of the test, whatever becomes of it. */
  newProducer(config?: Partial<ProducerConfig>): Producer
  /** A producer that tells of every request it sends. */
  watchedProducer(onRequest: (request: SentRequest) => void, config?: Partial<ProducerConfig>): Producer
}

/** Only where Kafka came from Maven do we know that a local JVM can run. */
export const hasLocalKafka: boolean = inject('kafka')?.provider === 'maven'

const PROPERTIES = {
  // A transaction that timed out is aborted soon after, not within 10 seconds.
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '200',
  // An internal topic is loaded partition by partition when its broker starts.
  'transaction.state.log.num.partitions': '1',
  'offsets.topic.num.partitions': '1',
  // A broker that was killed may come back when its old session is over.
  'broker.session.timeout.ms': '2000',
  'broker.heartbeat.interval.ms': '500',
}
/** These tests know what they break; the errors are what they look at. */
const SILENT = { debug() {}, info() {}, warn() {}, error() {} }
/** Brokers that live for minutes are not worth the optimizing compiler's time: half of the CPU of a start. */
const JVM_ARGS = ['-XX:TieredStopAtLevel=1']

/** Starts a broker for the tests of a file. */
export function useSite({ version, transactionVersion }: SiteOptions): TransactionSite {
  let cluster: KafkaCluster | undefined
  let witness: TransactionWitness | undefined

  beforeAll(async () => {
    cluster = await startCluster({
      brokerCount: 1,
      version,
      ...(transactionVersion === undefined ? {} : { transactionVersion }),
      heapMb: 384,
      jvmArgs: JVM_ARGS,
      properties: PROPERTIES,
    })
    witness = await TransactionWitness.start(cluster.bootstrapServers)
  })
  afterAll(async () => {
    await witness?.stop()
    await cluster?.stop()
  })

  const started = <T>(part: T | undefined): T => {
    if (part === undefined) throw new Error('the site has not started')
    return part
  }
  const closedAfterTest = (producer: Producer): Producer => {
    onTestFinished(async () => producer.close({ timeoutMs: 0 }))
    return producer
  }
  const configOf = (config: Partial<ProducerConfig>): ProducerConfig => ({
    bootstrapServers: started(cluster).bootstrapServers,
    transactionalId: randomUUID(),
    logger: SILENT,
    ...config,
  })

  return {
    transactionVersion: transactionVersion ?? 1,
    get bootstrapServers() {
      return started(cluster).bootstrapServers
    },
    get broker() {
      return started(started(cluster).brokers[0])
    },
    get witness() {
      return started(witness)
    },
    newTopic: async (partitionCount = 1) => {
      const topic = `t-${randomUUID()}`
      await createTopic(started(cluster).bootstrapServers, topic, partitionCount)
      return topic
    },
    newProducer: (config = {}) => closedAfterTest(new Producer(configOf(config))),
    watchedProducer: (onRequest, config = {}) => {
      const ports = nodePorts()
      const network = watchedNetwork(ports.network, onRequest)
      return closedAfterTest(new Producer(configOf(config), { ...ports, network }))
    },
  }
}
