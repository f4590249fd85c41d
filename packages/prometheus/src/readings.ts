import { metricReadings, type MetricReading, type Metrics, topicMetricNames } from '@linger/producer'

/** One value, as Prometheus names it. */
export interface Reading {
  readonly name: string
  readonly value: number
  /** What it is of: a topic or a broker, or the producer as a whole. */
  readonly labels: Readonly<Record<string, string>>
}

/** Topics come later, and a scrape shows only what was there before. Bootstrap servers stand for all brokers. */
export const topicReadings: readonly Reading[] = topicMetricNames.map((name) =>
  named({ name, value: NaN, scope: 'topic', of: '' }),
)

export function readingsOf(metrics: Metrics): Reading[] {
  return metricReadings(metrics).map((reading) => named(reading))
}

function named({ name, value, scope, of }: MetricReading): Reading {
  const own = name.replaceAll('-', '_')
  switch (scope) {
    case 'producer':
      return { name: `kafka_producer_${own}`, value, labels: {} }
    case 'topic':
      return { name: `kafka_producer_topic_${own}`, value, labels: { topic: of } }
    case 'node':
      return { name: `kafka_producer_node_${own}`, value, labels: { node_id: of } }
  }
}
