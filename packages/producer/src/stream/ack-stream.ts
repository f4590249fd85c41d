import { Fifo } from '../accumulate/fifo.ts'
import type { RecordMetadata } from '../batch/deliveries.ts'
import { invalidArgument, KafkaError } from '../errors.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import type { RecordSink } from '../record/record-sender.ts'
import { readerOf, type RecordReader, type RecordSource } from '../record/record-source.ts'

/** A record, and what became of it. */
export type Acknowledgement<Item> =
  | { readonly record: Item; readonly metadata: RecordMetadata }
  | { readonly record: Item; readonly error: KafkaError }

interface Sent<Item> {
  readonly record: Item
  acknowledgement: Acknowledgement<Item> | undefined
}

interface Reader<Item> {
  readonly resolve: (result: IteratorResult<Acknowledgement<Item>, undefined>) => void
  readonly reject: (error: unknown) => void
}

/** Where the input stands. Its own error is told once, after the records that it gave before. */
type InputState =
  | { readonly name: 'OPEN' }
  | { readonly name: 'ENDED' }
  | { readonly name: 'FAILED'; readonly error: unknown }

/** Enough to fill a batch of small records. */
const WINDOW_COUNT = 10_000

const END = { done: true, value: undefined } as const

/**
 * Sends what it reads, and tells what became of each record, in the order of the input.
 *
 * It reads ahead of whoever reads it, by a window and as far as there is memory, so that batches fill. An iterator of
 * its own and no async generator: that could not be ended while it waits.
 */
export class AckStream<Item extends GivenRecord> implements AsyncIterableIterator<Acknowledgement<Item>, undefined> {
  readonly #sink: RecordSink
  readonly #input: RecordReader<Item>
  readonly #windowCount: number
  readonly #sent = new Fifo<Sent<Item>>()
  readonly #readers = new Fifo<Reader<Item>>()
  #inputState: InputState = { name: 'OPEN' }
  #hasBegun = false
  /** It waits for the input, which may take its time to be let go of. */
  #isReading = false
  #onRoom = (): void => {}

  /** @internal `producer.acks()` makes it. */
  constructor(sink: RecordSink, records: RecordSource<Item>, windowCount: number = WINDOW_COUNT) {
    if (!Number.isSafeInteger(windowCount) || windowCount < 1)
      throw invalidArgument(`windowCount must be an integer from 1, not ${String(windowCount)}`)
    this.#sink = sink
    this.#input = readerOf(records)
    this.#windowCount = windowCount
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<Acknowledgement<Item>, undefined>> {
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject })
      if (!this.#hasBegun) {
        this.#hasBegun = true
        void this.#run()
      }
      this.#tell()
    })
  }

  /** Reads no further. What was sent has its own end, which nobody is told. */
  async return(): Promise<IteratorResult<Acknowledgement<Item>, undefined>> {
    const wasOpen = this.#inputState.name === 'OPEN'
    this.#inputState = { name: 'ENDED' }
    this.#hasBegun = true
    while (this.#sent.shift() !== undefined);
    this.#tell()
    this.#onRoom()
    if (wasOpen) {
      const closed = this.#input.close()
      if (this.#isReading) closed.catch(() => {})
      else await closed
    }
    return END
  }

  async #run(): Promise<void> {
    try {
      while (this.#isOpen()) {
        if (this.#sent.length >= this.#windowCount) await this.#room()
        else await this.#readUntilFull()
      }
    } catch (error) {
      if (this.#isOpen()) this.#inputState = { name: 'FAILED', error }
    }
    this.#tell()
  }

  /** A method: it may change whenever something is awaited, which a compiler does not expect of a property. */
  #isOpen(): boolean {
    return this.#inputState.name === 'OPEN'
  }

  /** Awaits only what cannot be had at once: a promise per record would cost more than the record. */
  async #readUntilFull(): Promise<void> {
    while (this.#isOpen() && this.#sent.length < this.#windowCount) {
      const step = this.#input.next()
      this.#isReading = true
      const result = 'then' in step ? await step : step
      this.#isReading = false
      if (!this.#isOpen()) return
      if (result.done === true) this.#inputState = { name: 'ENDED' }
      else if (!this.#send(result.value)) await this.#sendOnceDrained(result.value)
    }
  }

  async #sendOnceDrained(record: Item): Promise<void> {
    do await this.#sink.drained()
    while (this.#isOpen() && !this.#send(record))
  }

  /** False when there is no room for the record. */
  #send(record: Item): boolean {
    const sent: Sent<Item> = { record, acknowledgement: undefined }
    try {
      const isTaken = this.#sink.take(record, (error, metadata) => {
        if (metadata !== undefined) sent.acknowledgement = { record, metadata }
        else if (error !== null) sent.acknowledgement = { record, error }
        this.#tell()
      })
      if (isTaken) this.#sent.push(sent)
      return isTaken
    } catch (error) {
      // The producer is closed, or the record itself throws when it is read: nothing more is taken.
      this.#input.close().catch(() => {})
      if (!(error instanceof KafkaError)) throw error
      sent.acknowledgement = { record, error }
      this.#sent.push(sent)
      this.#inputState = { name: 'ENDED' }
      return true
    }
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = resolve
    })
  }

  /** Tells readers what is known: each waits for the record at the head. */
  #tell(): void {
    for (let reader = this.#readers.peek(); reader !== undefined; reader = this.#readers.peek()) {
      const head = this.#sent.peek()
      if (head === undefined ? this.#isOpen() : head.acknowledgement === undefined) return
      this.#readers.shift()
      if (head?.acknowledgement === undefined) this.#tellEnd(reader)
      else {
        this.#sent.shift()
        reader.resolve({ done: false, value: head.acknowledgement })
        this.#onRoom()
      }
    }
  }

  #tellEnd({ resolve, reject }: Reader<Item>): void {
    const state = this.#inputState
    this.#inputState = { name: 'ENDED' }
    if (state.name === 'FAILED') reject(state.error)
    else resolve(END)
  }
}
