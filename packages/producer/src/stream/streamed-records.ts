import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import type { KafkaError } from '../errors.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import type { RecordSink } from '../record/record-sender.ts'

/** Where a stream's records go. */
export interface StreamSink extends RecordSink {
  flush(): Promise<number>
}

export interface WritableOptions<Item = GivenRecord> {
  /** How many records the stream holds before it asks its source to wait: beside `bufferMemory`, not in it. Default 16. */
  readonly highWaterMark?: number
  /** Told of each record that failed, and the stream goes on. Default: the first failure ends the stream. */
  readonly onFailed?: (error: KafkaError, record: Item) => void
  /** Told of each record that was written. */
  readonly onAcknowledged?: (metadata: RecordMetadata, record: Item) => void
}

/** Records that come through a stream: taken as there is room for them, and waited for at its end. */
export class StreamedRecords<Item extends GivenRecord> {
  readonly #sink: StreamSink
  readonly #callbackFor: (record: Item) => DeliveryCallback
  /** Nobody wants more of it taken. */
  isEnded = false
  #failure: KafkaError | undefined
  /** Taken, or waiting for room, and neither written nor failed. */
  #heldBackCount = 0
  #onNoneHeldBack = (): void => {}

  /** @param end ends the stream, because a record failed */
  constructor(sink: StreamSink, { onFailed, onAcknowledged }: WritableOptions<Item>, end: (error: KafkaError) => void) {
    this.#sink = sink
    const fail = (error: KafkaError): void => {
      if (this.isEnded) return
      this.isEnded = true
      this.#failure = error
      end(error)
    }
    const onSettled: DeliveryCallback = (error) => {
      if (error !== null) fail(error)
    }
    const tellsEach = onFailed !== undefined || onAcknowledged !== undefined
    this.#callbackFor = !tellsEach
      ? () => onSettled // one for all
      : (record) => (error, metadata) => {
          if (metadata !== undefined) onAcknowledged?.(metadata, record)
          else if (error !== null) (onFailed ?? fail)(error, record)
        }
  }

  /** Undefined when the record was taken at once; else it is when the promise resolves, unless the stream ended. */
  take(record: Item): Promise<void> | undefined {
    const callback = isHeldBack(record) ? this.#counted(this.#callbackFor(record)) : this.#callbackFor(record)
    return this.#sink.take(record, callback) ? undefined : this.#takeOnceDrained(record, callback)
  }

  async #takeOnceDrained(record: Item, callback: DeliveryCallback): Promise<void> {
    do await this.#sink.drained()
    while (!this.isEnded && !this.#sink.take(record, callback))
  }

  /** Waits for all. Rejects with the failure that ended the stream meanwhile. */
  async flush(): Promise<void> {
    await this.#sink.flush()
    // A flush does not wait for what is held back.
    if (this.#heldBackCount > 0) await new Promise<void>((resolve) => (this.#onNoneHeldBack = resolve))
    if (this.#failure !== undefined) throw this.#failure
  }

  #counted(callback: DeliveryCallback): DeliveryCallback {
    this.#heldBackCount++
    return (error, metadata, batch) => {
      this.#heldBackCount--
      try {
        callback(error, metadata, batch)
      } finally {
        if (this.#heldBackCount === 0) this.#onNoneHeldBack()
      }
    }
  }
}

function isHeldBack({ delayMs, deliverAt }: GivenRecord): boolean {
  return delayMs !== undefined || deliverAt !== undefined
}
