import type { Topic } from '../accumulate/topic.ts'
import type { KafkaError } from '../errors.ts'

export interface TopicWatcher {
  readonly onKnown: () => void
  readonly onFailed: (error: KafkaError) => void
}

/** Topics whose partitions somebody waits for: records, or watchers, of whom each hears once. */
export class WantedTopics {
  readonly #topics = new Set<Topic>()
  readonly #watches = new Set<{ readonly topic: Topic; readonly watcher: TopicWatcher }>()

  get isEmpty(): boolean {
    return this.#topics.size === 0
  }

  get all(): readonly Topic[] {
    return [...this.#topics]
  }

  has(topic: Topic): boolean {
    return this.#topics.has(topic)
  }

  /** @returns false when it is wanted already */
  add(topic: Topic): boolean {
    if (this.#topics.has(topic)) return false
    this.#topics.add(topic)
    return true
  }

  delete(topic: Topic): void {
    this.#topics.delete(topic)
  }

  /** Leaves those that nobody waits for any more: records have failed or were taken back, and watchers gave up. */
  leaveUnwanted(): void {
    for (const topic of this.#topics) {
      if (topic.waiting.length === 0 && !this.#isWatched(topic)) this.#topics.delete(topic)
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

  #isWatched(topic: Topic): boolean {
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
