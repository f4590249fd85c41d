import { KafkaError } from '../errors.ts'
import type { ProducerHealth } from '../health.ts'
import type { GivenRecord, Payload, ProducerRecord } from '../record/producer-record.ts'
import { RecordCalls } from '../record/record-calls.ts'
import { MockSender, queueSoon } from './mock-sender.ts'

export interface MockProducerOptions<Key = Payload, Value = Payload> {
  /** Records are acknowledged by themselves, after the call. Default: true; else by `settleNext()`. */
  readonly autoAcknowledge?: boolean
  /** Answers the error with which a record fails, undefined for one that is written. Default: none fails. */
  readonly errorFor?: (record: ProducerRecord<Key, Value>) => KafkaError | undefined
}

/**
 * Stands for a producer in tests of what sends: it keeps the records, and says what it is told to say. It has the calls that
 * send, checks records as a producer does, and knows no serializers, partitions or transactions: for those there is
 * `@linger/broker`. Code under test that takes `Pick<Producer, 'send'>` takes this too.
 */
export class MockProducer<Key = Payload, Value = Payload> extends RecordCalls<Key, Value> {
  readonly #sender: MockSender
  readonly #errorFor: (record: GivenRecord) => KafkaError | undefined

  constructor({ autoAcknowledge = true, errorFor = () => undefined }: MockProducerOptions<Key, Value> = {}) {
    const sender = new MockSender(() => {
      if (autoAcknowledge) queueSoon(() => this.settleNext())
    })
    super({ sender }, () => this.flush())
    this.#sender = sender
    this.#errorFor = (record) => errorFor(record as ProducerRecord<Key, Value>)
  }

  /** What was sent, in the order of the calls, as it was given. */
  get sent(): readonly ProducerRecord<Key, Value>[] {
    return this.#sender.sent as ProducerRecord<Key, Value>[]
  }

  /** Forgets what was sent. */
  clear(): void {
    this.#sender.sent.length = 0
  }

  /** Has no room: `produce` answers false, and `send` waits. */
  get isFull(): boolean {
    return this.#sender.isFull
  }

  set isFull(isFull: boolean) {
    this.#sender.isFull = isFull
  }

  /**
   * Settles the oldest record that is not settled: with `error`, or as `errorFor` says.
   *
   * @returns false when there is none
   */
  settleNext(error?: KafkaError): boolean {
    return this.#sender.settleNext(error === undefined ? this.#errorFor : () => error)
  }

  /** Settles what was sent before, and answers 0. */
  async flush(): Promise<number> {
    for (let left = this.#sender.unsettled.length; left > 0; left--) this.settleNext()
    return Promise.resolve(0)
  }

  /** Nothing is connected. */
  connect(): Promise<void> {
    return Promise.resolve()
  }

  health(): ProducerHealth {
    return {
      state: this.#sender.isClosed ? 'CLOSING' : 'OPEN',
      error: undefined,
      isConnected: !this.#sender.isClosed,
      bufferedBytes: 0,
      bufferedRecords: this.#sender.unsettled.length,
      delayedRecords: 0,
      oldestUnsettledMs: 0,
    }
  }

  /** Settles all there is; with timeoutMs 0 it fails with CLOSED. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#sender.close()
    const closed = new KafkaError('CLOSED', 'the producer was closed', { outcome: 'never' })
    if (options.timeoutMs === 0) while (this.settleNext(closed));
    await this.flush()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
