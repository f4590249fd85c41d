import type {
  AcknowledgedBatch,
  DeliveryCallback,
  KafkaError,
  RecordMetadata as EngineMetadata,
} from '@linger/producer'
import type { RecordMetadata } from './message.ts'

/** The messages of one call in one partition. */
interface PartitionOutcome {
  readonly onDelivered: DeliveryCallback
  first: { readonly metadata: EngineMetadata; readonly batch: AcknowledgedBatch | undefined } | undefined
}

/** Waits for every message of one call, and makes of it what KafkaJS answers: an entry for each partition. */
export class SendOutcome {
  readonly #byPartition = new Map<string, Map<number, PartitionOutcome>>()
  readonly #resolve: (outcome: readonly RecordMetadata[]) => void
  readonly #reject: (error: KafkaError) => void
  #unsettledCount: number
  #error: KafkaError | undefined

  /** @param count of messages, at least 1 */
  constructor(
    count: number,
    resolve: (outcome: readonly RecordMetadata[]) => void,
    reject: (error: KafkaError) => void,
  ) {
    this.#unsettledCount = count
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Who is told of the messages that go to a partition. */
  callbackFor(topic: string, partition: number): DeliveryCallback {
    let ofTopic = this.#byPartition.get(topic)
    if (ofTopic === undefined) {
      ofTopic = new Map()
      this.#byPartition.set(topic, ofTopic)
    }
    let outcome = ofTopic.get(partition)
    if (outcome === undefined) {
      outcome = this.#newOutcome()
      ofTopic.set(partition, outcome)
    }
    return outcome.onDelivered
  }

  #newOutcome(): PartitionOutcome {
    const outcome: PartitionOutcome = {
      first: undefined,
      onDelivered: (error, metadata, batch) => {
        if (error !== null) this.#error ??= error
        else if (metadata !== undefined) outcome.first ??= { metadata, batch }
        this.#settle(1)
      },
    }
    return outcome
  }

  /** The messages that were not sent yet never will be. */
  abandon(count: number, error: KafkaError): void {
    this.#error ??= error
    this.#settle(count)
  }

  #settle(count: number): void {
    this.#unsettledCount -= count
    if (this.#unsettledCount > 0) return
    if (this.#error === undefined) this.#resolve(this.#entries())
    else this.#reject(this.#error)
  }

  #entries(): RecordMetadata[] {
    return [...this.#byPartition].flatMap(([topicName, partitions]) =>
      [...partitions]
        .toSorted(([one], [other]) => one - other)
        .flatMap(([partition, { first }]) => (first === undefined ? [] : [entryOf(topicName, partition, first)])),
    )
  }
}

/** '-1' stands for an offset that nobody can tell. */
function entryOf(
  topicName: string,
  partition: number,
  { metadata, batch }: NonNullable<PartitionOutcome['first']>,
): RecordMetadata {
  return {
    topicName,
    partition,
    errorCode: 0,
    baseOffset: String(metadata.offset ?? -1),
    logAppendTime: String(batch?.logAppendTimeMs ?? -1),
    logStartOffset: String(batch?.logStartOffset ?? -1),
  }
}
