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

const PREFIX = 'org.apache.kafka.producer'

/**
 * All metrics that have a value, those of the producer first, then of brokers, then of topics: where not all can be
 * told, the first are.
 *
 * @source KIP-714, Kafka TelemetryMetricNamingConvention
 */
export function telemetryReadings({ producer, nodes, topics }: Metrics): TelemetryReading[] {
  return [
    ...readingsOf(PREFIX, producer, {}, ''),
    ...Object.entries(nodes).flatMap(([id, values]) =>
      readingsOf(`${PREFIX}.node`, values, { node_id: `node-${id}` }, id),
    ),
    ...Object.entries(topics).flatMap(([topic, values]) => readingsOf(`${PREFIX}.topic`, values, { topic }, topic)),
  ]
}

function readingsOf(prefix: string, values: object, labels: Record<string, string>, of: string): TelemetryReading[] {
  const readings: TelemetryReading[] = []
  for (const [metric, given] of Object.entries(values)) {
    const value = Number(given)
    if (Number.isNaN(value)) continue // there was nothing to measure
    const name = `${prefix}.${metric.replaceAll('-', '.')}`
    readings.push({ name, labels, key: `${name} ${of}`, value, isCounter: metric.endsWith('-total') })
  }
  return readings
}
