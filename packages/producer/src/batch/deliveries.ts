import type { TimestampRuns } from '@linger/protocol'
import type { KafkaError } from '../errors.ts'

/** Where a record is in the log. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** Undefined when nobody can tell: acks 0, or a retry of a batch that the broker had already. */
  readonly offset: number | undefined
  /** Milliseconds since 1970: the record's own, or the broker's clock where the topic says LogAppendTime. */
  readonly timestamp: number
}

/** What the broker said of the batch that a record went with. Many records share one. */
export interface AcknowledgedBatch {
  readonly topic: string
  readonly partition: number
  /** Offset of the first record, undefined when unknown. */
  readonly baseOffset: number | undefined
  /** The broker's clock where the topic says LogAppendTime, else -1: each record keeps its own timestamp. */
  readonly logAppendTimeMs: number
  /** First offset that the partition still has, undefined when unknown. */
  readonly logStartOffset: number | undefined
}

/** Called once, when the record is acknowledged or has failed. Never inside the call that sent it. */
export type DeliveryCallback = (error: KafkaError | null, metadata?: RecordMetadata, batch?: AcknowledgedBatch) => void

/** Either a whole callback, or, where a `resolve` stands beside it, a promise's reject. */
export type DeliveryListener = DeliveryCallback

export type DeliveryResolve = (metadata: RecordMetadata) => void

/** Where a batch is in the log. */
export interface BatchPosition extends AcknowledgedBatch {
  readonly baseTimestamp: number
  /** Undefined when all records have the same timestamp. */
  readonly timestampRuns: TimestampRuns | undefined
}

/**
 * Whom to tell of a batch's records, in their order.
 *
 * The lists are long-lived and reused: fresh ones for every batch would survive just long enough to make V8 grow
 * its young generation by tens of megabytes.
 */
export class Deliveries {
  readonly #listeners: (DeliveryListener | undefined)[] = []
  /** Only where promises are waited for. */
  readonly #resolves: (DeliveryResolve | undefined)[] = []
  #count = 0

  add(listener: DeliveryListener | undefined, resolve: DeliveryResolve | undefined): void {
    const index = this.#count++
    this.#listeners[index] = listener
    if (resolve !== undefined) this.#addResolve(index, resolve)
  }

  #addResolve(index: number, resolve: DeliveryResolve): void {
    while (this.#resolves.length < index) this.#resolves.push(undefined)
    this.#resolves[index] = resolve
  }

  /** Tells every record where it is, the first one first. The list is empty afterwards. */
  acknowledge(position: BatchPosition, onThrow: (error: unknown) => void): void {
    const { topic, partition, baseOffset, baseTimestamp, timestampRuns } = position
    const count = this.#take()
    let timestamp = baseTimestamp
    let run = 0
    let nextRunStart = timestampRuns?.startOf(run) ?? Infinity
    for (let index = 0; index < count; index++) {
      if (index === nextRunStart) {
        timestamp = baseTimestamp + (timestampRuns?.deltaOf(run++) ?? 0)
        nextRunStart = timestampRuns?.startOf(run) ?? Infinity
      }
      const listener = this.#listeners[index]
      if (listener === undefined) continue
      const offset = baseOffset === undefined ? undefined : baseOffset + index
      const metadata = { topic, partition, offset, timestamp }
      const resolve = this.#resolves[index]
      this.#listeners[index] = undefined
      if (resolve !== undefined) {
        this.#resolves[index] = undefined
        resolve(metadata)
        continue
      }
      try {
        listener(null, metadata, position)
      } catch (error) {
        onThrow(error)
      }
    }
  }

  /** Fails every record, the first one first. The list is empty afterwards. */
  fail(errorOf: (index: number) => KafkaError, onThrow: (error: unknown) => void): void {
    const count = this.#take()
    for (let index = 0; index < count; index++) {
      if (this.#listeners[index] !== undefined) this.failOne(index, errorOf(index), onThrow)
    }
  }

  /** Fails one record. It keeps its place, and is not told again. */
  failOne(index: number, error: KafkaError, onThrow: (error: unknown) => void): void {
    const listener = this.#listeners[index]
    this.#listeners[index] = undefined
    if (index < this.#resolves.length) this.#resolves[index] = undefined
    try {
      listener?.(error)
    } catch (thrown) {
      onThrow(thrown)
    }
  }

  /** Appends one record's place to another list. `clear` comes when the last one is there. */
  move(index: number, to: Deliveries): void {
    to.add(this.#listeners[index], this.#resolves[index])
  }

  clear(): void {
    const count = this.#take()
    for (let index = 0; index < count; index++) {
      this.#listeners[index] = undefined
      if (index < this.#resolves.length) this.#resolves[index] = undefined
    }
  }

  #take(): number {
    const count = this.#count
    this.#count = 0
    return count
  }
}

/** Lists beyond this many are left to the garbage collector. */
const POOLED_MAX = 4096

export class DeliveriesPool {
  readonly #pool: Deliveries[] = []

  take(): Deliveries {
    return this.#pool.pop() ?? new Deliveries()
  }

  /** @param deliveries empty */
  giveBack(deliveries: Deliveries): void {
    if (this.#pool.length < POOLED_MAX) this.#pool.push(deliveries)
  }
}
