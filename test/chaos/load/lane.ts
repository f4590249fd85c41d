import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { Producer } from '@linger/producer'
import { DeliveryChecker } from '../../delivery-checker/delivery-checker.ts'
import { ProducerHistory } from '../../delivery-checker/producer-history.ts'
import { SelfDescribingRecords } from '../../delivery-checker/self-describing-records.ts'
import { forgottenUntilMs } from '../../delivery-checker/delivery-promise.ts'
import { GROWING_TOPIC, type LaneSettings, promiseOfLane, settleWithinMs } from './lane-settings.ts'
import type { LaneCounts, LaneWorld, LeaderChange, LoadLane } from './load-lane.ts'
import { SettledRecords } from './settled-records.ts'

const VALUE_BYTES_USUAL = 100
const VALUE_BYTES_MAX = 20_000
/** Records in a row before the event loop gets its turn. */
const BURST = 500
/** Promises of `send` that may be open at once. */
const SENDS_MAX = 20_000
const LOOK_AGAIN_MS = 5
/** Beyond the time in which every record must be settled. */
const FLUSH_GRACE_MS = 10_000

/** One producer, what it is given and what it says. */
interface Source {
  readonly producer: Producer
  readonly index: number
  records: SelfDescribingRecords
  history: ProducerHistory
  /** The number of the next record. */
  next: number
  /** Records that the producer took, in all lives. */
  takenCount: number
}

/** A lane that can be settled and checked in the middle, and then start anew in an empty log: a new life of its topics. */
export class Lane implements LoadLane {
  readonly #settings: LaneSettings
  readonly #world: LaneWorld
  readonly #sources: readonly Source[]
  #life = 0
  #feeding: Promise<unknown> = Promise.resolve()
  #isFeeding = false
  readonly #settled: SettledRecords

  constructor(settings: LaneSettings, world: LaneWorld) {
    this.#settings = settings
    this.#world = world
    this.#settled = new SettledRecords(world.stalls)
    this.#sources = Array.from({ length: settings.producerCount }, (_, index) => ({
      producer: new Producer({
        bootstrapServers: world.bootstrapServers,
        clientId: `${settings.name}-${index}`,
        ...settings.config,
      }),
      index,
      takenCount: 0,
      ...this.#newLife(index),
    }))
  }

  get name(): string {
    return this.#settings.name
  }

  get counts(): LaneCounts {
    const sent = this.#sources.reduce((sum, { takenCount }) => sum + takenCount, 0)
    return { sent, acked: this.#settled.ackedCount, failed: this.#settled.failedCount }
  }

  get topics(): readonly string[] {
    return this.#settings.topics.map(({ name }) => name)
  }

  start(): void {
    this.#isFeeding = true
    this.#feeding = Promise.all(this.#sources.map(async (source) => this.#feed(source)))
  }

  async finish(): Promise<void> {
    await this.#feeding
    await this.settle()
  }

  /** Sends nothing more, and waits until every record is settled. */
  async settle(): Promise<void> {
    this.#isFeeding = false
    await this.#feeding
    const timeoutMs = settleWithinMs(this.#settings) + FLUSH_GRACE_MS
    await Promise.all(this.#sources.map(async ({ producer }) => producer.flush({ timeoutMs })))
  }

  checker(leaderChanges: readonly LeaderChange[]): DeliveryChecker {
    const promise = promiseOfLane(this.#settings)
    const keysKeepPartition = !this.topics.includes(GROWING_TOPIC)
    const forgotten = { forgottenUntilMs: forgottenUntilMs(Date.now()) }
    const judged = this.#sources.map(({ history, records }) => {
      return { history, promise, keysKeepPartition, recordAt: (n: number) => records.record(n), ...forgotten }
    })
    const [first] = this.#sources
    const checker = new DeliveryChecker(judged, (record) => first?.records.identify(record))
    if (this.#settings.config.acks === 1) {
      for (const { topic, partition } of leaderChanges) checker.excuse(topic, partition)
    }
    return checker
  }

  /** From here on everything goes into an empty log. */
  startAnew(): void {
    this.#life += 1
    for (const source of this.#sources) Object.assign(source, this.#newLife(source.index))
    this.start()
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map(async ({ producer }) => producer.close({ timeoutMs: FLUSH_GRACE_MS })))
  }

  #newLife(index: number): Pick<Source, 'records' | 'history' | 'next'> {
    const records = new SelfDescribingRecords({
      runId: (this.#world.runId + this.#life) >>> 0,
      producer: index,
      topics: this.#settings.topics,
      valueBytesUsual: VALUE_BYTES_USUAL,
      valueBytesMax: VALUE_BYTES_MAX,
    })
    return { records, history: new ProducerHistory(settleWithinMs(this.#settings)), next: 0 }
  }

  async #feed(source: Source): Promise<void> {
    const { share, producerCount, way } = this.#settings
    const { pace } = this.#world
    const offer = way === 'produce' ? this.#produce : this.#send
    while (this.#isFeeding) {
      const isFinal = pace.isFinal
      const dueCount = (pace.dueCount * share) / producerCount
      for (let burst = 0; burst < BURST && source.takenCount < dueCount; burst++) {
        const room = offer.call(this, source)
        if (room !== undefined) await room
      }
      if (source.takenCount < dueCount) await turn()
      else if (isFinal) return
      else await delay(LOOK_AGAIN_MS)
    }
  }

  /** Answers what to wait for when there is no room. */
  #produce(source: Source): Promise<void> | undefined {
    const { producer, history, records } = source
    const n = source.next++
    const sentMs = performance.now()
    history.sent(n, sentMs)
    const isTaken = producer.produce(records.record(n), (error, metadata) => {
      if (metadata === undefined) this.#settled.failed(history, n, sentMs, error)
      else this.#settled.acked(history, n, sentMs, metadata)
    })
    if (isTaken) {
      source.takenCount += 1
      return undefined
    }
    history.notTaken(n)
    return producer.drained()
  }

  #send(source: Source): Promise<void> | undefined {
    const { producer, history, records } = source
    if (history.count - history.settledCount >= SENDS_MAX) return delay(LOOK_AGAIN_MS)
    const n = source.next++
    const sentMs = performance.now()
    history.sent(n, sentMs)
    source.takenCount += 1
    producer.send(records.record(n)).then(
      (metadata) => this.#settled.acked(history, n, sentMs, metadata),
      (error: unknown) => this.#settled.failed(history, n, sentMs, error),
    )
    return undefined
  }
}
