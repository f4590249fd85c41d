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
  entry: RecordMetadata | undefined
}

/** Waits for every message of one call, and makes of it what KafkaJS answers: an entry for each partition. */
export class SendOutcome {
  readonly #byTopic = new Map<string, Map<number, PartitionOutcome>>()
  readonly #resolve: (entries: RecordMetadata[]) => void
  readonly #reject: (error: KafkaError) => void
  #unsettledCount: number
  #error: KafkaError | undefined

  /** @param count of messages, at least 1 */
  constructor(count: number, resolve: (entries: RecordMetadata[]) => void, reject: (error: KafkaError) => void) {
    this.#unsettledCount = count
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Who is told of the messages that go to a partition. */
  callbackFor(topic: string, partition: number): DeliveryCallback {
    let ofTopic = this.#byTopic.get(topic)
    if (ofTopic === undefined) {
      ofTopic = new Map()
      this.#byTopic.set(topic, ofTopic)
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
      entry: undefined,
      onDelivered: (error, metadata, batch) => {
        if (error !== null) this.#error ??= error
        else if (metadata !== undefined) outcome.entry ??= entryOf(metadata, batch)
        this.#settle(1)
      },
    }
    return outcome
  }

  /** The messages that were not handed over never will be. */
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
    const entries: RecordMetadata[] = []
    for (const outcomes of this.#byTopic.values()) {
      const begin = entries.length
      for (const { entry } of outcomes.values()) {
        if (entry !== undefined) entries.push(entry)
      }
      if (entries.length - begin > 1) entries.push(...entries.splice(begin).toSorted(byPartition))
    }
    return entries
  }
}

function byPartition(one: RecordMetadata, other: RecordMetadata): number {
  return one.partition - other.partition
}

/** '-1' stands for an offset that nobody can tell. */
function entryOf({ topic, partition, offset }: EngineMetadata, batch: AcknowledgedBatch | undefined): RecordMetadata {
  return {
    topicName: topic,
    partition,
    errorCode: 0,
    baseOffset: String(offset ?? -1),
    logAppendTime: String(batch?.logAppendTimeMs ?? -1),
    logStartOffset: String(batch?.logStartOffset ?? -1),
  }
}
