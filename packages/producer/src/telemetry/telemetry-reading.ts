import { type MetricReading, metricReadings } from '../observe/metric-readings.ts'
import type { Metrics } from '../observe/metrics.ts'

/** The value of a metric under its name for brokers. */
export interface TelemetryReading {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Tells it from all others. */
  readonly key: string
  readonly value: number
  /** It counts from the beginning on, and never falls. */
  readonly isCounter: boolean
}

const PREFIXES = {
  producer: 'org.apache.kafka.producer',
  node: 'org.apache.kafka.producer.node',
  topic: 'org.apache.kafka.producer.topic',
} as const

const ORDER = Object.keys(PREFIXES)

/**
 * All metrics that have a value, those of the producer first, then of brokers, then of topics: where not all can be
 * told, the first are.
 *
 * @source KIP-714, Kafka TelemetryMetricNamingConvention
 */
export function telemetryReadings(metrics: Metrics): TelemetryReading[] {
  return metricReadings(metrics)
    .filter(({ value }) => !Number.isNaN(value)) // else there was nothing to measure
    .toSorted((one, other) => ORDER.indexOf(one.scope) - ORDER.indexOf(other.scope))
    .map((reading) => {
      const { scope, of, name: metric, value } = reading
      const name = `${PREFIXES[scope]}.${metric.replaceAll('-', '.')}`
      return { name, labels: labelsOf(reading), key: `${name} ${of}`, value, isCounter: metric.endsWith('-total') }
    })
}

function labelsOf({ scope, of }: MetricReading): Record<string, string> {
  switch (scope) {
    case 'producer':
      return {}
    case 'node':
      return { node_id: `node-${of}` }
    case 'topic':
      return { topic: of }
  }
}
