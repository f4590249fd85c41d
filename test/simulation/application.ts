import { KafkaError, type Producer } from '@linger/producer'
import { ProducerHistory, Settlement } from '../delivery-checker/producer-history.ts'
import type { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import type { ProducerPlan, Step } from './plan/plan.ts'
import type { ProducerProcess } from './producer-process.ts'
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
  readonly recordsFor: (stream: 'SINGLE' | 'BULK') => SelfDescribingRecords
}

/** Made when nothing goes wrong any more: whoever can still ask for metadata finds it. */
export const TOPIC_OF_THE_END = 'end-of-all'

/** Records in the order of their calls. */
export class Stream {
  readonly name: string
  readonly records: SelfDescribingRecords
  readonly history: ProducerHistory
  count = 0

  constructor(name: string, records: SelfDescribingRecords, settleWithinMs: number) {
    this.name = name
    this.records = records
    this.history = new ProducerHistory(settleWithinMs)
  }
}

/** What runs around one producer: it sends what its plan says, and writes down what it is told. */
export class Application {
  readonly #deps: ApplicationDeps
  readonly singles: Stream
  /** Records of `sendAll`, which may overtake those of other calls, as those may overtake them. */
  readonly bulk: Stream
  #bulkCalls: Promise<unknown> = Promise.resolve()
  /** Calls beside those that send: they must end too. */
  #openCalls = 0
  #closed: Promise<void> | undefined
  isClosed = false

  constructor(deps: ApplicationDeps) {
    this.#deps = deps
    this.singles = new Stream('single', deps.recordsFor('SINGLE'), deps.settleWithinMs)
    // Told all together, when the last of a call is settled.
    this.bulk = new Stream('bulk', deps.recordsFor('BULK'), Infinity)
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
        this.#sendEach(step.count, step.abortAfterMs)
        break
      case 'produce':
        this.#produce(step.count)
        break
      case 'sendAll':
        this.#bulkCalls = this.#bulkCalls.then(() => this.#sendAll(step.count))
        break
      case 'flush':
        this.#flush(step.timeoutMs)
        break
      case 'close':
        this.close(step.timeoutMs)
        break
      case 'connect':
        this.#call(this.#deps.producer.connect())
        break
      case 'partitionsFor':
        this.#call(this.#deps.producer.partitionsFor(this.#deps.plan.topics[0] ?? ''))
        break
    }
  }

  close(timeoutMs?: number): void {
    const { producer, note, violate } = this.#deps
    const isFirst = this.#closed === undefined
    const closed = producer.close(timeoutMs === undefined ? {} : { timeoutMs })
    this.#closed ??= closed
    this.#call(
      closed.then(() => {
        this.isClosed = true
        note('closed')
        const { history } = this.singles
        const pending = history.sentCount - history.settledCount
        if (pending > 0 && isFirst) violate(`close() is done and ${pending} records are not settled`)
      }),
    )
  }

  #sendEach(count: number, abortAfterMs: number | undefined): void {
    const { producer, after } = this.#deps
    const controller = abortAfterMs === undefined ? undefined : new AbortController()
    if (controller !== undefined && abortAfterMs !== undefined) after(abortAfterMs, () => controller.abort())
    for (let left = count; left > 0; left--) {
      const [n, record] = this.#next(this.singles)
      producer.send(record, controller === undefined ? {} : { signal: controller.signal }).then(
        (metadata) => this.#acked(this.singles, n, metadata),
        (error: unknown) => this.#failed(this.singles, n, error),
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
      const [n, record] = this.#next(this.singles)
      try {
        this.#acked(this.singles, n, await this.#deps.producer.send(record))
      } catch (error) {
        this.#failed(this.singles, n, error)
        errors.push(error)
      }
    })
    await Promise.all(sends)
    return errors
  }

  #produce(count: number): void {
    const { producer } = this.#deps
    for (let left = count; left > 0; left--) {
      const [n, record] = this.#next(this.singles)
      try {
        const isTaken = producer.produce(record, (error, metadata) => {
          if (metadata !== undefined) this.#acked(this.singles, n, metadata)
          else this.#failed(this.singles, n, error)
        })
        overwrite(record)
        if (isTaken) continue
        this.singles.history.notTaken(n)
        this.#call(producer.drained().then(() => this.#produce(left)))
        return
      } catch (error) {
        this.#failed(this.singles, n, error)
      }
    }
  }

  async #sendAll(count: number): Promise<void> {
    const { producer } = this.#deps
    const from = this.bulk.count
    const next = (): ReturnType<SelfDescribingRecords['record']> => this.#next(this.bulk)[1]
    const records = function* (): Generator<ReturnType<typeof next>> {
      for (let left = count; left > 0; left--) yield next()
    }
    try {
      for (const [index, metadata] of (await producer.sendAll(records())).entries()) {
        this.#acked(this.bulk, from + index, metadata)
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
        this.#acked(this.bulk, n, result.metadata as Parameters<ProducerHistory['acked']>[1])
      } else if (typeof result === 'object' && result !== null && 'error' in result) {
        this.#failed(this.bulk, n, result.error)
      } else this.#failed(this.bulk, n, error)
    }
  }

  #flush(timeoutMs: number | undefined): void {
    const { producer, violate } = this.#deps
    const { history, count } = this.singles
    const flushed = producer.flush(timeoutMs === undefined ? {} : { timeoutMs })
    this.#call(
      flushed.then((unsettledCount) => {
        if (unsettledCount > 0) return
        for (let n = 0; n < count; n++) {
          if (history.settlementOf(n) === Settlement.PENDING)
            violate(`flush() answered 0, and record ${n}, sent before, is not settled`)
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

  #next(stream: Stream): readonly [n: number, record: ReturnType<SelfDescribingRecords['record']>] {
    const n = stream.count++
    stream.history.sent(n, this.#deps.nowMs())
    const record = stream.records.record(n)
    return [n, stream === this.singles ? inOwnBuffers(record) : record]
  }

  #acked(stream: Stream, n: number, metadata: Parameters<ProducerHistory['acked']>[1]): void {
    const nowMs = this.#deps.nowMs()
    stream.history.acked(n, metadata, nowMs, this.#frozenMs(stream, n, nowMs))
    this.#deps.note(`${stream.name} ${n} at ${metadata.partition}@${metadata.offset} ${metadata.timestamp}`)
  }

  #failed(stream: Stream, n: number, error: unknown): void {
    const nowMs = this.#deps.nowMs()
    stream.history.failed(n, error, nowMs, this.#frozenMs(stream, n, nowMs))
    const code = error instanceof KafkaError ? `${error.code} ${error.outcome}` : String(error)
    this.#deps.note(`${stream.name} ${n} ${code}`)
  }

  #frozenMs(stream: Stream, n: number, nowMs: number): number {
    return this.#deps.process.frozenMs(stream.history.sentAtMsOf(n), nowMs)
  }
}
