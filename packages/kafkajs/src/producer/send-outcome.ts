import type { AcknowledgedBatch, DeliveryCallback, RecordMetadata as EngineMetadata } from '@linger/producer'
import type { RecordMetadata } from './message.ts'

/** The messages of one call in one partition. */
interface PartitionOutcome {
  readonly topic: string
  readonly partition: number
  readonly onDelivered: DeliveryCallback
  entry: RecordMetadata | undefined
}

export type Resolve = (entries: RecordMetadata[]) => void
export type Reject = (error: Error) => void

/** Who is told that a call has come to its end, before its caller is. */
export interface CallEnds {
  answer(entries: RecordMetadata[], resolve: Resolve): void
  fail(error: unknown, reject: Reject): void
}

/** Waits for every message of one call, and makes of it what KafkaJS answers: an entry for each partition. */
export class SendOutcome {
  readonly #ends: CallEnds
  readonly #resolve: Resolve
  readonly #reject: Reject
  #unsettledCount: number
  #error: unknown
  /** That of the message before: most calls have one partition, and no use for the maps. */
  #last: PartitionOutcome | undefined
  #byTopic: Map<string, Map<number, PartitionOutcome>> | undefined

  /** @param count of messages, at least 1 */
  constructor(count: number, ends: CallEnds, resolve: Resolve, reject: Reject) {
    this.#unsettledCount = count
    this.#ends = ends
    this.#resolve = resolve
    this.#reject = reject
  }

  /** Who is told of the messages that go to a partition. */
  callbackFor(topic: string, partition: number): DeliveryCallback {
    const last = this.#last
    if (last?.partition === partition && last.topic === topic) return last.onDelivered
    this.#last = last === undefined ? this.#newOutcome(topic, partition) : this.#another(last, topic, partition)
    return this.#last.onDelivered
  }

  /** A call that goes to several partitions remembers all of them. */
  #another(last: PartitionOutcome, topic: string, partition: number): PartitionOutcome {
    this.#byTopic ??= new Map([[last.topic, new Map([[last.partition, last]])]])
    let ofTopic = this.#byTopic.get(topic)
    if (ofTopic === undefined) {
      ofTopic = new Map()
      this.#byTopic.set(topic, ofTopic)
    }
    let outcome = ofTopic.get(partition)
    if (outcome === undefined) {
      outcome = this.#newOutcome(topic, partition)
      ofTopic.set(partition, outcome)
    }
    return outcome
  }

  #newOutcome(topic: string, partition: number): PartitionOutcome {
    const outcome: PartitionOutcome = {
      topic,
      partition,
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
  abandon(count: number, error: unknown): void {
    this.#error ??= error
    this.#settle(count)
  }

  #settle(count: number): void {
    this.#unsettledCount -= count
    if (this.#unsettledCount > 0) return
    if (this.#error === undefined) this.#ends.answer(this.#entries(), this.#resolve)
    else this.#ends.fail(this.#error, this.#reject)
  }

  #entries(): RecordMetadata[] {
    if (this.#byTopic === undefined) return this.#last?.entry === undefined ? [] : [this.#last.entry]
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
    baseOffset: offset === undefined ? UNKNOWN : `${offset}`,
    logAppendTime: batch?.logAppendTimeMs === undefined ? UNKNOWN : `${batch.logAppendTimeMs}`,
    logStartOffset: batch?.logStartOffset === undefined ? UNKNOWN : `${batch.logStartOffset}`,
  }
}

const UNKNOWN = '-1'
