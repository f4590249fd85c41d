export interface RequestedPartition {
  /** What the answer calls the topic: its name, or its id. */
  readonly topicKey: string | undefined
  readonly index: number
}

/** Where each partition stands in a request, to find what an answer is about. */
export class PartitionPositions {
  readonly #requested: readonly RequestedPartition[]
  /** By topic, then by partition. Made when it is first needed. */
  #positions: ReadonlyMap<string | undefined, ReadonlyMap<number, number>> | undefined

  constructor(requested: readonly RequestedPartition[]) {
    this.#requested = requested
  }

  /**
   * An answer in the order of the request needs no search. Kafka's come in that of a hash table.
   *
   * @param expected the position that comes next in the order of the request
   * @returns -1 for a partition that was not asked for
   */
  find(expected: number, topicKey: string, index: number): number {
    const next = this.#requested[expected]
    if (next !== undefined && next.index === index && next.topicKey === topicKey) return expected
    this.#positions ??= positionsOf(this.#requested)
    return this.#positions.get(topicKey)?.get(index) ?? -1
  }
}

function positionsOf(requested: readonly RequestedPartition[]): Map<string | undefined, Map<number, number>> {
  const positions = new Map<string | undefined, Map<number, number>>()
  for (const [at, { topicKey, index }] of requested.entries()) {
    const inTopic = positions.get(topicKey) ?? new Map<number, number>()
    positions.set(topicKey, inTopic.set(index, at))
  }
  return positions
}
