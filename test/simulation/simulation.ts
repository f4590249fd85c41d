import { type BrokerPorts, Cluster, EmbeddedBroker, type Topic } from '@linger/broker'
import { type Logger, type Ports, Producer, type TelemetryEncoder } from '@linger/producer'
import { noSecurity } from '../../packages/producer/test/world/no-security.ts'
import { SeededRandom } from '../../packages/producer/test/world/seeded-random.ts'
import { Timeline } from '../../packages/producer/test/world/timeline.ts'
import type { DeliveryReport } from '../delivery-checker/delivery-checker.ts'
import type { TransactionReport } from '../delivery-checker/transaction-checker.ts'
import { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { ageTransactionalIds, NEWBORN, setAge } from './aged-producers.ts'
import { Application, type RunningApplication } from './application.ts'
import { brokerPorts } from './broker-ports.ts'
import { checkDelivery, settleWithinMs } from './check-delivery.ts'
import { checkDeliveryTime } from './check-delivery-time.ts'
import { checkTimes } from './check-times.ts'
import { checkTransactions } from './check-transactions.ts'
import { faultKindNamed } from './faults/fault-kinds.ts'
import { Names } from './network/names.ts'
import { notingObserver } from './network/noting-observer.ts'
import { Path } from './network/path.ts'
import { type NetworkObserver, SimulatedNetwork } from './network/simulated-network.ts'
import type { AnsweredRequests } from './oracles/answered-requests.ts'
import { conversations } from './oracles/conversations.ts'
import { FirstAttempts } from './oracles/first-attempts.ts'
import { MemoryOracle, watchMemory } from './oracles/memory-oracle.ts'
import { TransactionOracle } from './oracles/transaction-oracle.ts'
import { understoodAnswers } from './oracles/understood-answers.ts'
import { wireLimits } from './oracles/wire-limits.ts'
import { WireOracle } from './oracles/wire-oracle.ts'
import { hasOpenTransactions, waitingReaders } from './open-transactions.ts'
import type { Plan, PlannedFault, ProducerPlan } from './plan/plan.ts'
import { compressionOf } from './process-compression.ts'
import { ProducerProcess } from './producer-process.ts'
import { furnish, makePeace } from './peace.ts'
import { type NumberedApplication, proveApplication, proveTransactionalApplications } from './prove.ts'
import { RECOVERY_MS, RECOVERY_ROUNDS_MAX } from './recovery.ts'
import type { Trace } from './trace.ts'
import { TopicHistories } from './topic-histories.ts'
import { TransactionalApplication } from './transactional-application.ts'
import { TRANSACTIONAL_RECOVERY_MS } from './transactional-recovery.ts'

const PORT = 9092
const VIOLATIONS_MAX = 20
/** Beyond what settles the records: the last answers, closing, and sockets that hear of it. */
const LIVENESS_SLACK_MS = 200_000
/** Far more than any history needs: who gets here turns in circles. */
const EVENTS_MAX = 3_000_000

/** Brokers of a simulation do not read them. */
const METRICS_AS_TEXT: TelemetryEncoder = {
  encode: (metrics) => Buffer.from(metrics.map(({ name, value }) => `${name} ${value}`).join()),
}

export interface SimulationResult {
  readonly seed: number
  /** What broke a promise, in words. Must be empty. */
  readonly violations: readonly string[]
  readonly delivery: DeliveryReport
  readonly transactions: TransactionReport
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
  readonly transactions: TransactionOracle
  readonly #applications: readonly RunningApplication[]
  /** Those of them that run transactions. */
  readonly #transactional: NumberedApplication[] = []
  #streamCount = 0
  readonly #violations: string[] = []
  readonly #fired = new Map<PlannedFault, number>()
  readonly #topics: TopicHistories
  readonly #attempts: FirstAttempts
  #eventCount = 0

  constructor(plan: Plan, trace: Trace) {
    this.#plan = plan
    this.#trace = trace
    this.#random = new SeededRandom(plan.seed).split('simulation')
    this.names = new Names(this.#timeline, plan.hasDeadAddresses)
    const ports = brokerPorts(this.#timeline)
    this.cluster = new Cluster(() => ports.randomUuid())
    const nodeIds = Array.from({ length: plan.brokerCount }, (_, index) => index + 1)
    this.brokers = atLeastOne(nodeIds.map((nodeId) => this.#startBroker(nodeId, ports)))
    this.paths = atLeastOne(this.brokers.map((broker) => new Path(broker, plan.path)))
    for (const topic of plan.topics) this.cluster.createTopic(topic)
    furnish(plan, this.cluster)
    setAge(plan.age)
    ageTransactionalIds(this.cluster, this.transactionalIds, plan.epochsBefore ?? 0)
    this.#topics = new TopicHistories(this.cluster)
    this.#wire = new WireOracle(wireLimits(plan), plan.age, (id) => this.#topics.nameOf(id), this.violate)
    this.#attempts = new FirstAttempts(() => this.nowMs, plan.seed)
    this.#memory = new MemoryOracle(this.violate)
    const ids = plan.producers.map(({ config }) => config.transactionalId)
    this.transactions = new TransactionOracle(ids, this.violate)
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

  get transactionalIds(): readonly string[] {
    return [...new Set(this.#plan.producers.flatMap(({ config }) => config.transactionalId ?? []))]
  }

  get groupIds(): readonly string[] {
    return this.#transactional.flatMap(({ application }) => application.groupIds)
  }

  /** Transactional producers that another one comes after. */
  get mortals(): readonly number[] {
    return this.#transactional.slice(0, -1).map(({ index }) => index)
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
    this.#topics.grown.add(topic)
  }

  onTopicMadeAnew(topic: Topic): void {
    this.#topics.nameOf(topic.id)
    this.#topics.madeAnew.set(topic.name, this.nowMs)
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
    for (const { index, application } of this.#transactional) {
      const { killedAtMs = Infinity } = application.plan.transactions
      this.#timeline.at(killedAtMs, () => this.kill(index))
    }
    this.#timeline.at(healAtMs, () => this.#heal())
    this.#timeline.at(healAtMs + 1, () => this.#prove())
    await this.#runUntil(healAtMs + 2)
    await this.#runUntil(this.#deadlineMs, () => this.#isOver)
    this.#judge()
    const delivery = checkDelivery({
      plan: this.#plan,
      applications: this.#applications,
      cluster: this.cluster,
      topics: this.#topics,
      wire: this.#wire,
      wallTimeMs: this.#timeline.wallTimeMs,
    })
    const transactional = this.#transactional.map((one) => ({
      ...one,
      identity: this.transactions.identityOf(one.index),
    }))
    const transactions = checkTransactions(transactional, this.cluster, this.#topics.madeAnew)
    const examples = this.transactions.hasTwins ? [] : [...delivery.examples, ...transactions.examples]
    for (const example of examples) this.violate(example)
    watchMemory(undefined)
    setAge(NEWBORN)
    return {
      seed: this.#plan.seed,
      violations: this.#violations,
      delivery,
      transactions,
      fired: this.#firedKinds(),
      virtualMs: this.nowMs,
      eventCount: this.#eventCount,
      batchCount: this.#wire.batchCount,
      retryCount: this.#wire.retryCount,
    }
  }

  /** Longer than all of it may take. */
  get #deadlineMs(): number {
    const frozenMs = sumOf(this.processes.map((process) => process.frozenMs(0, Infinity)))
    const settleMs = Math.max(...this.#plan.producers.map(settleWithinMs))
    const transactionalMs = this.#transactional.length * (TRANSACTIONAL_RECOVERY_MS + 5 * settleMs)
    const plainMs = RECOVERY_ROUNDS_MAX * settleMs + RECOVERY_MS
    return this.#plan.healAtMs + plainMs + transactionalMs + frozenMs + LIVENESS_SLACK_MS
  }

  /** Nothing goes wrong any more: each shows that it works, or that it is finished for a reason. */
  #prove(): void {
    const deps = {
      plan: this.#plan,
      processes: this.processes,
      after: (delayMs: number, run: () => void) => this.after(delayMs, run),
      violate: this.violate,
    }
    for (const [index, application] of this.#applications.entries()) {
      if (application instanceof Application) void proveApplication(index, application, this.cluster, deps)
    }
    void proveTransactionalApplications(this.#transactional, this.transactions, deps)
  }

  /** The process of a producer is gone, as by kill -9. */
  kill(index: number): void {
    const process = this.processes[index]
    const one = this.#transactional.find((transactional) => transactional.index === index)
    if (process === undefined || one === undefined || process.isDead) return
    this.#note('killed', `producer ${index}`)
    process.kill()
    this.network.onKilled(process)
    one.application.onKilled()
  }

  get #isOver(): boolean {
    return (
      this.network.socketCount === 0 &&
      !hasOpenTransactions(this.cluster) &&
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
    if (hasOpenTransactions(this.cluster)) this.violate('a transaction never ends')
    for (const where of waitingReaders(this.cluster)) this.violate(`readers never get beyond ${where}`)
    for (const what of checkDeliveryTime(this.#plan, this.#applications, this.processes, this.#attempts))
      this.violate(what)
    for (const what of checkTimes(this.#applications, this.processes, this.#attempts)) this.violate(what)
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
    this.names.state = 'RESOLVING'
    makePeace(this.#plan, this)
  }

  #firedKinds(): Record<string, number> {
    const counts: Record<string, number> = {}
    for (const { kind } of this.#fired.keys()) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  #startBroker(nodeId: number, ports: BrokerPorts): EmbeddedBroker {
    this.cluster.register({ nodeId, host: this.names.nameOf(nodeId), port: PORT })
    const clientTelemetry = this.#plan.metricsIntervalMs !== undefined
    return new EmbeddedBroker({ nodeId, cluster: this.cluster, ports, autoCreateTopics: false, clientTelemetry })
  }

  #startApplication(plan: ProducerPlan, index: number): RunningApplication {
    const process = this.processes[index] ?? this.processes[0]
    const log = (message: string): void => this.#note('log', message)
    const logger: Logger = { debug: log, info: log, warn: log, error: log }
    const bootstrapServers = this.brokers.map(({ nodeId }) => `${this.names.nameOf(nodeId)}:${PORT}`)
    const telemetry = plan.tellsMetrics === true ? { telemetry: METRICS_AS_TEXT } : {}
    const config = { ...plan.config, ...telemetry, bootstrapServers, logger }
    const producer = new Producer(config, this.#producerPorts(process))
    const deps = {
      producer,
      process,
      nowMs: () => this.nowMs,
      after: (delayMs: number, run: () => void) => this.after(delayMs, () => process.deliver(run)),
      settleWithinMs: settleWithinMs(plan),
      violate: (what: string) => this.violate(`producer ${index}: ${what}`),
      note: (what: string) => this.#note(`producer ${index}`, what),
      newRecords: () => this.#newRecords(plan),
    }
    const { transactions } = plan
    if (transactions === undefined) return new Application({ ...deps, plan })
    const { maxBlockMs = Infinity } = plan.config
    const application = new TransactionalApplication({ ...deps, plan: { ...plan, transactions }, index, maxBlockMs })
    this.#transactional.push({ index, application })
    return application
  }

  #newRecords(plan: ProducerPlan): SelfDescribingRecords {
    return new SelfDescribingRecords({
      runId: this.#plan.seed,
      producer: this.#streamCount++,
      topics: plan.topics.map((name) => ({
        name,
        partitionCount: (this.cluster.topicNamed(name)?.partitions.length ?? 1) + plan.missingPartitions,
      })),
      valueBytesUsual: plan.valueBytesUsual,
      valueBytesMax: plan.valueBytesMax,
    })
  }

  #producerPorts(process: ProducerProcess): Ports {
    return {
      clock: process.clock(),
      network: this.network.portFor(process),
      random: this.#random.split(`producer ${process.index}`),
      dns: this.names.portFor(process),
      compression: compressionOf(process, this.#timeline, this.#random.split(`compression ${process.index}`)),
      ...noSecurity,
      tracing: understoodAnswers(this.#plan, (what) => this.violate(`producer ${process.index}: ${what}`)),
    }
  }

  #observer(): NetworkObserver {
    return notingObserver((what, about) => this.#note(what, about), [this.#wire, this.#conversations()])
  }

  #conversations(): AnsweredRequests {
    return conversations({
      plan: this.#plan,
      nowMs: () => this.nowMs,
      frozenMs: (owner, sinceMs) => this.processes[owner]?.frozenMs(sinceMs, this.nowMs) ?? 0,
      nodeIdOf: (connection) => this.network.openConnection(connection)?.path.nodeId ?? -1,
      isWriting: (connection) => this.network.openConnection(connection)?.isWriting ?? false,
      topicNameOf: (id) => this.#topics.nameOf(id),
      transactions: this.transactions,
      attempts: this.#attempts,
      violate: this.violate,
    })
  }

  #note(what: string, about: string): void {
    this.#trace.note(this.nowMs, what, about)
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function atLeastOne<T>([first, ...rest]: readonly T[]): [T, ...T[]] {
  if (first === undefined) throw new Error('at least one is needed')
  return [first, ...rest]
}
