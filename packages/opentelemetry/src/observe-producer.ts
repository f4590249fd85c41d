import type { Metrics, TopicMetrics } from '@linger/producer'
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
    name: `${prefix}.${name.replaceAll('-', '_')}`,
    value: Number(value),
    of,
  }))
}

/** What is told of a topic that comes later. Bootstrap servers are there from the beginning, and stand for all brokers. */
const NO_TOPIC: TopicMetrics = {
  'record-send-rate': NaN,
  'record-send-total': NaN,
  'byte-rate': NaN,
  'byte-total': NaN,
  'compression-rate': NaN,
  'record-retry-rate': NaN,
  'record-retry-total': NaN,
  'record-error-rate': NaN,
  'record-error-total': NaN,
}

function instrumentsFor(meter: Meter, metrics: Metrics): Map<string, Observable> {
  const names = readings({ ...metrics, topics: { any: NO_TOPIC } }).map(({ name }) => name)
  return new Map(
    [...new Set(names)].map((name) => [
      name,
      name.endsWith('_total') ? meter.createObservableCounter(name) : meter.createObservableGauge(name),
    ]),
  )
}
