import type { Admission } from '../accumulate/admission.ts'
import type { DeliveryCallback, RecordMetadata } from '../batch/deliveries.ts'
import { invalidArgument, type KafkaError } from '../errors.ts'
import type { Lifecycle } from '../lifecycle.ts'
import type { AnyTransaction } from '../transaction/transaction.ts'
import type { Transactions } from '../transaction/transactions.ts'
import type { GivenRecord } from './producer-record.ts'
import type { RecordIntake } from './record-intake.ts'
import type { RecordSender } from './record-sender.ts'
import { aborted, checkSignal, type SendOptions } from './send-options.ts'
import type { Serialization } from './serialization.ts'
import type { SerializationQueue } from './serialization-queue.ts'

export interface SerializingSenderDeps {
  readonly intake: RecordIntake
  readonly serialization: Serialization
  readonly queue: SerializationQueue
  readonly admission: Admission
  readonly lifecycle: Lifecycle
  readonly transactions: Transactions | undefined
}

/** Stands before the intake where keys or values are serialized: who does without pays nothing for it. */
export class SerializingSender implements RecordSender {
  readonly #deps: SerializingSenderDeps

  constructor(deps: SerializingSenderDeps) {
    this.#deps = deps
  }

  send(record: GivenRecord, options?: SendOptions, within?: AnyTransaction): Promise<RecordMetadata> {
    const { intake, lifecycle, queue, transactions } = this.#deps
    if (!lifecycle.isOpen) return intake.send(record, options, within)
    let bytes: GivenRecord | Promise<GivenRecord>
    try {
      if (options?.signal !== undefined) checkSignal(options.signal)
      bytes = this.#serialized('send()', record, within)
    } catch (error) {
      return Promise.reject(intake.refused(error))
    }
    if (!(bytes instanceof Promise) && !queue.has(record.topic)) return intake.send(bytes, options, within)
    const sent = this.#sendLater(record.topic, bytes, options, within)
    transactions?.awaitBeforeCommit(sent)
    return sent
  }

  #sendLater(
    topic: string,
    bytes: GivenRecord | Promise<GivenRecord>,
    options: SendOptions | undefined,
    within: AnyTransaction | undefined,
  ): Promise<RecordMetadata> {
    const { intake, queue } = this.#deps
    const signal = options?.signal
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        // It was the caller's wish: no transaction fails with it.
        if (signal !== undefined && queue.takeBack(topic, waiting)) reject(intake.refused(aborted(signal)))
      }
      const waiting = queue.add(
        topic,
        bytes,
        (serialized) => {
          signal?.removeEventListener('abort', onAbort)
          resolve(intake.sendAccepted(serialized, options, within))
        },
        (error) => {
          signal?.removeEventListener('abort', onAbort)
          reject(intake.refused(this.#failed(error)))
        },
      )
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  produce(record: GivenRecord, callback?: DeliveryCallback, within?: AnyTransaction): boolean {
    const { intake, lifecycle, queue } = this.#deps
    lifecycle.assertOpen('produce()')
    let bytes: GivenRecord | Promise<GivenRecord>
    try {
      bytes = this.#serialized('produce()', record, within)
      if (bytes instanceof Promise || queue.has(record.topic)) {
        if (bytes instanceof Promise) bytes.catch(toldOtherwise)
        throw this.#failed(
          invalidArgument(
            `${record.topic}: produce() cannot wait for an asynchronous serializer: use send(), sendAll(), acks() or a stream`,
          ),
        )
      }
    } catch (error) {
      return intake.refuse(error, callback)
    }
    return intake.produce(bytes, callback, within)
  }

  take(record: GivenRecord, onSettled: DeliveryCallback, within?: AnyTransaction): boolean {
    const { intake, lifecycle, queue, admission } = this.#deps
    lifecycle.assertOpen('produce()')
    if (queue.isFull || admission.isWaitedFor) return false
    let bytes: GivenRecord | Promise<GivenRecord>
    try {
      bytes = this.#serialized('produce()', record, within)
    } catch (error) {
      return intake.refuse(error, onSettled)
    }
    if (!(bytes instanceof Promise) && !queue.has(record.topic)) return intake.produce(bytes, onSettled, within)
    queue.add(
      record.topic,
      bytes,
      (serialized) =>
        void intake.sendAccepted(serialized, undefined, within).then(
          (metadata) => onSettled(null, metadata),
          (error: KafkaError) => onSettled(error),
        ),
      (error) => void intake.refuse(this.#failed(error), onSettled),
    )
    return true
  }

  drained(): Promise<void> {
    const { intake, queue } = this.#deps
    if (!queue.isFull) return intake.drained()
    return new Promise<void>((resolve) => queue.whenRoom(resolve)).then(() => intake.drained())
  }

  #serialized(
    call: string,
    record: GivenRecord,
    within: AnyTransaction | undefined,
  ): GivenRecord | Promise<GivenRecord> {
    const { serialization, transactions } = this.#deps
    transactions?.assertMaySend(call, within)
    try {
      return serialization.serialize(record)
    } catch (error) {
      throw this.#failed(error)
    }
  }

  /** A record that cannot be written takes its transaction with it. */
  #failed(error: unknown): unknown {
    return this.#deps.transactions?.onFailed(error) ?? error
  }
}

function toldOtherwise(): void {}
