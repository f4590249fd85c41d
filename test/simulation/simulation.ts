import { type BrokerPorts, Cluster, EmbeddedBroker, type Topic } from '@linger/broker'
import { apiForKey, crc32c } from '@linger/protocol'
import { type Logger, type Ports, Producer } from '@linger/producer'
import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import type { DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { agedEpochs, NEWBORN, setAge } from './aged-producers.ts'
import { Application, TOPIC_OF_THE_END } from './application.ts'
import { checkDelivery, settleWithinMs } from './check-delivery.ts'
import { faultKindNamed } from './faults/fault-kinds.ts'
import { Names } from './network/names.ts'
import { Path } from './network/path.ts'
import { type NetworkObserver, type ObservedConnection, SimulatedNetwork } from './network/simulated-network.ts'
import { AnsweredRequests } from './oracles/answered-requests.ts'
import { LeaderOracle } from './oracles/leader-oracle.ts'
import { MemoryOracle, watchMemory } from './oracles/memory-oracle.ts'
import { PatienceOracle } from './oracles/patience-oracle.ts'
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

/** One history: real producers, a cluster, and the network between them, in one process on a virtual clock. */
export class Simulation {
  readonly cluster: Cluster
  readonly brokers: readonly [EmbeddedBroker, ...EmbeddedBroker[]]
  readonly paths: readonly [Path, ...Path[]]
  readonly processes: readonly [ProducerProcess, ...ProducerProcess[]]
  readonly names: Names
  readonly #plan: Plan
  readonly #trace: Trace
  readonly #timeline = new Timeline()
  readonly #random: SeededRandom
  readonly network: SimulatedNetwork
  readonly #wire: WireOracle
  readonly #memory: MemoryOracle
  readonly #applications: readonly Application[]
  readonly #violations: string[] = []
  readonly #fired = new Map<PlannedFault, number>()
  readonly #topicNames = new Map<string, string>()
  /** Topics whose keys may have moved, or whose records were deleted. */
  readonly #grown = new Set<string>()
  readonly #madeAnew = new Map<string, number>()
  #eventCount = 0

  constructor(plan: Plan, trace: Trace) {
    this.#plan = plan
    this.#trace = trace
    this.#random = new SeededRandom(plan.seed).split('simulation')
    this.names = new Names(this.#timeline, plan.hasDeadAddresses)
    const ports = this.#brokerPorts()
    this.cluster = new Cluster(() => ports.randomUuid())
    const nodeIds = Array.from({ length: plan.brokerCount }, (_, index) => index + 1)
    this.brokers = atLeastOne(nodeIds.map((nodeId) => this.#startBroker(nodeId, ports)))
    this.paths = atLeastOne(this.brokers.map((broker) => new Path(broker, plan.path)))
    for (const topic of plan.topics) this.cluster.createTopic(topic)
    this.cluster.faults.intercept(olderVersions(plan.versions))
    this.cluster.faults.intercept(agedEpochs(plan.age))
    setAge(plan.age)

    const limits = plan.producers.map(({ config }) => ({
      maxInFlight: config.maxInFlightRequestsPerConnection ?? 5,
      maxRequestSize: config.maxRequestSize ?? 1_048_576,
      batchSize: config.batchSize ?? 1_000_000,
      maxProduceRequestBytes: config.maxProduceRequestBytes ?? 16_777_216,
    }))
    this.#wire = new WireOracle(limits, plan.age, (id) => this.#topicNameOf(id), this.violate)
    this.#memory = new MemoryOracle(this.violate)
    this.network = new SimulatedNetwork(this.#timeline, this.#random.split('network'), this.#observer(), this.violate)
    for (const path of this.paths) this.network.add({ host: this.names.addressOf(path.nodeId), port: PORT }, path)
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
    this.#madeAnew.set(topic.name, this.nowMs)
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
    const topics = { grown: this.#grown, madeAnew: this.#madeAnew }
    const delivery = checkDelivery(this.#plan, this.#applications, this.cluster, topics, this.#wire)
    for (const example of delivery.examples) this.violate(example)
    watchMemory(undefined)
    setAge(NEWBORN)
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
    if (canRecover(plan, this.#plan)) {
      await proveRecovery({
        plan,
        application,
        after: (delayMs, run) => this.after(delayMs, () => process.deliver(run)),
        violate: (what) => this.violate(`producer ${index}: ${what}`),
        moveLeaders: () => this.#moveLeaders(),
      })
    }
    if (!application.isClosing) application.close()
  }

  get #isOver(): boolean {
    return (
      this.network.socketCount === 0 &&
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
    if (this.network.socketCount > 0) this.violate(`${this.network.socketCount} sockets are never closed`)
    for (const { index, isTimerSet } of this.processes)
      if (isTimerSet) this.violate(`producer ${index}: its timer is still set`)
    this.#memory.finish()
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
    this.cluster.faults.intercept(agedEpochs(this.#plan.age))
    this.names.state = 'RESOLVING'
    for (const path of this.paths) Object.assign(path.conditions, this.#plan.path, { connects: 'ACCEPTED' })
    for (const broker of this.brokers) {
      if (broker.process === 'paused') broker.resume()
      else if (broker.process === 'dead') broker.restart()
      else broker.catchUp()
    }
    this.cluster.createTopic({ name: TOPIC_OF_THE_END, partitions: 1, replicationFactor: 1 })
    for (const topic of this.cluster.topics) {
      for (const partition of topic.partitions) {
        for (const replicaId of partition.replicaIds) partition.catchUp(replicaId)
        if (partition.leaderId < 0) partition.elect(partition.inSyncReplicaIds[0] ?? partition.replicaIds[0] ?? 1)
      }
    }
  }

  #moveLeaders(): void {
    for (const partition of this.cluster.topics.flatMap(({ partitions }) => partitions)) {
      const { leaderId, inSyncReplicaIds } = partition
      const next = inSyncReplicaIds.find((id) => id !== leaderId)
      if (next !== undefined) partition.elect(next)
    }
  }

  #firedKinds(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { kind } of this.#fired.keys()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  #startBroker(nodeId: number, ports: BrokerPorts): EmbeddedBroker {
    this.cluster.register({ nodeId, host: this.names.nameOf(nodeId), port: PORT })
    return new EmbeddedBroker({ nodeId, cluster: this.cluster, ports, autoCreateTopics: false })
  }

  #startApplication(plan: ProducerPlan, index: number): Application {
    const process = this.processes[index] ?? this.processes[0]
    const log = (message: string): void => this.#note('log', message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    const bootstrapServers = this.brokers.map(({ nodeId }) => `${this.names.nameOf(nodeId)}:${PORT}`)
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
      network: this.network.portFor(process),
      random: this.#random.split(`producer ${process.index}`),
      dns: this.names.portFor(process),
    }
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
    const oracles = [this.#wire, this.#conversations()]
    const noteBytes = (what: string, { id }: ObservedConnection, bytes: Buffer): void =>
      this.#note(what, `connection ${id}: ${bytes.length} bytes, checksum ${crc32c(bytes)}`)
    return {
      onWrite: (connection, bytes) => {
        const apiKey = bytes.readInt16BE(4)
        noteBytes(`write ${apiForKey(apiKey)?.name ?? apiKey}`, connection, bytes)
        for (const oracle of oracles) oracle.onWrite(connection, bytes)
      },
      onReceived: (connection, piece) => {
        noteBytes('received', connection, piece)
        for (const oracle of oracles) oracle.onReceived(connection, piece)
      },
      onClosed: (connection) => {
        this.#note('closed', `connection ${connection.id}`)
        for (const oracle of oracles) oracle.onClosed(connection)
      },
    }
  }

  /** The oracles that judge requests and their answers. */
  #conversations(): AnsweredRequests {
    const configs = this.#plan.producers.map(({ config }) => config)
    const nowMs = (): number => this.nowMs
    const patience = new PatienceOracle({
      nowMs,
      awakeMs: (owner, sinceMs) => nowMs() - sinceMs - (this.processes[owner]?.frozenMs(sinceMs, nowMs()) ?? 0),
      requestTimeoutsMs: configs.map(({ requestTimeoutMs = Infinity }) => requestTimeoutMs),
      violate: this.violate,
    })
    const leaders = new LeaderOracle({
      nodeIdOf: ({ id }) =>
        this.paths.find(({ connections }) => [...connections].some((one) => one.id === id))?.nodeId ?? -1,
      topicNameOf: (id) => this.#topicNameOf(id),
      isExcused: (owner, topic) => mayBeginAgain(configs[owner]) || this.#madeAnew.has(topic),
      violate: this.violate,
    })
    const judges = [patience, leaders]
    return new AnsweredRequests({
      nowMs,
      onRequest: (...of) => judges.forEach((judge) => judge.onRequest(...of)),
      onAnswer: (...of) => judges.forEach((judge) => judge.onAnswer(...of)),
    })
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

/** With the bootstrap servers, which forgets what is known of leaders: the usual five minutes are longer than any trouble. */
function mayBeginAgain({
  metadataRecoveryStrategy = 'rebootstrap',
  metadataRecoveryRebootstrapTriggerMs = 300_000,
}: ProducerPlan['config'] = {}): boolean {
  return metadataRecoveryStrategy === 'rebootstrap' && metadataRecoveryRebootstrapTriggerMs < 300_000
}

function atLeastOne<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error('at least one is needed')
  return [first, ...rest]
}
