import { partsOf, type Producer } from '../producer.ts'
import type { Payload } from '../record/producer-record.ts'
import { RecordCalls } from '../record/record-calls.ts'
import { type DeadLetterOptions, DeadLetterSender } from './dead-letter-sender.ts'

/** A producer's calls that send, with dead letters. A failure is told when its letter is written, or has failed too. */
export class DeadLetterProducer<Key = Payload, Value = Payload> extends RecordCalls<Key, Value> {
  /** What it stands before. Its own calls write no dead letters. */
  readonly producer: Producer<Key, Value>
  readonly #sender: DeadLetterSender

  constructor(producer: Producer<Key, Value>, options: DeadLetterOptions) {
    const sender = new DeadLetterSender(partsOf(producer), options)
    super({ sender }, () => this.flush())
    this.producer = producer
    this.#sender = sender
  }

  /** As {@link Producer.flush}, and then waits for the dead letters, which count among the unsettled. */
  async flush(options: { readonly timeoutMs?: number } = {}): Promise<number> {
    const { clock, engine } = partsOf(this.producer)
    const deadlineMs = clock.now() + (options.timeoutMs ?? Infinity)
    const unsettledCount = await this.producer.flush(options)
    // Whoever stands between hears of a failure a few turns later: only then its letter is on its way.
    await new Promise<void>((resolve) => clock.soon(resolve))
    const { pending } = this.#sender
    if (unsettledCount > 0 || pending.size === 0) return unsettledCount
    await new Promise<void>((resolve) => {
      const cancelAlarm = engine.alarms.set(deadlineMs, resolve)
      engine.sender.wake()
      void Promise.allSettled(pending).then(() => {
        cancelAlarm()
        resolve()
      })
    })
    return pending.size
  }

  /** Waits for dead letters too, and closes the producer. */
  async close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    const { clock } = partsOf(this.producer)
    const startMs = clock.now()
    if (options.timeoutMs !== 0) await this.flush(options)
    const { timeoutMs } = options
    await this.producer.close(
      timeoutMs === undefined ? {} : { timeoutMs: Math.max(0, timeoutMs - (clock.now() - startMs)) },
    )
    this.#sender.giveUp()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
