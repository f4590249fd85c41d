import type { Cluster } from '@linger/broker'
import type { TopicHistory } from './check-delivery.ts'

/** What became of topics, and how those were called that are gone. */
export class TopicHistories implements TopicHistory {
  readonly #cluster: Cluster
  readonly #names = new Map<string, string>()
  readonly grown = new Set<string>()
  /** When. */
  readonly madeAnew = new Map<string, number>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** A topic that is gone keeps its name here. */
  nameOf(id: string): string {
    const name = this.#cluster.topicWithId(id)?.name ?? this.#names.get(id) ?? id
    this.#names.set(id, name)
    return name
  }
}
