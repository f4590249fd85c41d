/** A partition of a transaction. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

/** In the order in which the topics come first. */
export function byTopic<T extends TopicPartition>(partitions: readonly T[]): [topic: string, partitions: T[]][] {
  const topics = new Map<string, T[]>()
  for (const partition of partitions) topics.set(partition.topic, [...(topics.get(partition.topic) ?? []), partition])
  return [...topics]
}
