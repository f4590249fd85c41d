import { RECORD_OVERHEAD_BYTES, type BufferMemory } from '../accumulate/buffer-memory.ts'
import type { PartitionQueue } from '../accumulate/partition-queue.ts'
import type { RecordPlace } from '../accumulate/record-place.ts'
import type { WaitingRecord } from '../accumulate/waiting-record.ts'
import type { DeliveryListener, DeliveryResolve } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { TimeQueue } from './time-queue.ts'

/** Lets a record in whose time has come, and says where it is. */
export type OfferDue = (
  record: GivenRecord,
  listener: DeliveryListener | undefined,
  resolve: DeliveryResolve | undefined,
) => RecordPlace | WaitingRecord | undefined

/** A record that is held back. Its bytes are its own. */
export interface DelayedRecord {
  readonly isDelayed: true
  readonly record: GivenRecord
  readonly listener: DeliveryListener | undefined
  readonly resolve: DeliveryResolve | undefined
  readonly offer: OfferDue
  /** What it holds of `bufferMemory`. */
  readonly reservedBytes: number
  /** Until its time has come, or it was taken back. */
  isHeld: boolean
  /** Where it went then. */
  taken: RecordPlace | WaitingRecord | undefined
}

export interface DelayedRecordsDeps {
  readonly memory: BufferMemory
  /** A listener threw. */
  readonly onThrow: (error: unknown) => void
}

/** Records that are held back until their time, in memory and nowhere else. They are let in in the order of their times. */
export class DelayedRecords {
  readonly #deps: DelayedRecordsDeps
  readonly #queue = new TimeQueue<DelayedRecord>()
  #count = 0

  constructor(deps: DelayedRecordsDeps) {
    this.#deps = deps
  }

  get count(): number {
    return this.#count
  }

  get deadlineMs(): number {
    return this.#queue.deadlineMs
  }

  /**
   * Holds a record back until `dueMs`.
   *
   * @param sizeBytes of a batch of its own
   * @returns undefined when memory has no room for it, and it was not taken
   */
  hold(
    dueMs: number,
    sizeBytes: number,
    held: Pick<DelayedRecord, 'record' | 'listener' | 'resolve' | 'offer'>,
  ): DelayedRecord | undefined {
    const { memory } = this.#deps
    const reservedBytes = memory.capacityFor(sizeBytes) + RECORD_OVERHEAD_BYTES
    if (!memory.reserve(reservedBytes)) return undefined
    const delayed: DelayedRecord = { ...held, isDelayed: true, reservedBytes, isHeld: true, taken: undefined }
    this.#count++
    this.#queue.push(dueMs, delayed)
    return delayed
  }

  /** Lets in whose time has come. */
  run(nowMs: number): void {
    for (let next = this.#queue.shiftDue(nowMs); next !== undefined; next = this.#queue.shiftDue(nowMs)) {
      if (next.isHeld) this.#letIn(next)
    }
  }

  #letIn(delayed: DelayedRecord): void {
    const { record, listener, resolve, offer } = delayed
    this.#endHold(delayed)
    try {
      // It finds room: what it held is free for it, and for nobody else.
      delayed.taken = this.#deps.memory.spend(delayed.reservedBytes, () => offer(record, listener, resolve))
    } catch (error) {
      this.#tell(delayed, error as KafkaError)
    }
  }

  #endHold(delayed: DelayedRecord): void {
    delayed.isHeld = false
    this.#count--
  }

  /** Takes back a record that is still held. */
  takeBack(delayed: DelayedRecord, error: KafkaError): void {
    this.#endHold(delayed)
    this.#deps.memory.release(delayed.reservedBytes)
    this.#tell(delayed, error)
    if (this.#count * 2 < this.#queue.length) this.#queue.keep(({ isHeld }) => isHeld)
  }

  /** Lets all in before their time, but for those that are held back while it does. */
  releaseAll(): void {
    for (const delayed of this.#queue.takeAll()) if (delayed.isHeld) this.#letIn(delayed)
  }

  failAll(error: KafkaError): void {
    for (const delayed of this.#queue.takeAll()) if (delayed.isHeld) this.takeBack(delayed, error)
  }

  #tell({ listener }: DelayedRecord, error: KafkaError): void {
    try {
      listener?.(error)
    } catch (thrown) {
      this.#deps.onThrow(thrown)
    }
  }
}

/** Where a record is that was let in: what stands for its partition stands for its last record just now. */
export type Taken = PartitionQueue | WaitingRecord | DelayedRecord
