import type { RecordPlace } from '../accumulate/record-place.ts'
import type { WaitingRecord } from '../accumulate/waiting-record.ts'
import { KafkaError } from '../errors.ts'
import { TimeQueue } from './time-queue.ts'

/** As many entries are looked through before any of them is let go of early. */
const KEPT_MIN = 1_024

interface Expiring {
  readonly taken: RecordPlace | WaitingRecord
  readonly ttlMs: number
}

export interface ExpiringRecordsDeps {
  /** Fails a record, unless it was sent. */
  readonly takeBack: (taken: RecordPlace | WaitingRecord, error: KafkaError) => void
}

/** Records with a `ttlMs`: one that was not sent by then is taken back. */
export class ExpiringRecords {
  readonly #deps: ExpiringRecordsDeps
  readonly #queue = new TimeQueue<Expiring>()
  #keptMax = KEPT_MIN

  constructor(deps: ExpiringRecordsDeps) {
    this.#deps = deps
  }

  get deadlineMs(): number {
    return this.#queue.deadlineMs
  }

  watch(taken: RecordPlace | WaitingRecord, ttlMs: number, nowMs: number): void {
    this.#queue.push(nowMs + ttlMs, { taken, ttlMs })
    if (this.#queue.length < this.#keptMax) return
    // Most were sent long before their time, and need not be remembered until then.
    this.#queue.keep(({ taken: one }) => mayExpire(one))
    this.#keptMax = Math.max(KEPT_MIN, 2 * this.#queue.length)
  }

  /** Before anything is sent, so that nothing is sent late. */
  run(nowMs: number): void {
    for (let next = this.#queue.shiftDue(nowMs); next !== undefined; next = this.#queue.shiftDue(nowMs)) {
      if (mayExpire(next.taken)) this.#deps.takeBack(next.taken, expired(topicOf(next.taken), next.ttlMs))
    }
  }
}

function mayExpire(taken: RecordPlace | WaitingRecord): boolean {
  const place = 'batch' in taken ? taken : taken.place
  if (place === undefined) return !('batch' in taken) && !taken.isSettled
  const { batch } = place.batch.placeOf(place.index)
  return !batch.isSettled && batch.attempts === 0
}

function topicOf(taken: RecordPlace | WaitingRecord): string {
  return 'batch' in taken ? taken.batch.partition.topic.name : taken.topic.name
}

function expired(topic: string, ttlMs: number): KafkaError {
  return new KafkaError('EXPIRED', `${topic}: the record was not sent within its ttlMs (${ttlMs} ms)`, {
    outcome: 'never',
  })
}
