import type { Metrics } from '@linger/producer'

/** One value, as Prometheus names it. */
export interface Reading {
  readonly name: string
  readonly value: number
  /** What it is of: a topic or a broker, or the producer as a whole. */
  readonly labels: Readonly<Record<string, string>>
}

export function readingsOf({ producer, topics, nodes }: Metrics): Reading[] {
  return [
    ...named('kafka_producer', producer, {}),
    ...Object.entries(topics).flatMap(([topic, values]) => named('kafka_producer_topic', values, { topic })),
    ...Object.entries(nodes).flatMap(([node, values]) => named('kafka_producer_node', values, { node_id: node })),
  ]
}

function named(prefix: string, values: object, labels: Reading['labels']): Reading[] {
  return Object.entries(values).map(([name, value]) => ({
    name: `${prefix}_${name.replaceAll('-', '_')}`,
    value: Number(value),
    labels,
  }))
}
