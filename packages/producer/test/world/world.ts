import { type BrokerConfig, type BrokerPorts, Cluster, EmbeddedBroker, type NewTopic } from '@linger/broker'
import { readRecordBatches, type Api, type Record as KafkaRecord, type RecordBatch } from '@linger/protocol'
import { type Http, KafkaError, type Logger, type Ports, Producer, type ProducerConfig } from '../../src/index.ts'
import { BrokerHost, type BrokerRequest, type Fault } from './broker-host.ts'
import { SeededRandom } from './seeded-random.ts'
import { Timeline } from './timeline.ts'
import { VirtualCompression } from './virtual-compression.ts'
import { VirtualCryptography } from './virtual-cryptography.ts'
import { VirtualNetwork } from './virtual-network.ts'
import { VirtualTracing } from './virtual-tracing.ts'
import { Wire } from './wire.ts'

export interface WorldOptions {
  readonly seed?: number
  readonly brokers?: number
  readonly brokerConfig?: Partial<BrokerConfig>
  readonly topics?: readonly NewTopic[]
}

/** Longer than anything the producer waits for by default. */
const PATIENCE_MS = 600_000

const PORT = 9092

/** What a promise has come to. */
export type Outcome<T> =
  | { readonly state: 'pending' }
  | { readonly state: 'fulfilled'; readonly value: T; readonly atMs: number }
  | { readonly state: 'rejected'; readonly error: unknown; readonly atMs: number }

/**
 * A Kafka cluster, the network to it and producers in one process and on one virtual clock. The same seed and the same
 * calls give the same history.
 */
export class World {
  readonly timeline: Timeline = new Timeline()
  readonly network: VirtualNetwork = new VirtualNetwork(this.timeline)
  readonly tracing: VirtualTracing = new VirtualTracing()
  readonly wire: Wire = new Wire(this.timeline)
  readonly random: SeededRandom
  readonly cluster: Cluster
  readonly hosts: readonly BrokerHost[]
  /** What producers logged. */
  readonly logged: string[] = []
  /** Answers what is fetched over HTTP. */
  http: Http = { post: () => Promise.reject(new Error('nothing is fetched in this test')) }
  /** Addresses of names; a name without an entry is its own address. */
  readonly addresses = new Map<string, readonly string[] | Error>()

  constructor(options: WorldOptions = {}) {
    this.random = new SeededRandom(options.seed ?? 1)
    let uuids = 0
    const ports: BrokerPorts = {
      now: () => this.timeline.wallTimeMs,
      after: (delayMs, run) => this.timeline.after(delayMs, run),
      randomUuid: () => `uuid${String(uuids++).padStart(17, '0')}A`,
    }
    this.cluster = new Cluster(() => ports.randomUuid())
    this.hosts = Array.from({ length: options.brokers ?? 1 }, (_, index) => {
      const node = { nodeId: index + 1, host: `broker-${index + 1}`, port: PORT }
      const config = { autoCreateTopics: false, ...options.brokerConfig }
      const host = new BrokerHost(
        new EmbeddedBroker({ nodeId: node.nodeId, cluster: this.cluster, ports, ...config }),
        this.timeline,
      )
      this.cluster.register(node)
      this.network.listen(node, host.accept)
      return host
    })
    for (const topic of options.topics ?? [{ name: 't', partitions: 1 }]) this.cluster.createTopic(topic)
    this.network.observers.push(this.wire)
  }

  get nowMs(): number {
    return this.timeline.nowMs
  }

  ports(): Ports {
    return {
      clock: this.timeline.clock(),
      network: this.network,
      dns: {
        lookup: (host, onAnswer) => {
          const addresses = this.addresses.get(host) ?? [host]
          this.timeline.after(0, () =>
            addresses instanceof Error ? onAnswer(addresses, []) : onAnswer(undefined, addresses),
          )
        },
      },
      random: this.random,
      compression: new VirtualCompression({
        after: (delayMs, run) => void this.timeline.after(delayMs, run),
        jobMs: () => 1,
      }),
      cryptography: new VirtualCryptography(this.random.split('cryptography')),
      http: this.http,
      tracing: this.tracing,
    }
  }

