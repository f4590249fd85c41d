import type { DeliveryCallback, ProducerRecord as EngineRecord } from '@linger/producer'
import type { SendOutcome } from './send-outcome.ts'

/** Where records are handed over: an engine, or a transaction of one. */
export interface Sink {
  produce(record: EngineRecord, callback: DeliveryCallback): boolean
  drained(): Promise<void>
}

/** The messages of one call. */
export interface Consignment {
  readonly sink: Sink
  readonly records: readonly EngineRecord[]
  readonly outcome: SendOutcome
}

/** Hands messages over to engines as fast as their common memory allows, in the order of the calls. */
export class Outbox {
  /** What memory has no room for yet, with the number of messages that were taken. */
  readonly #waiting: { readonly consignment: Consignment; taken: number }[] = []

  send(consignment: Consignment): void {
    const isFirst = this.#waiting.length === 0
    const taken = isFirst ? handOver(consignment, 0) : 0
    if (taken === consignment.records.length) return
    this.#waiting.push({ consignment, taken })
    if (isFirst) void this.#drain()
  }

  async #drain(): Promise<void> {
    for (let head = this.#waiting[0]; head !== undefined; head = this.#waiting[0]) {
      await head.consignment.sink.drained()
      head.taken = handOver(head.consignment, head.taken)
      if (head.taken === head.consignment.records.length) this.#waiting.shift()
    }
  }
}

/** @returns how many have been taken; all of them where the engine will never take the rest */
function handOver({ sink, records, outcome }: Consignment, from: number): number {
  let taken = from
  try {
    for (; taken < records.length; taken++) {
      const record = records[taken] as EngineRecord
      if (!sink.produce(record, outcome.callbackFor(record.topic, record.partition ?? 0))) return taken
    }
  } catch (error) {
    outcome.abandon(records.length - taken, error)
  }
  return records.length
}
