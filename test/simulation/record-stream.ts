import { KafkaError, type RecordMetadata } from '@linger/producer'
import { ProducerHistory, Settlement } from '../delivery-checker/producer-history.ts'
import type { SelfDescribingRecords } from '../delivery-checker/self-describing-records.ts'
import type { ProducerProcess } from './producer-process.ts'

export interface StreamDeps {
  readonly process: ProducerProcess
  readonly nowMs: () => number
  readonly note: (what: string) => void
}

/** What a record says of its own time. */
export interface RecordTimes {
  /** It is held back until then. Default: it is not. */
  readonly dueMs?: number
  readonly ttlMs: number | undefined
}

/** Records in the order of their calls, and what was told of them. */
export class Stream {
  readonly name: string
  readonly records: SelfDescribingRecords
  readonly history: ProducerHistory
  readonly #deps: StreamDeps
  /** Of the records that say something of it. */
  readonly times = new Map<number, RecordTimes>()
  /** Those that were said to have expired. */
  readonly expired = new Set<number>()
  count = 0

  constructor(name: string, records: SelfDescribingRecords, settleWithinMs: number, deps: StreamDeps) {
    this.name = name
    this.records = records
    this.history = new ProducerHistory(settleWithinMs)
    this.#deps = deps
  }

  /** The next record: it is about to be sent. */
  next(): readonly [n: number, record: ReturnType<SelfDescribingRecords['record']>] {
    const n = this.count++
    this.history.sent(n, this.#deps.nowMs())
    return [n, this.records.record(n)]
  }

  acked(n: number, metadata: RecordMetadata): void {
    const nowMs = this.#deps.nowMs()
    this.history.acked(n, metadata, nowMs, this.#frozenMs(n, nowMs))
    this.#deps.note(`${this.name} ${n} at ${metadata.partition}@${metadata.offset} ${metadata.timestamp}`)
  }

  failed(n: number, error: unknown): void {
    const nowMs = this.#deps.nowMs()
    this.history.failed(n, error, nowMs, this.#frozenMs(n, nowMs))
    if (error instanceof KafkaError && error.code === 'EXPIRED') this.expired.add(n)
    const code = error instanceof KafkaError ? `${error.code} ${error.outcome}` : String(error)
    this.#deps.note(`${this.name} ${n} ${code}`)
  }

  /** Nobody is left who could be told of the others. */
  failOthers(error: KafkaError): void {
    for (let n = 0; n < this.count; n++) {
      if (this.history.settlementOf(n) === Settlement.PENDING)
        this.history.failed(n, error, this.#deps.nowMs(), Infinity)
    }
  }

  #frozenMs(n: number, nowMs: number): number {
    return this.#deps.process.frozenMs(this.history.sentAtMsOf(n), nowMs)
  }
}
