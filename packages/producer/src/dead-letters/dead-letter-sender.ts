import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { KafkaError } from '../errors.ts'
import type { ProducerParts } from '../producer-parts.ts'
import type { GivenRecord } from '../record/producer-record.ts'
import { checkTopic } from '../record/record-checks.ts'
import type { RecordSender } from '../record/record-sender.ts'
import type { SendOptions } from '../record/send-options.ts'
import { deadLetterFor, asGiven, isForDeadLetters, isRecord } from './dead-letter.ts'
import { DeadLetterError } from './dead-letter-error.ts'
import { LetterBytes } from './letter-bytes.ts'

export interface DeadLetterOptions {
  /** The topic for the dead letters of a topic. Default: `${topic}.dlq`. */
  readonly topic?: (topic: string) => string
  /**
   * Also of records that may be in the log all the same: whoever reads both topics may then see one twice. Default: false.
   */
  readonly includeUnknown?: boolean
}

/** Stands before a producer's own sender, and writes a dead letter of each record that failed for good. */
export class DeadLetterSender implements RecordSender {
  readonly #parts: ProducerParts
  readonly #topicFor: (topic: string) => string
  readonly #includeUnknown: boolean
  readonly #bytes: LetterBytes
  /** Dead letters on their way. */
  readonly pending: Set<Promise<unknown>> = new Set<Promise<unknown>>()

  constructor(parts: ProducerParts, { topic = (name) => `${name}.dlq`, includeUnknown = false }: DeadLetterOptions) {
    this.#parts = parts
    this.#topicFor = topic
    this.#includeUnknown = includeUnknown
    this.#bytes = new LetterBytes(parts)
  }

  async send(record: GivenRecord, options?: SendOptions): Promise<RecordMetadata> {
    const given = asGiven(record)
    try {
      return await this.#parts.waysIn.choice.sender.send(record, options)
    } catch (error) {
      throw await this.#bury(given, error)
    }
  }

  produce(record: GivenRecord, callback?: DeliveryCallback): boolean {
    return this.#parts.waysIn.choice.sender.produce(record, this.#listenerFor(record, callback))
  }

  take(record: GivenRecord, callback: DeliveryCallback): boolean {
    return this.#parts.waysIn.choice.sender.take(record, this.#listenerFor(record, callback))
  }

  drained(): Promise<void> {
    return this.#parts.waysIn.choice.sender.drained()
  }

  /** The producer is closed: no letter waits for its bytes any more. */
  giveUp(): void {
    this.#bytes.giveUp()
  }

  #listenerFor(record: GivenRecord, callback: DeliveryCallback | undefined): DeliveryCallback {
    const given = asGiven(record)
    return (error, metadata, batch) => {
      if (error === null) callback?.(null, metadata, batch)
      else void this.#buryAndTell(given, error, callback)
    }
  }

  /** What the callback throws is its own: it becomes an uncaught exception, as from any event handler. */
  async #buryAndTell(record: GivenRecord, error: KafkaError, callback: DeliveryCallback | undefined): Promise<void> {
    const told = (await this.#bury(record, error)) as KafkaError
    this.#parts.clock.soon(() => callback?.(told))
  }

  /** @returns what to tell of the record: its own error, and what became of its dead letter */
  async #bury(record: GivenRecord, error: unknown): Promise<unknown> {
    if (!(error instanceof KafkaError) || !isForDeadLetters(error, this.#includeUnknown)) return error
    if (!isRecord(record)) return error
    const letter = this.#send(record, error)
    this.pending.add(letter)
    const told = await letter
    this.pending.delete(letter)
    return told
  }

  async #send(record: GivenRecord, error: KafkaError): Promise<DeadLetterError> {
    const { intake, lifecycle, options } = this.#parts
    let topic = ''
    try {
      topic = this.#topicFor(record.topic)
      checkTopic(topic)
      lifecycle.assertOpen('a dead letter')
      const bytes = await this.#bytes.of(record)
      return new DeadLetterError(error, topic, await intake.send(deadLetterFor(record, bytes, error, topic)))
    } catch (thrown) {
      const failure = thrown instanceof KafkaError ? thrown : notMade(thrown)
      const told = new DeadLetterError(error, topic, failure)
      options.logger.error(`linger: ${told.message}`)
      return told
    }
  }
}

function notMade(cause: unknown): KafkaError {
  return new KafkaError('INVALID_ARGUMENT', `no dead letter could be made: ${String(cause)}`, {
    outcome: 'never',
    cause,
  })
}