  producer(config: Partial<ProducerConfig> = {}): Producer {
    const log = (message: string): void => void this.logged.push(message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    return new Producer({ bootstrapServers: `broker-1:${PORT}`, logger, ...config }, this.ports())
  }

  /** The broker with this node id. */
  host(nodeId: number): BrokerHost {
    const host = this.hosts[nodeId - 1]
    if (host === undefined) throw new Error(`there is no broker ${nodeId}`)
    return host
  }

  /** Asks `faultFor` about every request of one API, to any broker. */
  onRequest(api: Api, faultFor: (request: BrokerRequest, ordinal: number) => Fault | undefined): void {
    let count = 0
    for (const host of this.hosts) {
      const others = host.faultFor
      host.faultFor = (request) => (request.api === api ? faultFor(request, ++count) : others(request))
    }
  }

  /** Moves a partition to another broker, as an election does. */
  elect(topic: string, partition: number, leaderId: number): void {
    const elected = this.partition(topic, partition)
    elected.leaderId = leaderId
    elected.leaderEpoch++
  }

  partition(topic: string, partition: number): NonNullable<ReturnType<Cluster['topicNamed']>>['partitions'][number] {
    const found = this.cluster.topicNamed(topic)?.partitions[partition]
    if (found === undefined) throw new Error(`there is no ${topic}-${partition}`)
    return found
  }

  batchesIn(topic: string, partition: number = 0): RecordBatch[] {
    const { log } = this.partition(topic, partition)
    const batches: RecordBatch[] = []
    for (let offset = 0; offset < log.endOffset;) {
      const read = readRecordBatches(log.read(offset, Infinity, true))
      const last = read.at(-1)
      if (last === undefined) throw new Error(`the log of ${topic}-${partition} ends at ${offset}`)
      batches.push(...read)
      offset = Number(last.baseOffset) + last.lastOffsetDelta + 1
    }
    return batches
  }

  recordsIn(topic: string, partition: number = 0): KafkaRecord[] {
    return this.batchesIn(topic, partition).flatMap(({ records }) => records)
  }

  valuesIn(topic: string, partition: number = 0): string[] {
    return this.recordsIn(topic, partition).map(({ value }) => Buffer.from(value ?? []).toString())
  }

  pass(durationMs: number): Promise<void> {
    return this.timeline.pass(durationMs)
  }

  /** Lets time pass until the promise is settled, and answers as it does. Fails when nothing is left to happen. */
  async until<T>(promise: Promise<T>): Promise<T> {
    const outcome = this.watch(promise)
    const startMs = this.nowMs
    if (!(await this.timeline.runUntil(() => outcome().state !== 'pending', startMs + PATIENCE_MS))) {
      throw new Error(`still pending at ${this.nowMs} ms, after ${this.nowMs - startMs} ms`)
    }
    return promise
  }

  async untilTrue(isTrue: () => boolean): Promise<void> {
    if (!(await this.timeline.runUntil(isTrue, this.nowMs + PATIENCE_MS))) {
      throw new Error(`still not true at ${this.nowMs} ms`)
    }
  }

  /** Follows a promise; a rejection is then not unhandled. */
  watch<T>(promise: Promise<T>): () => Outcome<T> {
    let outcome: Outcome<T> = { state: 'pending' }
    promise.then(
      (value) => (outcome = { state: 'fulfilled', value, atMs: this.nowMs }),
      (error: unknown) => (outcome = { state: 'rejected', error, atMs: this.nowMs }),
    )
    return () => outcome
  }

  /** What is rejected meanwhile, and nobody hears of it. */
  async unhandledWhile(run: () => Promise<void>): Promise<unknown[]> {
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown): void => void unhandled.push(error)
    const others = process.listeners('unhandledRejection')
    process.removeAllListeners('unhandledRejection')
    process.on('unhandledRejection', onUnhandled)
    try {
      await run()
    } finally {
      process.off('unhandledRejection', onUnhandled)
      for (const other of others) process.on('unhandledRejection', other)
    }
    return unhandled
  }

  /** The error of a call that must fail. */
  async failureOf(promise: Promise<unknown>): Promise<KafkaError> {
    try {
      await this.until(promise)
    } catch (error) {
      if (error instanceof KafkaError) return error
      throw error
    }
    throw new Error('it was expected to fail')
  }
}
