import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { KafkaError } from '../errors.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { checkPartition, checkRecord, headersOf, timestampOf } from '../record/record-checks.ts'
import type { RecordSender } from '../record/record-sender.ts'
import { aborted, checkSignal, type SendOptions } from '../record/send-options.ts'
import { checkTiming } from '../timed/record-timing.ts'

/** A record that was taken and is not settled. */
interface Unsettled {
  readonly record: GivenRecord
  readonly callback: DeliveryCallback
}

/** Takes records and keeps them. What is told of them is decided elsewhere. */
export class MockSender implements RecordSender {
  readonly sent: GivenRecord[] = []
  readonly unsettled: Unsettled[] = []
  readonly #offsets = new Map<string, number>()
  readonly #onTaken: () => void
  #onRoom: (() => void)[] = []
  #isClosed = false
  #isFull = false

  constructor(onTaken: () => void) {
    this.#onTaken = onTaken
  }

  get isFull(): boolean {
    return this.#isFull
  }

  set isFull(isFull: boolean) {
    this.#isFull = isFull
    if (!isFull) for (const run of this.#onRoom.splice(0)) run()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Nothing is taken any more: whoever waits for room fails. */
  close(): void {
    this.#isClosed = true
    this.isFull = false
  }

  send(record: GivenRecord, { signal }: SendOptions = {}): Promise<RecordMetadata> {
    return new Promise((resolve, reject) => {
      this.#assertOpen('send()')
      if (signal !== undefined) checkSignal(signal)
      const onAbort = (): void => {
        this.#takeBack(onSettled)
        if (signal !== undefined) onSettled(aborted(signal))
      }
      const onSettled: DeliveryCallback = (error, metadata) => {
        signal?.removeEventListener('abort', onAbort)
        if (metadata === undefined) reject(error)
        else resolve(metadata)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#takeOnceRoom(record, onSettled, signal).catch(onSettled)
    })
  }

  async #takeOnceRoom(record: GivenRecord, callback: DeliveryCallback, signal: AbortSignal | undefined): Promise<void> {
    while (this.#isFull) await this.drained()
    this.#assertOpen('send()')
    if (signal?.aborted !== true) this.#take(record, callback)
  }

  /** A record that is not settled is as if it had not been sent. */
  #takeBack(callback: DeliveryCallback): void {
    const index = this.unsettled.findIndex((one) => one.callback === callback)
    const [taken] = index < 0 ? [] : this.unsettled.splice(index, 1)
    const sentIndex = taken === undefined ? -1 : this.sent.lastIndexOf(taken.record)
    if (sentIndex >= 0) this.sent.splice(sentIndex, 1)
  }

  produce(record: GivenRecord, callback: DeliveryCallback = () => {}): boolean {
    this.#assertOpen('produce()')
    if (this.#isFull) return false
    try {
      this.#take(record, callback)
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error
      queueSoon(() => callback(error))
    }
    return true
  }

  take(record: GivenRecord, callback: DeliveryCallback): boolean {
    return this.produce(record, callback)
  }

  drained(): Promise<void> {
    return this.#isFull ? new Promise((resolve) => this.#onRoom.push(resolve)) : Promise.resolve()
  }

  #assertOpen(call: string): void {
    if (this.#isClosed) throw new KafkaError('CLOSED', `${call} after close()`, { outcome: 'never' })
  }

  #take(record: GivenRecord, callback: DeliveryCallback): void {
    checkRecord(record)
    checkTiming(record, Infinity) // it has no clock: any time is near enough
    headersOf(record.headers, record.topic)
    if (record.partition !== undefined) checkPartition(record.partition, record.topic)
    if (record.timestamp !== undefined) timestampOf(record.timestamp, record.topic)
    this.sent.push(record)
    this.unsettled.push({ record, callback })
    this.#onTaken()
  }

  /** Settles the oldest record. False when there is none. */
  settleNext(errorFor: (record: GivenRecord) => KafkaError | undefined): boolean {
    const next = this.unsettled.shift()
    if (next === undefined) return false
    const { record, callback } = next
    const error = errorFor(record)
    if (error !== undefined) callback(error)
    else callback(null, this.#metadataOf(record))
    return true
  }

  #metadataOf({ topic, partition = 0, timestamp = 0 }: GivenRecord): RecordMetadata {
    const place = `${topic}-${partition}`
    const offset = this.#offsets.get(place) ?? 0
    this.#offsets.set(place, offset + 1)
    return { topic, partition, offset, timestamp }
  }
}

/** After the call, as a producer tells. */
export function queueSoon(run: () => void): void {
  void Promise.resolve().then(run)
}
