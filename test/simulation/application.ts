import { KafkaError, type Producer, type RecordMetadata } from '@linger/producer'
import { Settlement } from '../delivery-checker/producer-history.ts'
import type { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import { DelayedCalls } from './delayed-calls.ts'
import type { ProducerPlan, Step } from './plan/plan.ts'
import type { ProducerProcess } from './producer-process.ts'
import { Reactions } from './reactions.ts'
import { Stream } from './record-stream.ts'
import { inOwnBuffers, overwrite } from './reused-buffers.ts'

export interface ApplicationDeps {
  readonly plan: ProducerPlan
  readonly producer: Producer
  readonly process: ProducerProcess
  readonly nowMs: () => number
  /** Runs something in the process later. */
  readonly after: (delayMs: number, run: () => void) => void
  readonly settleWithinMs: number
  readonly violate: (what: string) => void
  readonly note: (what: string) => void
  /** Makes the records of one sequence of calls; they are ordered among themselves. */
  readonly newRecords: () => SelfDescribingRecords
}

/** Made when nothing goes wrong any more: whoever can still ask for metadata finds it. */
export const TOPIC_OF_THE_END = 'end-of-all'

/** An application as the simulation sees it, whatever it does with its producer. */
export interface RunningApplication {
  /** Its records, by number of their producer. */
  readonly streams: readonly Stream[]
  readonly isClosing: boolean
  readonly isClosed: boolean
  /** Calls beside those that send: they must end too. */
  readonly openCallCount: number
  run(step: Step): void
  close(timeoutMs?: number): void
}

/** What runs around one producer: it sends what its plan says, and writes down what it is told. */
export class Application implements RunningApplication {
  readonly #deps: ApplicationDeps
  readonly singles: Stream
  /** Records of `sendAll`, which may overtake those of other calls, as those may overtake them. */
  readonly bulk: Stream
  /** Records that are held back, where there are any. */
  readonly delayed: DelayedCalls | undefined
  readonly #reactions: Reactions
  /** Of calls whose records a callback may take back, all at once. */
  readonly #controllers: AbortController[] = []
  #bulkCalls: Promise<unknown> = Promise.resolve()
  #openCalls = 0
  #closed: Promise<void> | undefined
  isClosed = false

  constructor(deps: ApplicationDeps) {
    this.#deps = deps
    this.singles = new Stream('single', deps.newRecords(), deps.settleWithinMs, deps)
    // Told all together, when the last of a call is settled.
    this.bulk = new Stream('bulk', deps.newRecords(), Infinity, deps)
    const delaysMs = deps.plan.steps.map((step) => (step.do === 'delay' ? step.delayMs : 0))
    this.delayed = Math.max(...delaysMs) > 0 ? this.#newDelayed(Math.max(...delaysMs)) : undefined
    this.#reactions = new Reactions(deps.plan.reactions ?? [], {
      flush: () => this.#flush(undefined),
      close: () => this.close(),
      send: () => this.#produce(1, undefined),
      'take back': () => {
        for (const controller of this.#controllers.splice(0)) controller.abort()
      },
    })
  }

  get streams(): readonly Stream[] {
    return [this.singles, this.bulk, ...(this.delayed === undefined ? [] : [this.delayed.stream])]
  }

  /** Those whose records are told one by one. */
  get singly(): readonly Stream[] {
    return this.delayed === undefined ? [this.singles] : [this.singles, this.delayed.stream]
  }

  get isClosing(): boolean {
    return this.#closed !== undefined
  }

  get openCallCount(): number {
    return this.#openCalls
  }

  run(step: Step): void {
    switch (step.do) {
      case 'send':
        this.#sendEach(step.count, step.abortAfterMs, step.ttlMs)
        break
      case 'produce':
        this.#produce(step.count, step.ttlMs)
        break
      case 'delay':
        this.delayed?.run(step)
        break
      case 'sendAll':
        this.#bulkCalls = this.#bulkCalls.then(() => this.#sendAll(step.count))
        break
      case 'flush':
        this.#flush(step.timeoutMs, step.releases)
        break
      case 'close':
        this.close(step.timeoutMs, step.releases)
        break
      case 'connect':
        this.#call(this.#deps.producer.connect())
        break
      case 'partitionsFor':
        this.#call(this.#deps.producer.partitionsFor(this.#deps.plan.topics[0] ?? ''))
        break
      case 'transaction':
        throw new Error('a producer without transactionalId has no transactions')
    }
  }

  #newDelayed(delayMsMax: number): DelayedCalls {
    const { producer, process, nowMs, after, settleWithinMs, newRecords } = this.#deps
    const clock = process.clock()
    const stream = new Stream('delayed', newRecords(), settleWithinMs + delayMsMax, this.#deps)
    return new DelayedCalls(stream, { producer, nowMs, after, wallTimeMs: () => clock.wallTime() })
  }

  close(timeoutMs?: number, releases: boolean = false): void {
    const { producer, note, violate } = this.#deps
    const isFirst = this.#closed === undefined
    if (releases) this.delayed?.onRelease()
    const closed = producer.close({
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(releases ? { delayed: 'send' } : {}),
    })
    this.#closed ??= closed
    this.#call(
      closed.then(() => {
        this.isClosed = true
        note('closed')
        for (const { name, history } of this.singly) {
          const pending = history.sentCount - history.settledCount
          if (pending > 0 && isFirst) violate(`close() is done and ${pending} ${name} records are not settled`)
        }
      }),
    )
  }

  #sendEach(count: number, abortAfterMs: number | undefined, ttlMs: number | undefined): void {
    const { producer, after } = this.#deps
    const isTakenBack = this.#deps.plan.reactions?.some(({ does }) => does === 'take back') === true
    const controller = abortAfterMs === undefined && !isTakenBack ? undefined : new AbortController()
    if (controller !== undefined && abortAfterMs !== undefined) after(abortAfterMs, () => controller.abort())
    if (controller !== undefined && isTakenBack) this.#controllers.push(controller)
    for (let left = count; left > 0; left--) {
      const [n, record] = this.#next(ttlMs)
      producer.send(record, controller === undefined ? {} : { signal: controller.signal }).then(
        (metadata) => this.singles.acked(n, metadata),
        (error: unknown) => this.singles.failed(n, error),
      )
      overwrite(record)
    }
  }

  /** Asks for a topic that is new to it. Answers the error, if there is one. */
  async look(): Promise<readonly unknown[]> {
    return this.#deps.producer.partitionsFor(TOPIC_OF_THE_END).then(
      () => [],
      (error: unknown) => [error],
    )
  }

  /** Sends records now. Answers, when all are settled, the errors of those that failed. */
  async sendNow(count: number): Promise<readonly unknown[]> {
    const errors: unknown[] = []
    const sends = Array.from({ length: count }, async () => {
      const [n, record] = this.#next()
      try {
        this.singles.acked(n, await this.#deps.producer.send(record))
      } catch (error) {
        this.singles.failed(n, error)
        errors.push(error)
      }
    })
    await Promise.all(sends)
    return errors
  }

  #produce(count: number, ttlMs: number | undefined): void {
    const { producer } = this.#deps
    for (let left = count; left > 0; left--) {
      const [n, record] = this.#next(ttlMs)
      try {
        const isTaken = producer.produce(record, (error, metadata) => {
          if (metadata !== undefined) this.singles.acked(n, metadata)
          else this.singles.failed(n, error)
          this.#reactions.onTold(metadata === undefined)
        })
        overwrite(record)
        if (isTaken) continue
        this.singles.history.notTaken(n)
        this.#call(producer.drained().then(() => this.#produce(left, ttlMs)))
        return
      } catch (error) {
        this.singles.failed(n, error)
      }
    }
  }

  async #sendAll(count: number): Promise<void> {
    const { producer } = this.#deps
    const from = this.bulk.count
    const next = (): ReturnType<SelfDescribingRecords['record']> => this.bulk.next()[1]
    const records = function* (): Generator<ReturnType<typeof next>> {
      for (let left = count; left > 0; left--) yield next()
    }
    try {
      for (const [index, metadata] of (await producer.sendAll(records())).entries()) {
        this.bulk.acked(from + index, metadata)
      }
    } catch (error) {
      this.#onBulkError(from, error)
    }
  }

  /** Some failed, each with a result of its own; or the call itself did, and those that it has not reached. */
  #onBulkError(from: number, error: unknown): void {
    const results = error instanceof Error && 'results' in error && Array.isArray(error.results) ? error.results : []
    for (let n = from; n < this.bulk.count; n++) {
      const result: unknown = results[n - from]
      if (typeof result === 'object' && result !== null && 'metadata' in result) {
        // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- SendAllError says so, and is not exported
        this.bulk.acked(n, result.metadata as RecordMetadata)
      } else if (typeof result === 'object' && result !== null && 'error' in result) {
        this.bulk.failed(n, result.error)
      } else this.bulk.failed(n, error)
    }
  }

  #flush(timeoutMs: number | undefined, releases: boolean = false): void {
    const { producer, violate } = this.#deps
    const awaited = (releases ? this.singly : [this.singles]).map((stream) => ({ stream, count: stream.count }))
    if (releases) this.delayed?.onRelease()
    const flushed = producer.flush({
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      ...(releases ? { delayed: 'send' } : {}),
    })
    this.#call(
      flushed.then((unsettledCount) => {
        if (unsettledCount > 0) return
        for (const { stream, count } of awaited) {
          for (let n = 0; n < count; n++) {
            if (stream.history.settlementOf(n) === Settlement.PENDING)
              violate(`flush() answered 0, and ${stream.name} record ${n}, sent before, is not settled`)
          }
        }
      }),
    )
  }

  /** Must end, and may only fail as a KafkaError. */
  #call(promise: Promise<unknown>): void {
    this.#openCalls += 1
    const end = (): void => {
      this.#openCalls -= 1
    }
    promise.then(end, (error: unknown) => {
      end()
      if (!(error instanceof KafkaError)) this.#deps.violate(`a call failed with ${String(error)}`)
    })
  }

  /** Their buffers are used again at once. */
  #next(
    ttlMs?: number,
  ): readonly [n: number, record: ReturnType<SelfDescribingRecords['record']> & { ttlMs?: number }] {
    const [n, record] = this.singles.next()
    if (ttlMs === undefined) return [n, inOwnBuffers(record)]
    this.singles.times.set(n, { ttlMs })
    return [n, { ...inOwnBuffers(record), ttlMs }]
  }
}
