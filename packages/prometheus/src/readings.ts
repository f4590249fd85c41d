import { type Metrics, topicMetricNames } from '@linger/producer'

/** One value, as Prometheus names it. */
export interface Reading {
  readonly name: string
  readonly value: number
  /** What it is of: a topic or a broker, or the producer as a whole. */
  readonly labels: Readonly<Record<string, string>>
}

/** Topics come later, and a scrape shows only what was there before. Bootstrap servers stand for all brokers. */
export const topicReadings: readonly Reading[] = topicMetricNames.map((name) => ({
  name: nameOf('kafka_producer_topic', name),
  value: NaN,
  labels: { topic: '' },
}))

export function readingsOf({ producer, topics, nodes }: Metrics): Reading[] {
  return [
    ...named('kafka_producer', producer, {}),
    ...Object.entries(topics).flatMap(([topic, values]) => named('kafka_producer_topic', values, { topic })),
    ...Object.entries(nodes).flatMap(([node, values]) => named('kafka_producer_node', values, { node_id: node })),
  ]
}

function named(prefix: string, values: object, labels: Reading['labels']): Reading[] {
  return Object.entries(values).map(([name, value]) => ({
    name: nameOf(prefix, name),
    value: Number(value),
    labels,
  }))
}

function nameOf(prefix: string, name: string): string {
  return `${prefix}_${name.replaceAll('-', '_')}`
}
