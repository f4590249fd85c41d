import type { Topic } from '../accumulate/topic.ts'
import type { KafkaError } from '../errors.ts'

export interface TopicWatcher {
  readonly onKnown: () => void
  readonly onFailed: (error: KafkaError) => void
}

/** Who wants to hear when a topic's partitions are known, or that they never will be. Each hears once. */
export class TopicWatchers {
  readonly #entries = new Set<{ readonly topic: Topic; readonly watcher: TopicWatcher }>()

  /** @returns what stops waiting */
  add(topic: Topic, watcher: TopicWatcher): () => void {
    const entry = { topic, watcher }
    this.#entries.add(entry)
    return () => void this.#entries.delete(entry)
  }

  onKnown(topic: Topic): void {
    for (const { onKnown } of this.#take(topic)) onKnown()
  }

  onFailed(topic: Topic, error: KafkaError): void {
    for (const { onFailed } of this.#take(topic)) onFailed(error)
  }

  failAll(error: KafkaError): void {
    const entries = [...this.#entries]
    this.#entries.clear()
    for (const { watcher } of entries) watcher.onFailed(error)
  }

  #take(topic: Topic): TopicWatcher[] {
    const taken: TopicWatcher[] = []
    for (const entry of this.#entries) {
      if (entry.topic !== topic) continue
      this.#entries.delete(entry)
      taken.push(entry.watcher)
    }
    return taken
  }
}
