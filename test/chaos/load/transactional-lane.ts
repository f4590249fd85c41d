import { setTimeout as delay } from 'node:timers/promises'
import { KafkaError, Producer, type Transaction } from '@linger/producer'
import { SeededRandom } from '../../../packages/producer/test/world/seeded-random.ts'
import { DeliveryChecker } from '../../delivery-checker/delivery-checker.ts'
import { ProducerHistory } from '../../delivery-checker/producer-history.ts'
import { SelfDescribingRecords } from '../../delivery-checker/self-describing-records.ts'
import { type Incarnation, TransactionChecker } from '../../delivery-checker/transaction-checker.ts'
import { TransactionHistory, type TransactionRecords } from '../../delivery-checker/transaction-history.ts'
import type { LogRecord } from '../../delivery-checker/log-record.ts'
import { type LaneSettings, promiseOfLane, settleWithinMs } from './lane-settings.ts'
import type { LaneCounts, LaneWorld, LoadLane } from './load-lane.ts'
import { SettledRecords } from './settled-records.ts'

const VALUE_BYTES_USUAL = 100
const VALUE_BYTES_MAX = 20_000
const RECORDS_MAX = 200
/** Of all transactions: one that its application does not want any more. */
const ABORTED_SHARE = 0.1
/** One that commits offsets of a consumer too. */
const OFFSETS_SHARE = 0.3
const LOOK_AGAIN_MS = 5
const CLOSE_TIMEOUT_MS = 10_000

/** What the application throws that does not want its transaction any more. */
class ChangedItsMind extends Error {}

/** A producer of the transactional id, and what it said. One that is finished is followed by another. */
interface Life extends Incarnation {
  readonly producer: Producer
  readonly records: SelfDescribingRecords
  /** The number of the next record. */
  next: number
}

/**
 * Runs one transaction after the other, some of which it aborts. Nobody awaits the records: the commit does. Where the
 * outcome is unknown it goes on with the next one, as an application does that makes its work again.
 */
export class TransactionalLane implements LoadLane {
  readonly #settings: LaneSettings
  readonly #world: LaneWorld
  readonly #random: SeededRandom
  readonly #settled: SettledRecords
  readonly #lives: Life[] = []
  #life: Life
  #offset = 0
  #takenCount = 0
  #running: Promise<void> = Promise.resolve()

  constructor(settings: LaneSettings, world: LaneWorld) {
    this.#settings = settings
    this.#world = world
    this.#random = new SeededRandom(world.runId).split(settings.name)
    this.#settled = new SettledRecords(world.stalls)
    this.#life = this.#newLife()
  }

  get name(): string {
    return this.#settings.name
  }

  get topics(): readonly string[] {
    return this.#settings.topics.map(({ name }) => name)
  }

  get groupId(): string {
    return `group-of-${this.name}`
  }

