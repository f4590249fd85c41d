import { emptyImage, imageOf } from './metadata-image.ts'
import type { MetadataView, TopicView } from './metadata-view.ts'
import type { Node } from './node.ts'
import type { Topic } from './topic.ts'

/** The truth: a cluster. */
interface Truth extends MetadataView {
  readonly topics: readonly Topic[]
}

/** What one broker knows of its cluster: everything, until it is told not to listen. */
export class BrokerMetadata implements MetadataView {
  readonly #nodeId: number
  readonly #cluster: Truth
  #known: MetadataView

  constructor(nodeId: number, cluster: Truth) {
    this.#nodeId = nodeId
    this.#cluster = cluster
    this.#known = cluster
  }

  get isStale(): boolean {
    return this.#known !== this.#cluster
  }

  get nodes(): readonly Node[] {
    return this.#known.nodes
  }

  get controllerId(): number {
    return this.#known.controllerId
  }

  get topics(): readonly TopicView[] {
    return this.#known.topics
  }

  node(nodeId: number): Node | undefined {
    return this.#known.node(nodeId)
  }

  topicNamed(name: string): TopicView | undefined {
    return this.#known.topicNamed(name)
  }

  topicWithId(id: string): TopicView | undefined {
    return this.#known.topicWithId(id)
  }

  /** From now on it hears of nothing. */
  freeze(): void {
    if (!this.isStale) this.#known = imageOf(this.#cluster)
  }

  /** It knows of no topic, as a broker that has only just started. */
  forget(): void {
    this.#known = emptyImage(this.#cluster.node(this.#nodeId), this.#cluster.controllerId)
  }

  catchUp(): void {
    this.#known = this.#cluster
  }
}
