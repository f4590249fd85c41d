import { type Metrics, topicMetricNames } from '@linger/producer'
import {
  type Attributes,
  type BatchObservableResult,
  type Meter,
  type MeterProvider,
  metrics as registered,
  type Observable,
} from '@opentelemetry/api'

/** A producer, or whatever has metrics like one. */
export interface ObservedProducer {
  metrics(): Metrics
}

export interface ObserveOptions {
  /** Default: the one that is registered. */
  readonly meterProvider?: MeterProvider
  /** For every value: what tells this producer from others, `{ 'client-id': 'orders' }`. */
  readonly attributes?: Attributes
}

/**
 * Gives a producer's metrics to OpenTelemetry, each time that it collects: `kafka.producer.record_send_total` and so on,
 * those of topics and brokers with the attribute `topic` or `node-id` as `kafka.producer.topic.*` and
 * `kafka.producer.node.*`. Totals are counters, the rest gauges.
 *
 * @returns what ends that
 */
export function observeProducer(producer: ObservedProducer, options: ObserveOptions = {}): () => void {
  const { attributes = {} } = options
  const meter = (options.meterProvider ?? registered).getMeter('@linger/opentelemetry')
  const instruments = instrumentsFor(meter, producer.metrics())
  const observe = (result: BatchObservableResult): void => {
    for (const { name, value, of } of readings(producer.metrics())) {
      const instrument = instruments.get(name)
      // NaN: there was nothing to measure.
      if (instrument !== undefined && !Number.isNaN(value)) result.observe(instrument, value, { ...attributes, ...of })
    }
  }
  const all = [...instruments.values()]
  meter.addBatchObservableCallback(observe, all)
  return () => meter.removeBatchObservableCallback(observe, all)
}

interface Reading {
  readonly name: string
  readonly value: number
  readonly of: Attributes
}

function readings({ producer, topics, nodes }: Metrics): Reading[] {
  return [
    ...readingsOf('kafka.producer', producer, {}),
    ...Object.entries(topics).flatMap(([topic, values]) => readingsOf('kafka.producer.topic', values, { topic })),
    ...Object.entries(nodes).flatMap(([node, values]) =>
      readingsOf('kafka.producer.node', values, { 'node-id': node }),
    ),
  ]
}

function readingsOf(prefix: string, values: object, of: Attributes): Reading[] {
  return Object.entries(values).map(([name, value]) => ({
    name: nameOf(prefix, name),
    value: Number(value),
    of,
  }))
}

function nameOf(prefix: string, name: string): string {
  return `${prefix}.${name.replaceAll('-', '_')}`
}

/** Topics come later. Bootstrap servers are there from the beginning, and stand for all brokers. */
function instrumentsFor(meter: Meter, metrics: Metrics): Map<string, Observable> {
  const ofTopics = topicMetricNames.map((name) => nameOf('kafka.producer.topic', name))
  const names = [...readings(metrics).map(({ name }) => name), ...ofTopics]
  return new Map(
    [...new Set(names)].map((name) => [
      name,
      name.endsWith('_total') ? meter.createObservableCounter(name) : meter.createObservableGauge(name),
    ]),
  )
}
