import { type BrokerPorts, Cluster, EmbeddedBroker, type Topic } from '@linger/broker'
import { apiForKey, crc32c, readRecordBatches } from '@linger/protocol'
import { type Logger, type Ports, Producer } from '@linger/producer'
import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import { DeliveryChecker, type DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { promiseOf } from '../delivery-checker/delivery-promise.ts'
import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { Application, type Stream } from './application.ts'
import { faultKindNamed } from './faults/fault-kinds.ts'
import { Path } from './network/path.ts'
import type { SimulatedConnection } from './network/simulated-connection.ts'
import { type NetworkObserver, SimulatedNetwork } from './network/simulated-network.ts'
import { MemoryOracle, watchMemory } from './oracles/memory-oracle.ts'
import { WireOracle } from './oracles/wire-oracle.ts'
import type { Plan, PlannedFault, ProducerPlan } from './plan/plan.ts'
import { ProducerProcess } from './producer-process.ts'
import { olderVersions } from './older-versions.ts'
import { canRecover, proveRecovery, RECOVERY_MS, RECOVERY_ROUNDS_MAX } from './recovery.ts'
import type { Trace } from './trace.ts'

const PORT = 9092
const VIOLATIONS_MAX = 20
/** Beyond what settles the records: the last answers, closing, and sockets that hear of it. */
const LIVENESS_SLACK_MS = 200_000
/** Far more than any history needs: who gets here turns in circles. */
const EVENTS_MAX = 3_000_000

const BROKERS_AHEAD_MS = 7_777

const ACKS_DEFAULT = 'all'
const MAX_BLOCK_DEFAULT_MS = 60_000
const DELIVERY_TIMEOUT_DEFAULT_MS = 120_000

export interface SimulationResult {
  readonly seed: number
  /** What broke a promise, in words. Must be empty. */
  readonly violations: readonly string[]
  readonly delivery: DeliveryReport
  /** By kind: how many of the planned faults hit something. */
  readonly fired: Readonly<Record<string, number>>
  readonly virtualMs: number
  readonly eventCount: number
  readonly batchCount: number
  readonly retryCount: number
}

/** How names are resolved just now. */
interface Names {
  state: 'RESOLVING' | 'FAILING' | 'EMPTY' | 'SILENT'
}

/** One history: real producers, a cluster, and the network between them, in one process on a virtual clock. */
export class Simulation {
  readonly cluster: Cluster
  readonly brokers: readonly [EmbeddedBroker, ...EmbeddedBroker[]]
  readonly paths: readonly [Path, ...Path[]]
  readonly processes: readonly [ProducerProcess, ...ProducerProcess[]]
  readonly names: Names = { state: 'RESOLVING' }
  readonly #plan: Plan
  readonly #trace: Trace
  readonly #timeline = new Timeline()
  readonly #random: SeededRandom
  readonly #network: SimulatedNetwork
  readonly #wire: WireOracle
  readonly #memory: MemoryOracle
  readonly #applications: readonly Application[]
  readonly #violations: string[] = []
  readonly #fired = new Map<PlannedFault, number>()
  readonly #topicNames = new Map<string, string>()
  /** Topics whose keys may have moved, or whose records were deleted. */
  readonly #grown = new Set<string>()
  readonly #madeAnew = new Set<string>()
  #eventCount = 0

  constructor(plan: Plan, trace: Trace) {
    this.#plan = plan
    this.#trace = trace
    this.#random = new SeededRandom(plan.seed).split('simulation')
    const ports = this.#brokerPorts()
    this.cluster = new Cluster(() => ports.randomUuid())
    const nodeIds = Array.from({ length: plan.brokerCount }, (_, index) => index + 1)
    this.brokers = atLeastOne(nodeIds.map((nodeId) => this.#startBroker(nodeId, ports)))
    this.paths = atLeastOne(this.brokers.map((broker) => new Path(broker, plan.path)))
    for (const topic of plan.topics) this.cluster.createTopic(topic)
    this.cluster.faults.intercept(olderVersions(plan.versions))

    const limits = plan.producers.map(({ config }) => ({
      maxInFlight: config.maxInFlightRequestsPerConnection ?? 5,
      maxRequestSize: config.maxRequestSize ?? 1_048_576,
      maxProduceRequestBytes: config.maxProduceRequestBytes ?? 16_777_216,
    }))
    this.#wire = new WireOracle(limits, (id) => this.#topicNameOf(id), this.violate)
    this.#memory = new MemoryOracle(this.violate)
    this.#network = new SimulatedNetwork(this.#timeline, this.#random.split('network'), this.#observer(), this.violate)
    for (const path of this.paths) this.#network.add({ host: addressOf(path.nodeId), port: PORT }, path)
    this.processes = atLeastOne(
      plan.producers.map(({ ticksFirst }, index) => {
        const process = new ProducerProcess(index, this.#timeline, ticksFirst)
        process.onUncaught = (error) =>
          this.violate(`uncaught: ${error instanceof Error ? error.stack : String(error)}`)
        return process
      }),
    )
    this.#timeline.onUncaught = (error) =>
      this.violate(`uncaught: ${error instanceof Error ? error.stack : String(error)}`)
    watchMemory(this.#memory)
    this.#applications = plan.producers.map((producer, index) => this.#startApplication(producer, index))
  }

  get nowMs(): number {
    return this.#timeline.nowMs
  }

  after(delayMs: number, run: () => void): void {
    this.#timeline.after(delayMs, run)
  }

  pathTo(nodeId: number): Path {
    const path = this.paths[nodeId - 1]
    if (path === undefined) throw new Error(`there is no broker ${nodeId}`)
    return path
  }

  onPartitionsAdded(topic: string): void {
    this.#grown.add(topic)
  }

  onTopicMadeAnew(topic: Topic): void {
    this.#topicNameOf(topic.id)
    this.#madeAnew.add(topic.name)
    this.#wire.onTopicMadeAnew(topic.name)
  }

  readonly violate = (what: string): void => {
    this.#note('violation', what)
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push(`${Math.round(this.nowMs)} ms: ${what}`)
  }

  /** Safety first: whatever goes wrong. Then all is well, and everything must come to its end in time. */
  async run(): Promise<SimulationResult> {
    const { producers, faults, healAtMs } = this.#plan
    for (const fault of faults) this.#schedule(fault)
    for (const [index, { steps }] of producers.entries()) {
      const process = this.processes[index]
      for (const step of steps) {
        this.#timeline.at(step.atMs, () => process?.deliver(() => this.#applications[index]?.run(step)))
      }
    }
    this.#timeline.at(healAtMs, () => this.#heal())
    for (const [index, process] of this.processes.entries()) {
      this.#timeline.at(healAtMs + 1, () => process.deliver(() => void this.#end(index)))
    }
    await this.#runUntil(healAtMs + 2)
    const frozenMs = Math.max(...this.processes.map((process) => process.frozenMs(0, Infinity)))
    const settleMs = Math.max(...producers.map(settleWithinMs))
    const deadlineMs = healAtMs + RECOVERY_ROUNDS_MAX * settleMs + RECOVERY_MS + frozenMs + LIVENESS_SLACK_MS
    await this.#runUntil(deadlineMs, () => this.#isOver)
    this.#judge()
    const delivery = this.#checkDelivery()
    watchMemory(undefined)
    return {
      seed: this.#plan.seed,
      violations: this.#violations,
      delivery,
      fired: this.#firedKinds(),
      virtualMs: this.nowMs,
      eventCount: this.#eventCount,
      batchCount: this.#wire.batchCount,
      retryCount: this.#wire.retryCount,
    }
  }

  async #end(index: number): Promise<void> {
    const application = this.#applications[index]
    const process = this.processes[index]
    const plan = this.#plan.producers[index]
    if (application === undefined || process === undefined || plan === undefined) return
    if (canRecover(plan, this.#plan.path)) {
      await proveRecovery({
        application,
        after: (delayMs, run) => this.after(delayMs, () => process.deliver(run)),
        violate: (what) => this.violate(`producer ${index}: ${what}`),
      })
    }
    application.close()
  }

  get #isOver(): boolean {
    return (
      this.#network.socketCount === 0 &&
      this.#applications.every(({ isClosed, openCallCount }) => isClosed && openCallCount === 0)
    )
  }

  async #runUntil(untilMs: number, isOver: () => boolean = () => false): Promise<void> {
    while (!isOver() && this.#eventCount < EVENTS_MAX && (await this.#timeline.step(untilMs))) this.#eventCount += 1
    if (this.#eventCount === EVENTS_MAX) this.violate(`${EVENTS_MAX} events, and no end`)
  }

  #judge(): void {
    for (const [index, { isClosed, openCallCount }] of this.#applications.entries()) {
      if (!isClosed) this.violate(`producer ${index}: close() never ends`)
      if (openCallCount > 0) this.violate(`producer ${index}: ${openCallCount} calls never end`)
    }
    if (this.#network.socketCount > 0) this.violate(`${this.#network.socketCount} sockets are never closed`)
    this.#memory.finish()
  }

  #checkDelivery(): DeliveryReport {
    const streams: { readonly stream: Stream; readonly plan: ProducerPlan }[] = []
    for (const [index, { singles, bulk }] of this.#applications.entries()) {
      const plan = this.#plan.producers[index]
      if (plan !== undefined) streams.push({ stream: singles, plan }, { stream: bulk, plan })
    }
    const producers = streams.map(({ stream, plan: { config, topics } }) => ({
      history: stream.history,
      promise: promiseOf(config.acks ?? ACKS_DEFAULT, isIdempotent(config)),
      recordAt: (n: number) => stream.records.record(n),
      keysKeepPartition: config.partitioner === 'default' && !topics.some((topic) => this.#grown.has(topic)),
    }))
    const checker = new DeliveryChecker(producers, (record) => streams[0]?.stream.records.identify(record))
    for (const topic of this.#madeAnew) for (let index = 0; index < 100; index++) checker.excuse(topic, index)
    this.#excuseAcksOne(checker)
    for (const topic of this.cluster.topics) {
      for (const { index, log } of topic.partitions) {
        for (let offset = 0; offset < log.endOffset;) {
          for (const batch of readRecordBatches(log.read(offset, Infinity, true))) {
            for (const record of batch.records) {
              const place = { topic: topic.name, partition: index, offset: Number(record.offset) }
              const timestamp = Number(
                batch.timestampType === 'LOG_APPEND_TIME' ? batch.maxTimestamp : record.timestamp,
              )
              checker.read({ ...record, ...place, timestamp, timestampType: batch.timestampType })
            }
            offset = Number(batch.baseOffset) + batch.lastOffsetDelta + 1
          }
        }
      }
    }
    const report = checker.report()
    for (const example of report.examples) this.violate(example)
    return report
  }

  /** With acks 1 a change of leaders may lose what only the former one had. */
  #excuseAcksOne(checker: DeliveryChecker): void {
    for (const { config, topics } of this.#plan.producers) {
      if (config.acks !== 1) continue
      for (const name of topics) {
        for (const { index, leaderEpoch } of this.cluster.topicNamed(name)?.partitions ?? []) {
          if (leaderEpoch > 0) checker.excuse(name, index)
        }
      }
    }
  }

  #schedule(fault: PlannedFault): void {
    const kind = faultKindNamed(fault.kind)
    this.#timeline.at(fault.atMs, () => {
      const end = kind.start({
        simulation: this,
        random: new SeededRandom(fault.seed),
        durationMs: fault.durationMs,
        fired: (what) => {
          this.#fired.set(fault, (this.#fired.get(fault) ?? 0) + 1)
          this.#note('fault', `${kind.name}: ${what}`)
        },
      })
      this.#timeline.at(Math.min(fault.atMs + fault.durationMs, this.#plan.healAtMs - 1), end)
    })
  }

  #heal(): void {
    this.#note('healed', '')
    this.cluster.faults.clear()
    this.cluster.faults.intercept(olderVersions(this.#plan.versions))
    this.names.state = 'RESOLVING'
    for (const path of this.paths) Object.assign(path.conditions, this.#plan.path, { connects: 'ACCEPTED' })
    for (const broker of this.brokers) {
      if (broker.process === 'paused') broker.resume()
      else if (broker.process === 'dead') broker.restart()
      else broker.catchUp()
    }
    for (const topic of this.cluster.topics) {
      for (const partition of topic.partitions) {
        for (const replicaId of partition.replicaIds) partition.catchUp(replicaId)
        if (partition.leaderId < 0) partition.elect(partition.inSyncReplicaIds[0] ?? partition.replicaIds[0] ?? 1)
      }
    }
  }

  #firedKinds(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { kind } of this.#fired.keys()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  #startBroker(nodeId: number, ports: BrokerPorts): EmbeddedBroker {
    this.cluster.register({ nodeId, host: hostOf(nodeId), port: PORT })
    return new EmbeddedBroker({ nodeId, cluster: this.cluster, ports, autoCreateTopics: false })
  }

  #startApplication(plan: ProducerPlan, index: number): Application {
    const process = this.processes[index] ?? this.processes[0]
    const log = (message: string): void => this.#note('log', message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    const bootstrapServers = this.brokers.map(({ nodeId }) => `${hostOf(nodeId)}:${PORT}`)
    const producer = new Producer({ ...plan.config, bootstrapServers, logger }, this.#producerPorts(process))
    const partitionCountOf = (topic: string): number => this.cluster.topicNamed(topic)?.partitions.length ?? 1
    return new Application({
      plan,
      producer,
      process,
      nowMs: () => this.nowMs,
      after: (delayMs, run) => this.after(delayMs, () => process.deliver(run)),
      settleWithinMs: settleWithinMs(plan),
      violate: (what) => this.violate(`producer ${index}: ${what}`),
      note: (what) => this.#note(`producer ${index}`, what),
      recordsFor: (stream) =>
        new SelfDescribingRecords({
          runId: this.#plan.seed,
          producer: index * 2 + (stream === 'BULK' ? 1 : 0),
          topics: plan.topics.map((name) => ({
            name,
            partitionCount: partitionCountOf(name) + plan.missingPartitions,
          })),
          valueBytesUsual: plan.valueBytesUsual,
          valueBytesMax: plan.valueBytesMax,
        }),
    })
  }

  #producerPorts(process: ProducerProcess): Ports {
    return {
      clock: process.clock(),
      network: this.#network.portFor(process),
      random: this.#random.split(`producer ${process.index}`),
      dns: {
        lookup: (host, onAnswer) => {
          const { state } = this.names
          if (state === 'SILENT') return
          this.after(1, () =>
            process.deliver(() => {
              if (state === 'FAILING') onAnswer(new Error(`getaddrinfo ENOTFOUND ${host}`), [])
              else onAnswer(undefined, state === 'EMPTY' ? [] : this.#addressesOf(host))
            }),
          )
        },
      },
    }
  }

  #addressesOf(host: string): string[] {
    const nodeId = host.replace('broker-', '')
    const address = addressOf(Number(nodeId))
    return this.#plan.hasDeadAddresses ? [`10.0.1.${nodeId}`, address] : [address]
  }

  #brokerPorts(): BrokerPorts {
    let uuids = 0
    return {
      // Nobody's clock is another's: a time tells whose it is.
      now: () => this.#timeline.wallTimeMs + BROKERS_AHEAD_MS,
      after: (delayMs, run) => this.#timeline.after(delayMs, run),
      randomUuid: () => `uuid${String(uuids++).padStart(17, '0')}A`,
    }
  }

  #observer(): NetworkObserver {
    const wire = this.#wire
    const noteBytes = (what: string, { id }: SimulatedConnection, bytes: Buffer): void =>
      this.#note(what, `connection ${id}: ${bytes.length} bytes, checksum ${crc32c(bytes)}`)
    return {
      onWrite: (connection, bytes) => {
        const apiKey = bytes.readInt16BE(4)
        noteBytes(`write ${apiForKey(apiKey)?.name ?? apiKey}`, connection, bytes)
        wire.onWrite(connection, bytes)
      },
      onReceived: (connection, piece) => {
        noteBytes('received', connection, piece)
        wire.onReceived(connection, piece)
      },
      onClosed: (connection) => {
        this.#note('closed', `connection ${connection.id}`)
        wire.onClosed(connection)
      },
    }
  }

  /** A topic that is gone keeps its name here. */
  #topicNameOf(id: string): string {
    const name = this.cluster.topicWithId(id)?.name ?? this.#topicNames.get(id) ?? id
    this.#topicNames.set(id, name)
    return name
  }

  #note(what: string, about: string): void {
    this.#trace.note(this.nowMs, what, about)
  }
}

function hostOf(nodeId: number): string {
  return `broker-${nodeId}`
}

function addressOf(nodeId: number): string {
  return `10.0.0.${nodeId}`
}

function isIdempotent({ acks = ACKS_DEFAULT, enableIdempotence = true }: ProducerPlan['config']): boolean {
  return (acks === 'all' || acks === -1) && enableIdempotence
}

/** A record may wait for metadata and memory, then for its acknowledgement; one second is for the last step of each. */
function settleWithinMs({ config }: ProducerPlan): number {
  const { maxBlockMs = MAX_BLOCK_DEFAULT_MS, deliveryTimeoutMs = DELIVERY_TIMEOUT_DEFAULT_MS } = config
  return maxBlockMs + deliveryTimeoutMs + 1_000
}

function atLeastOne<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error('at least one is needed')
  return [first, ...rest]
}
