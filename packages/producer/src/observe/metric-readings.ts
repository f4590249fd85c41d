import type { Metrics } from './metrics.ts'

/** One value of a snapshot, and what it is of. */
export interface MetricReading {
  /** Java's: 'record-send-total'. */
  readonly name: string
  /** NaN: there was nothing to measure. */
  readonly value: number
  readonly scope: 'producer' | 'topic' | 'node'
  /** The topic's name, or the node's id. '' for the producer as a whole. */
  readonly of: string
}

/** A snapshot value by value, for adapters that give it away under names of their own. */
export function metricReadings({ producer, topics, nodes }: Metrics): MetricReading[] {
  return [
    ...readingsOf('producer', '', producer),
    ...Object.entries(topics).flatMap(([topic, values]) => readingsOf('topic', topic, values)),
    ...Object.entries(nodes).flatMap(([node, values]) => readingsOf('node', node, values)),
  ]
}

function readingsOf(scope: MetricReading['scope'], of: string, values: object): MetricReading[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: Number(value), scope, of }))
}
