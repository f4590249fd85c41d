import { Fifo } from '../accumulate/fifo.ts'
import type { RecordGroup } from '../accumulate/record-group.ts'
import type { Engine } from '../engine.ts'
import { KafkaError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import { ownRecord } from './own-record.ts'
import type { GivenRecord } from './producer-record.ts'

/** As many records wait for their bytes before those who send many of them are asked to wait. */
const WAITING_MAX = 1_024

export interface SerializationQueueDeps {
  readonly engine: Engine
  readonly clock: Clock
  readonly maxBlockMs: number
}

type Outcome = { readonly record: GivenRecord } | { readonly error: unknown }

/** A record in the queue. */
export interface SerializingRecord {
  outcome: Outcome | undefined
  /** It was sent or has failed. One that was taken back is passed over when its turn comes. */
  isSettled: boolean
  readonly deadlineMs: number
  /** What a flush counts it under. */
  readonly group: RecordGroup
  readonly send: (record: GivenRecord) => void
  readonly fail: (error: unknown) => void
}

interface TopicQueue {
  readonly topic: string
  readonly waiting: Fifo<SerializingRecord>
  cancelAlarm: () => void
}

/**
 * Records whose bytes come later, sent per topic in the order of the calls, whichever bytes come first. One whose bytes
 * do not come within `maxBlockMs` fails, and lets those behind it pass.
 */
export class SerializationQueue {
  readonly #deps: SerializationQueueDeps
  readonly #topics = new Map<string, TopicQueue>()
  #count = 0
  #onRoom: (() => void)[] = []

  constructor(deps: SerializationQueueDeps) {
    this.#deps = deps
  }

  /** Records of this topic must wait, also those that have their bytes. */
  has(topic: string): boolean {
    return this.#topics.has(topic)
  }

  get isFull(): boolean {
    return this.#count >= WAITING_MAX
  }

  /** Runs `run` when it is not full. */
  whenRoom(run: () => void): void {
    if (this.isFull) this.#onRoom.push(run)
    else run()
  }

  add(
    topic: string,
    bytes: GivenRecord | Promise<GivenRecord>,
    send: (record: GivenRecord) => void,
    fail: (error: unknown) => void,
  ): SerializingRecord {
    const { engine, clock, maxBlockMs } = this.#deps
    const { group } = engine.admission
    const deadlineMs = clock.now() + maxBlockMs
    const waiting: SerializingRecord = { outcome: undefined, isSettled: false, deadlineMs, group, send, fail }
    const queue = this.#topics.get(topic) ?? this.#newQueue(topic)
    queue.waiting.push(waiting)
    this.#count++
    group.add(1)
    const settle = (outcome: Outcome): void => {
      waiting.outcome ??= outcome
      this.#advance(queue)
    }
    if (bytes instanceof Promise)
      bytes.then(
        (record) => settle({ record }),
        (error: unknown) => settle({ error }),
      )
    else waiting.outcome = { record: ownRecord(bytes) }
    if (queue.waiting.length === 1) this.#watch(queue, waiting)
    return waiting
  }

  /**
   * Takes a record out that still waits, and lets those behind it pass.
   *
   * @returns false when it was sent, or has failed: else nobody is told of it from here on
   */
  takeBack(topic: string, waiting: SerializingRecord): boolean {
    if (waiting.isSettled) return false
    this.#end(waiting)
    waiting.group.leave(1)
    const queue = this.#topics.get(topic)
    if (queue !== undefined) this.#advance(queue)
    return true
  }

  #newQueue(topic: string): TopicQueue {
    const queue = { topic, waiting: new Fifo<SerializingRecord>(), cancelAlarm: () => {} }
    this.#topics.set(topic, queue)
    return queue
  }

  #advance(queue: TopicQueue): void {
    let head = queue.waiting.peek()
    while (head !== undefined && (head.isSettled || head.outcome !== undefined)) {
      queue.cancelAlarm()
      queue.waiting.shift()
      if (!head.isSettled && head.outcome !== undefined) this.#settle(head, head.outcome)
      head = queue.waiting.peek()
      if (head !== undefined) this.#watch(queue, head)
    }
    if (head === undefined && this.#topics.get(queue.topic) === queue) this.#topics.delete(queue.topic)
    this.#tellRoom()
  }

  #tellRoom(): void {
    if (this.#onRoom.length === 0 || this.isFull) return
    for (const run of this.#onRoom.splice(0)) run()
  }

  /** The producer is closed, or has failed. */
  failAll(error: KafkaError): void {
    for (const queue of this.#topics.values()) {
      queue.cancelAlarm()
      for (let next = queue.waiting.shift(); next !== undefined; next = queue.waiting.shift()) {
        if (next.isSettled) continue
        next.outcome = { error }
        this.#settle(next, next.outcome)
      }
    }
    this.#topics.clear()
    this.#tellRoom()
  }

  #settle(waiting: SerializingRecord, outcome: Outcome): void {
    this.#end(waiting)
    const { admission } = this.#deps.engine
    const current = admission.group
    // It goes on under the group it was counted under, or a flush would not wait for what it waits for next.
    admission.group = waiting.group
    try {
      if ('record' in outcome) waiting.send(outcome.record)
      else waiting.fail(outcome.error)
    } finally {
      admission.group = current
      waiting.group.leave(1)
    }
  }

  #end(waiting: SerializingRecord): void {
    waiting.isSettled = true
    this.#count--
  }

  /** Only the first one's time is watched: those behind it have more. */
  #watch(queue: TopicQueue, head: SerializingRecord): void {
    const { engine, maxBlockMs } = this.#deps
    if (head.outcome !== undefined) return
    queue.cancelAlarm = engine.alarms.set(head.deadlineMs, () => {
      head.outcome ??= { error: notInTime(queue.topic, maxBlockMs) }
      this.#advance(queue)
    })
    engine.sender.wake()
  }
}

function notInTime(topic: string, maxBlockMs: number): KafkaError {
  return new KafkaError(
    'SERIALIZATION_TIMEOUT',
    `${topic}: a serializer gave nothing within maxBlockMs (${maxBlockMs} ms): the record was not sent`,
    { outcome: 'never', retriable: true },
  )
}