  get counts(): LaneCounts {
    const { ackedCount, failedCount } = this.#settled
    return { sent: this.#takenCount, acked: ackedCount, failed: failedCount }
  }

  start(): void {
    this.#running = this.#run()
  }

  async finish(): Promise<void> {
    await this.#running
    await this.#life.producer.flush({ timeoutMs: settleWithinMs(this.#settings) })
  }

  async close(): Promise<void> {
    await this.#life.producer.close({ timeoutMs: CLOSE_TIMEOUT_MS })
  }

  /** Of all that is in the log, visible or not. */
  checker(): DeliveryChecker {
    const promise = promiseOfLane(this.#settings)
    const judged = this.#lives.map(({ history, records }) => {
      return { history, promise, recordAt: (n: number) => records.record(n), keysKeepPartition: true }
    })
    return new DeliveryChecker(judged, (record) => this.#life.records.identify(record))
  }

  /** Of what readers of committed records see: tell it of all that they do. */
  transactionChecker(): { checker: TransactionChecker; read: (record: LogRecord) => void } {
    const checker = new TransactionChecker(this.#lives)
    const read = (record: LogRecord): void => {
      const identity = this.#life.records.identify(record)
      const life = this.#lives[identity?.producer ?? -1]
      if (identity !== undefined && life !== undefined)
        checker.visible(`${record.topic}-${record.partition}@${record.offset}`, life, identity.n)
    }
    return { checker, read }
  }

  #newLife(): Life {
    const { config, topics, name } = this.#settings
    const { bootstrapServers, runId } = this.#world
    const rank = this.#lives.length
    const life = {
      name: `producer ${rank}`,
      transactionalId: name,
      rank,
      producer: new Producer({ bootstrapServers, clientId: `${name}-${rank}`, transactionalId: name, ...config }),
      records: new SelfDescribingRecords({
        runId,
        producer: rank,
        topics,
        valueBytesUsual: VALUE_BYTES_USUAL,
        valueBytesMax: VALUE_BYTES_MAX,
      }),
      history: new ProducerHistory(settleWithinMs(this.#settings)),
      transactions: new TransactionHistory(),
      next: 0,
    }
    this.#lives.push(life)
    return life
  }

  async #run(): Promise<void> {
    const { pace } = this.#world
    for (;;) {
      const isFinal = pace.isFinal
      if (this.#takenCount < pace.dueCount * this.#settings.share) await this.#transact()
      else if (isFinal) return
      else await delay(LOOK_AGAIN_MS)
    }
  }

  async #transact(): Promise<void> {
    const { producer, transactions } = this.#life
    let transaction: TransactionRecords | undefined
    try {
      await producer.transaction(async (tx) => {
        transactions.initializedAtMs = Math.min(transactions.initializedAtMs, performance.now())
        transaction = transactions.begun(performance.now())
        this.#send(tx, this.#random.between(1, RECORDS_MAX))
        if (this.#random.isLucky(OFFSETS_SHARE)) await this.#sendOffsets(tx, transaction)
        if (this.#random.isLucky(ABORTED_SHARE)) throw new ChangedItsMind()
        transaction.commitAskedAtMs = performance.now()
        transaction.end = 'UNKNOWN'
      })
      if (transaction !== undefined) transaction.end = 'COMMITTED'
    } catch (error) {
      if (transaction !== undefined) transaction.end = endAfter(transaction, error)
      if (!(error instanceof KafkaError) && !(error instanceof ChangedItsMind)) throw error
      if (error instanceof KafkaError && error.fatal) {
        await producer.close({ timeoutMs: 0 })
        this.#life = this.#newLife()
      }
    }
  }

  #send(tx: Transaction, count: number): void {
    const life = this.#life
    const { records, history, transactions } = life
    for (let left = count; left > 0; left--) {
      const n = life.next++
      const sentMs = performance.now()
      history.sent(n, sentMs)
      transactions.sent(n)
      this.#takenCount += 1
      tx.send(records.record(n)).then(
        (metadata) => this.#settled.acked(history, n, sentMs, metadata),
        (error: unknown) => this.#settled.failed(history, n, sentMs, error),
      )
    }
  }

  async #sendOffsets(tx: Transaction, { offsets }: TransactionRecords): Promise<void> {
    const { groupId, topics } = this
    const sent = { topic: topics[0] ?? '', partition: 0, offset: this.#offset++ }
    offsets.push({ groupId, ...sent })
    await tx.sendOffsets([sent], { groupId })
  }
}

/** What a transaction has come to that failed so. */
function endAfter({ commitAskedAtMs }: TransactionRecords, error: unknown): TransactionRecords['end'] {
  if (commitAskedAtMs === Infinity) return error instanceof ChangedItsMind ? 'ABORTED' : 'NOT_COMMITTED'
  return error instanceof KafkaError && error.outcome === 'unknown' ? 'UNKNOWN' : 'NOT_COMMITTED'
}
