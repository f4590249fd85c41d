import type { Topic } from '../accumulate/topic.ts'
import type { KafkaError } from '../errors.ts'

export interface TopicWatcher {
  readonly onKnown: () => void
  readonly onFailed: (error: KafkaError) => void
}

/**
 * Topics whose partitions somebody wants: records, or watchers, of whom each hears once. Who gave up wants them still, until
 * a broker has answered: where `maxBlockMs` is 0 everybody gives up at once, and means the next record.
 */
export class WantedTopics {
  /** And since when. */
  readonly #topics = new Map<Topic, number>()
  readonly #watches = new Set<{ readonly topic: Topic; readonly watcher: TopicWatcher }>()

  get isEmpty(): boolean {
    return this.#topics.size === 0
  }

  /** Somebody has not given up. */
  get isAwaited(): boolean {
    for (const topic of this.#topics.keys()) if (this.#isAwaited(topic)) return true
    return false
  }

  get all(): readonly Topic[] {
    return [...this.#topics.keys()]
  }

  has(topic: Topic): boolean {
    return this.#topics.has(topic)
  }

  /** @returns false when it is wanted already */
  add(topic: Topic, nowMs: number): boolean {
    const isNew = !this.#topics.has(topic)
    this.#topics.set(topic, nowMs)
    return isNew
  }

  delete(topic: Topic): void {
    this.#topics.delete(topic)
  }

  /**
   * Leaves those of these for which everybody gave up: their records have failed or were taken back, and nobody watches.
   *
   * @param wantedUntilMs nobody has wanted them since
   */
  leaveGivenUp(topics: Iterable<Topic>, wantedUntilMs: number): void {
    for (const topic of topics) {
      const wantedMs = this.#topics.get(topic) ?? Infinity
      if (wantedMs <= wantedUntilMs && !this.#isAwaited(topic)) this.#topics.delete(topic)
    }
  }

  /** @returns what stops waiting */
  watch(topic: Topic, watcher: TopicWatcher): () => void {
    const watch = { topic, watcher }
    this.#watches.add(watch)
    return () => void this.#watches.delete(watch)
  }

  tellKnown(topic: Topic): void {
    for (const { onKnown } of this.#take(topic)) onKnown()
  }

  tellFailed(topic: Topic, error: KafkaError): void {
    for (const { onFailed } of this.#take(topic)) onFailed(error)
  }

  /** Nobody will ever be answered. */
  failWatchers(error: KafkaError): void {
    const watches = [...this.#watches]
    this.#watches.clear()
    for (const { watcher } of watches) watcher.onFailed(error)
  }

  #isAwaited(topic: Topic): boolean {
    if (topic.waiting.length > 0) return true
    for (const watch of this.#watches) if (watch.topic === topic) return true
    return false
  }

  #take(topic: Topic): TopicWatcher[] {
    const taken: TopicWatcher[] = []
    for (const watch of this.#watches) {
      if (watch.topic !== topic) continue
      this.#watches.delete(watch)
      taken.push(watch.watcher)
    }
    return taken
  }
}
